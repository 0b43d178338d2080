import { decodeAnswers, decodeChanges } from '@chatapp/contract/changes';
import type { CommandAnswer, CommandOrigin } from '@chatapp/contract/commands';
import { changesChannel, nodeChannel } from '@chatapp/contract/shard';
import type { Redis } from 'ioredis';

export interface Answers {
  /** Where a command comes from whose answer is to be heard here. */
  origin(): CommandOrigin;
  /** What became of a command that was added from there; undefined where nobody says so in time. */
  of(origin: CommandOrigin): Promise<CommandAnswer | undefined>;
}

const connection = 'replay';

/** Hears what becomes of commands, as a node of realtime does. */
export const listenForAnswers = async (
  subscriber: Redis,
  { shards, answerMaxMs }: { readonly shards: number; readonly answerMaxMs: number },
): Promise<Answers> => {
  const node = crypto.randomUUID();
  const heard = new Map<number, PromiseWithResolvers<CommandAnswer>>();
  const answered = (frame: number, answer: string) => heard.get(frame)?.resolve(JSON.parse(answer) as CommandAnswer);
  const changes = Array.from({ length: shards }, (_, shard) => changesChannel(shard));
  subscriber.on('message', (channel: string, text: string) => {
    if (channel === nodeChannel(node)) {
      for (const { frame, answer } of decodeAnswers(text)) answered(frame, answer);
    } else if (changes.includes(channel)) {
      for (const { origin } of decodeChanges(text)) if (origin?.node === node) answered(origin.frame, origin.answer);
    }
  });
  await subscriber.subscribe(nodeChannel(node), ...changes);
  return {
    origin() {
      const frame = heard.size;
      heard.set(frame, Promise.withResolvers());
      return { node, connection, frame };
    },
    async of({ frame }) {
      const late = Promise.withResolvers<undefined>();
      const timer = setTimeout(late.resolve, answerMaxMs);
      const answer = await Promise.race([heard.get(frame)?.promise, late.promise]);
      clearTimeout(timer);
      return answer;
    },
  };
};
