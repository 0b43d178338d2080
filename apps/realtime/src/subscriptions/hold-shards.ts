import type { Clock } from '@chatapp/resilience/clock';
import type { Messages } from './messages.ts';

const retryMs = 1000;

/** Asks messages until it answers for the first time, which says whether both have the same SHARDS: before that, commands may go where nobody reads. */
export const holdShards = async (
  messages: Pick<Messages, 'heads'>,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      await messages.heads([]);
      return;
    } catch {
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
};
