import { type AnsweredOrigin, decodeAnswers, decodeChanges, type PublishedChange } from '@chatapp/contract/changes';
import type { Meter } from '@chatapp/service/meters';
import type { Waiting } from '../commands/waiting.ts';
import type { Served, ServedConversation } from './served.ts';

export interface FanOutOptions {
  readonly nodeId: string;
  readonly served: Served;
  readonly waiting: Waiting;
  /** Bun's native publish to all sockets of a topic on this node. */
  readonly publish: (topic: string, frame: string) => void;
  /** A change came before an earlier one. */
  readonly onMissing: (conversation: ServedConversation) => void;
  readonly published: Meter;
}

export interface FanOut {
  /** Takes the text of one publish on a `changes:{shard}` channel. Throws TypeError on anything else. */
  take(text: string): void;
  /** Takes the text of one publish on our `node:<id>` channel. */
  takeAnswers(text: string): void;
  /** Hands on frames of one conversation that are in turn. */
  passOn(conversation: ServedConversation, frames: readonly string[]): void;
}

/** The longest batch in one frame, characters; a longer one goes in several. */
const batchLengthMax = 65_536;

/** Routes what messages published: answers to their askers, frames to topics, those of a conversation in the order of `rev`. No frame is parsed. */
export const createFanOut = (options: FanOutOptions): FanOut => {
  const { nodeId, served, waiting, published } = options;

  const publish = (topic: string, frames: readonly string[]) => {
    for (const batch of batches(frames)) {
      options.publish(topic, batch);
      published.add();
    }
  };

  const inTurn = (conversation: ServedConversation, { rev, frame }: PublishedChange): string[] => {
    if (rev === 0) return [frame];
    const frames = conversation.order.accept(rev, frame);
    if (conversation.order.isMissing) options.onMissing(conversation);
    return frames;
  };

  return {
    take(text) {
      const byTopic = new Map<string, string[]>();
      const answers: AnsweredOrigin[] = [];
      for (const change of decodeChanges(text)) {
        const { origin, topic, frame } = change;
        if (origin?.node === nodeId) answers.push(origin);
        if (frame === '') continue;
        const conversation = topic.startsWith('c:') ? served.get(topic.slice(2)) : undefined;
        if (conversation !== undefined) add(byTopic, conversation.topic, inTurn(conversation, change));
        else if (topic.startsWith('u:')) add(byTopic, topic, [frame]);
      }
      for (const [topic, frames] of byTopic) publish(topic, frames);
      // Behind their pushes: a sender gets the push of its message and the answer in one write, and a write is most of what a delivery costs.
      for (const { connection, frame, answer } of answers) waiting.settle(connection, frame, answer);
    },
    takeAnswers(text) {
      for (const { connection, frame, answer } of decodeAnswers(text)) waiting.settle(connection, frame, answer);
    },
    passOn: (conversation, frames) => publish(conversation.topic, frames),
  };
};

const add = (byTopic: Map<string, string[]>, topic: string, frames: string[]): void => {
  if (frames.length === 0) return;
  const known = byTopic.get(topic);
  if (known === undefined) byTopic.set(topic, frames);
  else known.push(...frames);
};

/** Frames as they go over the wire: alone, or several as one array. */
export const batches = (frames: readonly string[]): readonly string[] => {
  if (frames.length <= 1) return frames;
  const out: string[] = [];
  let batch: string[] = [];
  let length = 0;
  const end = () => {
    const [only] = batch;
    if (only !== undefined) out.push(batch.length === 1 ? only : `[${batch.join(',')}]`);
    batch = [];
    length = 0;
  };
  for (const frame of frames) {
    if (length > 0 && length + frame.length > batchLengthMax) end();
    batch.push(frame);
    length += frame.length;
  }
  end();
  return out;
};
