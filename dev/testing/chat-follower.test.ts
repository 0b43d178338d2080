import { describe, expect, it } from 'bun:test';
import type { Reply } from '@chatapp/contract/frames';
import type { Message } from '@chatapp/contract/shapes';
import { createFollower, type FollowerOptions } from './chat-follower.ts';
import type { ChatSocket } from './chat-socket.ts';
import { type Note, textHash } from './history.ts';
import type { Answer } from './person.ts';

const c = 'aaaaaaaa-room';
const message = (seq: number, more: Partial<Message> = {}): Message =>
  ({ seq, rev: seq, id: `m${seq}`, clientId: `k${seq}`, body: `aaaaaaaa ${seq}`, ...more }) as Message;
const page = (after: number, ...changes: Message[]) => {
  const to = changes.at(-1)?.rev ?? after;
  return { after, to, headRev: to, changes };
};
const answer = (status: number, body: unknown, headers = {}): Answer<unknown> => ({
  ...{ status, body, headers: new Headers(headers) },
});
const socketThat = (reply: () => Promise<unknown>): ChatSocket =>
  ({ request: async () => (await reply()) as Reply }) as unknown as ChatSocket;
const resumes = (...conversations: object[]) => socketThat(async () => ({ re: 1, ok: { conversations } }));

const follow = (get: () => Promise<Answer<unknown>> = async () => answer(404, {})) => {
  const noted: Parameters<Note>[0][] = [];
  let losses = 0;
  const follower = createFollower({
    conversations: [c],
    note: (event) => void noted.push(event),
    get: get as FollowerOptions['get'],
    onLost: () => losses++,
  });
  return { follower, noted, errors: () => noted.filter(({ k }) => k === 'error'), losses: () => losses };
};

describe('a follower', () => {
  const busy = answer(503, { code: 'unavailable' }, { 'retry-after': '1' });
  const failed = { k: 'error', status: 503, code: 'unavailable', ms: 0, retryAfterMs: 1000 } as const;

  it('notes that a hole could not be read', async () => {
    const answers = [answer(500, { code: 'internal' }), answer(200, page(0, message(1), message(2)))];
    const { follower, noted, errors, losses } = follow(async () => answers.shift() ?? busy);
    await follower.resume(resumes());
    follower.onPush({ e: 'message', c, rev: 2, message: message(2) } as never);
    await Bun.sleep(0);
    expect(errors()).toEqual([
      { k: 'error', op: 'HTTP changes', status: 500, code: 'internal', ms: expect.any(Number) },
    ]);
    expect(losses()).toBe(1);
    follower.onPush({ e: 'message', c, rev: 2, message: message(2) } as never);
    await Bun.sleep(0);
    expect(noted.filter(({ k }) => k === 'seen')).toHaveLength(2);
  });

  it('notes that the history could not be read after a reset, or was not answered', async () => {
    const reset = resumes({ c, reset: true });
    const refused = follow(async () => busy);
    await expect(refused.follower.resume(reset)).rejects.toThrow();
    expect(refused.errors()).toEqual([{ ...failed, op: 'HTTP history', ms: expect.any(Number) }]);
    const silent = follow(() => Promise.reject(new Error('timed out')));
    await expect(silent.follower.resume(reset)).rejects.toThrow();
    expect(silent.errors()).toMatchObject([{ op: 'HTTP history', status: 0, code: 'no-answer' }]);
  });

  it('leaves it to its client that the session has ended', async () => {
    const { follower, errors } = follow(async () => answer(401, { code: 'signed-out' }));
    await expect(follower.resume(resumes({ c, reset: true }))).rejects.toMatchObject({ answer: { status: 401 } });
    expect(errors()).toEqual([]);
  });

  it('notes a resume that was refused, or not answered', async () => {
    const { follower, errors } = follow();
    const error = { code: 'unavailable', temporary: true, retryAfterMs: 1000 };
    await expect(follower.resume(socketThat(async () => ({ re: 1, error })))).rejects.toThrow();
    await expect(follower.resume(socketThat(() => Promise.reject(new Error('closed'))))).rejects.toThrow();
    expect(errors()).toMatchObject([
      { ...failed, op: 'resume', ms: expect.any(Number) },
      { op: 'resume', status: 0, code: 'no-answer' },
    ]);
  });

  it('notes each state that came again, also of a page that it has', async () => {
    const { follower, noted } = follow();
    await follower.resume(resumes({ c, ...page(0, message(1), message(2)) }));
    follower.onPush({ e: 'message', c, rev: 2, message: message(2) } as never);
    follower.onPush({ e: 'changes', c, ...page(0, message(1), message(2)) } as never);
    expect(noted.flatMap((event) => (event.k === 'repeat' ? [event.seq] : []))).toEqual([2, 1, 2]);
  });

  it('notes of which text a state was, so that another shows', async () => {
    const { follower, noted } = follow();
    await follower.resume(resumes());
    const states = [message(1), message(1, { rev: 2, body: 'aaaaaaaa new' }), message(1, { rev: 3, body: '' })];
    for (const state of states) follower.onPush({ e: 'message', c, rev: state.rev, message: state } as never);
    const texts = noted.flatMap((event) => (event.k === 'seen' ? [event.text] : []));
    expect(texts).toEqual(['aaaaaaaa 1', 'aaaaaaaa new', null].map(textHash));
    expect(new Set(texts).size).toBe(3);
  });
});
