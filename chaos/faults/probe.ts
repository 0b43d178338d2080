import { expectStatus, type Person, signIn } from '../../dev/testing/person.ts';

/** How one request of a probe went; `status` 0 where no answer came. */
export interface Probed {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly retryAfter: string | null;
}

export interface ProbeOptions {
  readonly method: 'GET' | 'POST';
  /** A function where each request has another one. */
  readonly path: string | (() => string);
  /** Of each request anew. */
  readonly body?: () => unknown;
  readonly perSecond: number;
}

/** Asks at a steady rate, however slowly it is answered, until stopped; then all answers are here. */
export const probe = (person: Person, options: ProbeOptions): { stop(): Promise<Probed[]> } => {
  const running: Promise<Probed>[] = [];
  const timer = setInterval(() => running.push(ask(person, options)), 1000 / options.perSecond);
  return {
    stop() {
      clearInterval(timer);
      return Promise.all(running);
    },
  };
};

/** A member of a conversation of the load, in a session of their own, and the path of that conversation's messages. */
export const member = async (url: string): Promise<{ person: Person; conversationId: string; path: string }> => {
  // One of those who stay.
  const person = await signIn(url, 'load-002');
  const mine = await person.call<{ items: { id: string }[] }>('GET', '/api/conversations/conversations');
  const c = expectStatus(mine, 200).body.items[0]?.id;
  if (c === undefined) throw new Error(`${person.login} is in no conversation`);
  return { person, conversationId: c, path: `/api/messages/conversations/${c}/messages` };
};

const ask = async (person: Person, { method, path, body }: ProbeOptions): Promise<Probed> => {
  const at = Date.now();
  const answer = await person.call(method, typeof path === 'string' ? path : path(), body?.()).catch(() => undefined);
  const retryAfter = answer?.headers.get('retry-after') ?? null;
  return { at, ms: Date.now() - at, status: answer?.status ?? 0, retryAfter };
};
