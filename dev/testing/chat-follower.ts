import type { Push, Resumed } from '@chatapp/contract/frames';
import type { ChangesPage, MessagePage } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import type { ChatSocket } from './chat-socket.ts';
import { createTimeline, type Timeline } from './chat-timeline.ts';
import { failedReply, noting, unanswered } from './failed-request.ts';
import { canaryLength, type Note, type Road, textHash } from './history.ts';
import { type Answer, expectStatus } from './person.ts';

export interface FollowerOptions {
  readonly conversations: readonly string[];
  readonly note: Note;
  readonly get: <T>(path: string) => Promise<Answer<T>>;
  /** A hole could not be filled: the client must resume. */
  readonly onLost: () => void;
  readonly slim?: boolean;
}

export interface Follower {
  onPush(push: Push): void;
  /** Pushes are held from here until `resume` is through. */
  hold(): void;
  resume(socket: ChatSocket): Promise<void>;
  timeline(conversationId: string): Timeline | undefined;
}

/** "Catching up" of protocol.md, from the client's side: it never passes over a hole. */
export const createFollower = ({ conversations, note, get, onLost, slim = false }: FollowerOptions): Follower => {
  const timelines = new Map(conversations.map((c) => [c, createTimeline({ slim })]));
  let held: Push[] | undefined = [];

  const noteRepeat = (c: string, { seq, rev, id }: Message) => note({ k: 'repeat', c, seq, rev, id });

  const see = (c: string, timeline: Timeline, message: Message, via: Road) => {
    const { seq, rev, id, clientId, body } = message;
    if (!timeline.put(message)) return noteRepeat(c, message);
    // A body is empty in system messages and tombstones: they carry no canary.
    const canary = (body ?? '').slice(0, canaryLength);
    note({ k: 'seen', c, seq, rev, id, clientId, via, canary, text: textHash(body) });
  };

  /** Protocol.md: `to ≤ have` drop; `after ≤ have` apply and `have = to`; else fetch. */
  const apply = (c: string, page: Pick<ChangesPage, 'after' | 'to' | 'changes'>, via: Road) => {
    const timeline = timelines.get(c);
    // Whoever is shown what it does not follow says so to the judge.
    if (!timeline) for (const change of page.changes) see(c, createTimeline(), change, via);
    if (!timeline) return;
    if (page.to <= timeline.have) {
      for (const change of page.changes) noteRepeat(c, change);
      return;
    }
    if (page.after > timeline.have) {
      fillHole(c, timeline).catch(onLost);
      return;
    }
    for (const change of page.changes) see(c, timeline, change, via);
    timeline.have = page.to;
  };

  /** A page; it is noted where there was none to be had. */
  const read = <T>(op: string, path: string): Promise<T> =>
    noting(op, note, async () => expectStatus(await get<T>(path), 200).body);

  const fillHole = async (c: string, timeline: Timeline) => {
    if (timeline.filling) return;
    timeline.filling = true;
    try {
      for (let head = Number.POSITIVE_INFINITY; timeline.have < head; ) {
        const page = await read<ChangesPage>('HTTP changes', `${pathOf(c)}/changes?after=${timeline.have}`);
        apply(c, page, 'changes');
        head = page.headRev;
      }
    } finally {
      timeline.filling = false;
    }
  };

  /** After a reset: the whole history, because a judge wants to see all of it. */
  const reload = async (c: string) => {
    const timeline = timelines.get(c);
    if (!timeline) return;
    note({ k: 'reset', c });
    timeline.clear();
    timeline.have = 0;
    let have: number | undefined;
    for (let after = 0; ; ) {
      const page = await read<MessagePage>('HTTP history', `${pathOf(c)}/messages?after=${after}&limit=100`);
      have ??= page.headRev;
      for (const message of page.items) see(c, timeline, message, 'page');
      const last = page.items.at(-1)?.seq;
      if (last === undefined || last >= page.headSeq) break;
      after = last;
    }
    timeline.have = have ?? 0;
  };

  const askToResume = async (socket: ChatSocket, conversations: [string, number][]) => {
    const startedAt = performance.now();
    const reply = await socket.request('resume', { conversations }).catch(() => undefined);
    if (reply && 'ok' in reply) return (reply.ok as Resumed).conversations;
    const ms = Math.round(performance.now() - startedAt);
    note(reply ? failedReply('resume', reply.error, ms) : unanswered('resume', ms));
    throw new Error('not resumed');
  };

  const take = (push: Push) => {
    if (push.e === 'message') apply(push.c, { after: push.rev - 1, to: push.rev, changes: [push.message] }, 'push');
    else if (push.e === 'changes') apply(push.c, push, 'push');
  };

  return {
    onPush: (push) => (held ? void held.push(push) : take(push)),
    hold() {
      held = [];
    },
    async resume(socket) {
      const positions = [...timelines].map(([c, { have }]): [string, number] => [c, have]);
      for (const answer of await askToResume(socket, positions)) {
        const timeline = timelines.get(answer.c);
        if ('reset' in answer) await reload(answer.c);
        else if ('changes' in answer && timeline) {
          apply(answer.c, answer, 'resume');
          if (answer.to < answer.headRev) await fillHole(answer.c, timeline);
        }
      }
      const waiting = held ?? [];
      held = undefined;
      for (const push of waiting) take(push);
      note({ k: 'resumed' });
    },
    timeline: (c) => timelines.get(c),
  };
};

const pathOf = (c: string): string => `/api/messages/conversations/${c}`;
