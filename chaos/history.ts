import type { HistoryEvent } from '../dev/testing/history.ts';

/** Reads a history of JSON lines; a last line that its writer did not finish is left out. */
export const readHistory = async (file: string): Promise<HistoryEvent[]> => {
  const text = await Bun.file(file).text();
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole === '' ? [] : (Bun.JSONL.parse(whole) as HistoryEvent[]);
};
