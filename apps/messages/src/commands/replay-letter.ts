import { Command, type CommandAnswer } from '@chatapp/contract/commands';
import { BusEvent } from '@chatapp/contract/events';
import { shardOf } from '@chatapp/contract/shard';
import { appendEvents } from '@chatapp/service/event-stream';
import { compileSchema } from '@chatapp/service/schema';
import type { Redis } from 'ioredis';
import type { Answers } from './answer-store.ts';
import { addCommands } from './command-stream-store.ts';
import type { DeadLetter } from './dead-letter-store.ts';

export interface ReplayOptions {
  readonly redis: Redis;
  /** Of messages; undefined where it does not run. */
  readonly shards: number | undefined;
  readonly answers: Answers;
  readonly now: () => number;
}

/** Of a letter that is done nothing is left to do; the others are to be kept. `unheard`: nobody said what became of it. */
export type End = 'done' | 'kept' | 'unheard';

/** What became of a letter that was put back where it came from. */
export interface Replayed {
  readonly end: End;
  readonly said: string;
}

const AsCommand = compileSchema(Command);
export const AsEvent = compileSchema(BusEvent);

/** Puts a letter back where it came from: a command as if asked for now, an event as it was. Saved before, it is found as a repeat. */
export const replayLetter = async (letter: DeadLetter, options: ReplayOptions): Promise<Replayed> => {
  const content = contentOf(letter);
  if (letter.stream === 'events') {
    if (!AsEvent.check(content)) return unreadable;
    await appendEvents(options.redis, [content]);
    return { end: 'done', said: 'put back among the events' };
  }
  if (!AsCommand.check(content)) return unreadable;
  const { shards } = options;
  return shards === undefined ? unheard : becameOf(await askAgain(content, { ...options, shards }));
};

const unreadable: Replayed = { end: 'kept', said: 'cannot be read, so it cannot be replayed' };
const unheard: Replayed = {
  end: 'unheard',
  said: 'kept, as messages does not run on this Redis: start it, then replay again',
};

/** The asker is long gone: the answer is ours. */
const askAgain = async (command: Command, { redis, shards, answers, now }: ReplayOptions & { shards: number }) => {
  const origin = answers.origin();
  await addCommands(redis, shardOf(command.conversationId, shards), [{ ...command, at: now(), origin }]);
  return await answers.of(origin);
};

const becameOf = (answer: CommandAnswer | undefined): Replayed => {
  if (answer === undefined) return { end: 'unheard', said: 'asked for again, and nobody answered: it is kept' };
  if ('ok' in answer) return { end: 'done', said: 'replayed' };
  const { code, temporary } = answer.error;
  // Its right was lost after it was asked for, and nobody is there to ask for a new one.
  if (temporary) return { end: 'kept', said: `refused for now (${code}): it is kept` };
  if (code === 'internal') return { end: 'done', said: 'failed again, and was set aside anew' };
  return { end: 'done', said: `refused for good (${code})` };
};

export const contentOf = ({ payload }: DeadLetter): unknown => {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
};
