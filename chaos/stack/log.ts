import { join } from 'node:path';
import type { ChaosStack } from './stack.ts';

/** What a process wrote down; `level` and `msg` are of the services, `event` of the issuer. */
export interface LogLine {
  readonly at: number;
  readonly level?: number;
  readonly msg?: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

/** The lines of these processes from a moment on, in order of time. */
export const logSince = async (stack: ChaosStack, names: readonly string[], since: number): Promise<LogLine[]> => {
  const logs = await Promise.all(names.map((name) => linesOf(join(stack.logsDir, `${name}.log`))));
  return logs
    .flat()
    .filter(({ at }) => at >= since)
    .sort((one, other) => one.at - other.at);
};

/** pino's; what is as bad, or worse, is for whoever watches. */
export const warnLevel = 40;

const linesOf = async (file: string): Promise<LogLine[]> => {
  const text = await Bun.file(file)
    .text()
    .catch(() => '');
  return text.split('\n').flatMap(parsed);
};

/** What a runtime prints when it dies is no JSON, and says no time. */
const parsed = (line: string): LogLine[] => {
  if (!line.startsWith('{')) return [];
  try {
    const fields = JSON.parse(line) as { time: string };
    return [{ ...fields, at: Date.parse(fields.time) }];
  } catch {
    return [];
  }
};
