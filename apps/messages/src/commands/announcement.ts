import { encodeAnswers, encodeChanges, type NodeAnswer, type PublishedChange } from '@chatapp/contract/changes';
import type { Push } from '@chatapp/contract/frames';
import { changesChannel, nodeChannel, shardOf } from '@chatapp/contract/shard';
import type { Change, Outcome } from './task.ts';

/** One PUBLISH. */
export interface Announcement {
  readonly channel: string;
  readonly payload: string;
}

/**
 * What is told after the commit: one announcement for all changes of a shard, each change encoded once as the frame that sockets
 * get, and one to each node whose commands were repeats or refused, or changed nothing that others see.
 */
export const announcementsOf = (outcomes: readonly Outcome[], shards: number): Announcement[] => {
  const changes = new Map<string, PublishedChange[]>();
  const answers = new Map<string, NodeAnswer[]>();
  for (const outcome of outcomes) {
    const { task, change, answer } = outcome;
    // Of a repeat the asker is answered apart: its frame was already shown to everybody.
    const carries = outcome.kind === 'saved' && change !== null;
    if (change) {
      const channel = changesChannel(shardOf(task.conversationId, shards));
      const origin = carries && task.origin ? { ...task.origin, answer: JSON.stringify(answer) } : null;
      push(changes, channel, { ...published(task.conversationId, change), origin });
      const receipt = receiptOf(task.conversationId, change);
      if (receipt) push(changes, channel, receipt);
    }
    if (!carries && task.origin) {
      const { node, connection, frame } = task.origin;
      push(answers, nodeChannel(node), { connection, frame, answer: JSON.stringify(answer) });
    }
  }
  return [
    ...Array.from(changes, ([channel, list]) => ({ channel, payload: encodeChanges(list) })),
    ...Array.from(answers, ([channel, list]) => ({ channel, payload: encodeAnswers(list) })),
  ];
};

const published = (c: string, change: Change): Omit<PublishedChange, 'origin'> => {
  switch (change.type) {
    case 'message': {
      const { rev, message } = change;
      return { topic: `c:${c}`, rev, frame: JSON.stringify({ e: 'message', c, rev, message } satisfies Push) };
    }
    case 'read': {
      const { userId, marker } = change;
      const frame = { e: 'read', c, userId, seq: marker.seq, markedUnread: marker.markedUnread } satisfies Push;
      return { topic: `u:${userId}`, rev: 0, frame: JSON.stringify(frame) };
    }
    default:
      throw new TypeError(`no such change: ${(change satisfies never as Change).type}`);
  }
};

/** What the other members get to see of a marker: how far the person has read, and not that it is flagged. */
const receiptOf = (c: string, change: Change): PublishedChange | undefined => {
  if (change.type !== 'read' || !change.isShown) return undefined;
  const { userId, marker } = change;
  const frame = JSON.stringify({ e: 'read', c, userId, seq: marker.seq } satisfies Push);
  return { topic: `c:${c}`, rev: 0, origin: null, frame };
};

const push = <T>(lists: Map<string, T[]>, key: string, item: T): void => {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
};
