import { join } from 'node:path';
import type { HistoryEvent } from '../dev/testing/history.ts';
import type { Row } from './checker/evidence.ts';

/** What all clients wrote, and what the database held in the end. */
export interface Recording {
  readonly events: readonly HistoryEvent[];
  readonly rows: readonly Row[];
}

/** As gzipped JSON lines. */
export const writeRecording = async (folder: string, { events, rows }: Recording): Promise<void> => {
  await write(join(folder, 'history.jsonl.gz'), events);
  await write(join(folder, 'rows.jsonl.gz'), rows);
};

export const readRecording = async (folder: string): Promise<Recording> => ({
  events: (await read(join(folder, 'history.jsonl.gz'))) as HistoryEvent[],
  rows: (await read(join(folder, 'rows.jsonl.gz'))) as Row[],
});

const write = (file: string, lines: readonly unknown[]): Promise<number> =>
  Bun.write(file, Bun.gzipSync(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))));

const read = async (file: string): Promise<unknown[]> =>
  Bun.JSONL.parse(new TextDecoder().decode(Bun.gunzipSync(await Bun.file(file).bytes())));
