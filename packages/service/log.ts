import pino, { type Logger } from 'pino';

export type Log = Logger;

/** JSON lines on standard output, or to `write`. Callers log ids and codes, never tokens, cookies or message text; the redaction is a second net. */
export const createLog = (options: { service: string; level: string; write?: (line: string) => void }): Log =>
  pino(
    {
      name: options.service,
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [
        '*.authorization',
        '*.cookie',
        '*.token',
        '*.accessToken',
        '*.refreshToken',
        '*.body',
        '*.password',
        '*.ticket',
      ],
      serializers: { error: describeError },
    },
    options.write === undefined ? pino.destination(1) : { write: options.write },
  );

/** What of an error may stand in a log: its chain of names, codes and messages, and where the first arose. */
export const describeError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause };
};

/** For tests and tools: nothing is written, not even by a child that is louder. */
export const silentLog = (): Log => pino({ level: 'silent' }, { write: () => undefined });
