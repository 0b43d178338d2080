import { decodeAnswers, decodeChanges, type PublishedChange } from '@chatapp/contract/changes';
import type { Command, CommandAnswer } from '@chatapp/contract/commands';
import { changesChannel, nodeChannel, shardOf } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { addCommands } from '../commands/command-stream-store.ts';

export interface TestNode {
  /** All that was published, in order of arrival. */
  readonly changes: PublishedChange[];
  /** Adds commands in one entry a shard, in the name of this node's connection; answers by clientId come through `answer`. */
  ask(...commands: Command[]): Promise<void>;
  /** The last answer to a command of this node, by whichever channel, once it has `count` (1). */
  answer(command: Command, count?: number): Promise<CommandAnswer>;
  /** All answers to a command so far. */
  answers(command: Command): readonly CommandAnswer[];
  /** Called with each change as it arrives. */
  onChange: ((change: PublishedChange) => void) | undefined;
  close(): void;
}

/** What a realtime node is to messages: it adds commands and hears what became of them. */
export const testNode = async (redisUrl: string, shards: number): Promise<TestNode> => {
  const id = crypto.randomUUID();
  const redis = connectRedis({ url: redisUrl, role: 'commands', log: silentLog() });
  const subscriber = connectRedis({ url: redisUrl, role: 'subscriber', log: silentLog() });
  await Promise.all([redisReady(redis), redisReady(subscriber)]);
  const frames = new Map<string, number>();
  const answered = new Map<number, CommandAnswer[]>();
  const note = (frame: number, answer: string) =>
    answered.set(frame, [...(answered.get(frame) ?? []), JSON.parse(answer) as CommandAnswer]);

  const node: TestNode = {
    changes: [],
    onChange: undefined,
    async ask(...commands) {
      const asked = commands.map((command) => {
        const frame = frames.get(command.clientId) ?? frames.size;
        frames.set(command.clientId, frame);
        return { ...command, origin: { node: id, connection: 'k', frame } };
      });
      for (const [shard, list] of Map.groupBy(asked, (command) => shardOf(command.conversationId, shards))) {
        await addCommands(redis, shard, list);
      }
    },
    answer: (command, count = 1) =>
      eventually(() => node.answers(command)[count - 1] && node.answers(command).at(-1), {
        timeoutMs: 20_000,
        intervalMs: 2,
        what: `an answer to ${command.op}`,
      }),
    answers: (command) => answered.get(frames.get(command.clientId) ?? -1) ?? [],
    close() {
      redis.disconnect();
      subscriber.disconnect();
    },
  };

  subscriber.on('message', (channel: string, text: string) => {
    if (channel === nodeChannel(id)) {
      for (const { frame, answer } of decodeAnswers(text)) note(frame, answer);
      return;
    }
    for (const change of decodeChanges(text)) {
      node.changes.push(change);
      node.onChange?.(change);
      if (change.origin?.node === id) note(change.origin.frame, change.origin.answer);
    }
  });
  await subscriber.subscribe(nodeChannel(id), ...Array.from({ length: shards }, (_, shard) => changesChannel(shard)));
  return node;
};
