import { Id } from '@chatapp/contract/ids';
import { compileSchema } from '@chatapp/service/schema';
import { t } from 'elysia';
import type { Redis } from 'ioredis';
import { listenForAnswers } from './answer-store.ts';
import { type DeadLetter, type DeadStream, deadStreams, dropDead, listDead } from './dead-letter-store.ts';
import { readShards } from './lease-store.ts';
import { AsEvent, contentOf, type End, type ReplayOptions, replayLetter } from './replay-letter.ts';

const usage = `dead-letters list | show <id> | replay <id>… | drop <id>…   (all stands for every id)`;

export interface DeadLettersOptions {
  readonly redis: Redis;
  /** Of its own: there the answers to what is replayed are heard. */
  readonly subscriber: Redis;
  /** So long an answer is waited for. */
  readonly answerMaxMs: number;
  readonly now: () => number;
  readonly print: (line: string) => void;
}

type Act = 'show' | 'replay' | 'drop';
const isAct = (word: string): word is Act => ['show', 'replay', 'drop'].includes(word);

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
  if (ids.length === 0 || !isAct(act)) {
    options.print(usage);
    return false;
  }
  const chosen = ids.includes('all') ? letters : letters.filter((letter) => ids.includes(idOf(letter)));
  for (const id of ids) {
    if (id !== 'all' && !letters.some((letter) => idOf(letter) === id)) options.print(`${id}: there is none`);
  }
  // Never that of our environment: beside another SHARDS a command would wait where nobody reads, or get a second writer.
  const shards = await readShards(options.redis);
  const answers = await listenForAnswers(options.subscriber, { ...options, shards: shards ?? 0 });
  const ends: End[] = [];
  // Each in its turn. Where nobody answers nobody is there, and the others would wait for nothing.
  for (const letter of chosen)
    if (!ends.includes('unheard')) ends.push(await one(act, letter, { ...options, shards, answers }));
  if (ends.length < chosen.length) options.print(`${chosen.length - ends.length} more were left alone`);
  const isAll = ids.includes('all') || chosen.length === ids.length;
  return isAll && ends.length === chosen.length && ends.every((end) => end === 'done');
};

const one = async (act: Act, letter: DeadLetter, options: DeadLettersOptions & ReplayOptions): Promise<End> => {
  const tell = (said: string) => options.print(`${idOf(letter)}: ${said}`);
  switch (act) {
    case 'show':
      options.print(JSON.stringify({ ...letter, id: idOf(letter) }, null, 2));
      return 'done';
    case 'drop':
      await dropDead(options.redis, letter.stream, letter.id);
      tell('dropped');
      return 'done';
    case 'replay': {
      const { end, said } = await replayLetter(letter, options);
      if (end === 'done') await dropDead(options.redis, letter.stream, letter.id);
      tell(said);
      return end;
    }
    default:
      throw new TypeError(`no such act: ${act satisfies never}`);
  }
};

const Addressed = compileSchema(t.Object({ op: t.String(), conversationId: Id, clientId: Id }));

const allLetters = async (redis: Redis): Promise<DeadLetter[]> => {
  const streams = Object.keys(deadStreams) as DeadStream[];
  return (await Promise.all(streams.map((stream) => listDead(redis, stream)))).flat();
};

const idOf = ({ stream, id }: DeadLetter): string => `${stream}/${id}`;

/** What a letter is about, without its text. */
const subjectOf = (letter: DeadLetter): string => {
  const content = contentOf(letter);
  if (Addressed.check(content)) return `${content.op} in ${content.conversationId}`;
  return AsEvent.check(content) ? content.type : 'unreadable';
};
