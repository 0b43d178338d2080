import { BusEvent } from '@chatapp/contract/events';
import { Id } from '@chatapp/contract/ids';
import { shardOf } from '@chatapp/contract/shard';
import { appendEvents } from '@chatapp/service/event-stream';
import { compileSchema } from '@chatapp/service/schema';
import { t } from 'elysia';
import type { Redis } from 'ioredis';
import { addCommands } from './command-stream-store.ts';
import { type DeadLetter, type DeadStream, deadStreams, dropDead, listDead } from './dead-letter-store.ts';

const usage = `dead-letters list | show <id> | replay <id>… | drop <id>…   (all stands for every id)`;

export interface DeadLettersOptions {
  readonly redis: Redis;
  readonly shards: number;
  readonly now: () => number;
  readonly print: (line: string) => void;
}

/** What an operator does with what was set aside. Answers whether all of it could be done. */
export const runDeadLetters = async (words: readonly string[], options: DeadLettersOptions): Promise<boolean> => {
  const [act = 'list', ...ids] = words;
  const letters = await allLetters(options.redis);
  if (act === 'list') {
    for (const letter of letters)
      options.print(`${idOf(letter)}  ${letter.at}  ${letter.reason}  ${subjectOf(letter)}`);
    options.print(`${letters.length} dead letters`);
    return true;
  }
  if (ids.length === 0 || !['show', 'replay', 'drop'].includes(act)) {
    options.print(usage);
    return false;
  }
  const chosen = ids.includes('all') ? letters : letters.filter((letter) => ids.includes(idOf(letter)));
  for (const id of ids) {
    if (id !== 'all' && !letters.some((letter) => idOf(letter) === id)) options.print(`${id}: there is none`);
  }
  const done = [];
  for (const letter of chosen) done.push(await one(act, letter, options));
  return done.every(Boolean) && (ids.includes('all') || chosen.length === ids.length);
};

const one = async (act: string, letter: DeadLetter, options: DeadLettersOptions): Promise<boolean> => {
  if (act === 'show') {
    options.print(JSON.stringify({ ...letter, id: idOf(letter) }, null, 2));
    return true;
  }
  if (act === 'replay' && !(await replay(letter, options))) {
    options.print(`${idOf(letter)}: cannot be read, so it cannot be replayed`);
    return false;
  }
  await dropDead(options.redis, letter.stream, letter.id);
  options.print(`${idOf(letter)}: ${act === 'replay' ? 'replayed' : 'dropped'}`);
  return true;
};

const Addressed = compileSchema(t.Object({ op: t.String(), conversationId: Id, clientId: Id }));
const Event = compileSchema(BusEvent);

/** Puts a letter back where it came from: a command as if asked for now, an event as it was. Saved before, it is found as a repeat. */
const replay = async (letter: DeadLetter, { redis, shards, now }: DeadLettersOptions): Promise<boolean> => {
  const content = contentOf(letter);
  if (letter.stream === 'events') {
    if (!Event.check(content)) return false;
    await appendEvents(redis, [content]);
    return true;
  }
  if (!Addressed.check(content)) return false;
  // The asker is long gone.
  const command = { ...content, at: now(), origin: null };
  await addCommands(redis, shardOf(content.conversationId, shards), [command]);
  return true;
};

const allLetters = async (redis: Redis): Promise<DeadLetter[]> => {
  const streams = Object.keys(deadStreams) as DeadStream[];
  return (await Promise.all(streams.map((stream) => listDead(redis, stream)))).flat();
};

const idOf = ({ stream, id }: DeadLetter): string => `${stream}/${id}`;

/** What a letter is about, without its text. */
const subjectOf = (letter: DeadLetter): string => {
  const content = contentOf(letter);
  if (Addressed.check(content)) return `${content.op} in ${content.conversationId}`;
  return Event.check(content) ? content.type : 'unreadable';
};

const contentOf = ({ payload }: DeadLetter): unknown => {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
};
