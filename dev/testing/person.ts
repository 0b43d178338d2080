import type { RealtimeTicket, SignedInUser } from '@chatapp/contract/http-bff';
import type { Conversation, Invitation } from '@chatapp/contract/shapes';
import type { CookieJar } from '../issuer/cookie-jar.ts';
import { signInByForms } from '../issuer/sign-in.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else undefined. */
  readonly body: T;
}

/** A signed-in person at a BFF, over the bare protocol: what a browser's script can do, without the browser. */
export interface Person {
  readonly login: string;
  readonly userId: string;
  /** The BFF's address. */
  readonly url: string;
  readonly cookies: CookieJar;
  /** Sends with the session cookie and `X-CSRF: 1`; `headers` are added. */
  call<T = unknown>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  ticket(): Promise<RealtimeTicket>;
}

/** Longer than any deadline of a service: only a network that swallows lets a request take this long. */
const requestTimeoutMs = 15_000;

/** Signs in by following the forms, as a browser without script does, of the name `userAgent` where one is given. The password of the embedded people is their login. */
export const signIn = async (
  url: string,
  login: string,
  { userAgent }: { readonly userAgent?: string } = {},
): Promise<Person> => {
  const { cookies } = await signInByForms({
    startUrl: `${url}/bff/login?returnTo=/`,
    login,
    password: login,
    ...(userAgent === undefined ? {} : { fetch: (to, init) => fetch(to, withUserAgent(init, userAgent)) }),
  });
  const call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
      headers: {
        cookie: cookies.header(`${url}${path}`),
        'x-csrf': '1',
        origin: new URL(url).origin,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookies.take(new URL(`${url}${path}`), response);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : undefined) as T };
  };
  const signedIn = await call<SignedInUser>('GET', '/bff/user');
  if (signedIn.status !== 200) throw new Error(`${login} is not signed in: /bff/user answered ${signedIn.status}`);
  return {
    login,
    url,
    cookies,
    call,
    userId: signedIn.body.user.id,
    ticket: async () => expectStatus(await call<RealtimeTicket>('POST', '/bff/realtime-ticket'), 200, 201).body,
  };
};

const withUserAgent = (init: RequestInit, userAgent: string): RequestInit => {
  const headers = new Headers(init.headers);
  headers.set('user-agent', userAgent);
  return { ...init, headers };
};

export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    readonly answer: Answer<unknown>,
    statuses: readonly number[],
  ) {
    super(`expected ${statuses.join(' or ')}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

/** The answer, where it has one of the statuses; else an UnexpectedAnswer that shows it. */
export const expectStatus = <T>(answer: Answer<T>, ...statuses: number[]): Answer<T> => {
  if (statuses.includes(answer.status)) return answer;
  throw new UnexpectedAnswer(answer, statuses);
};

export const createConversation = async (owner: Person, name: string): Promise<Conversation> =>
  expectStatus(await owner.call<Conversation>('POST', '/api/conversations/conversations', { name }), 201).body;

export const invite = async (owner: Person, conversationId: string, userId: string): Promise<Invitation> =>
  expectStatus(
    await owner.call<Invitation>('POST', `/api/conversations/conversations/${conversationId}/invitations`, { userId }),
    201,
  ).body;

export const accept = async (invitee: Person, invitationId: string): Promise<void> => {
  expectStatus(await invitee.call('POST', `/api/conversations/invitations/${invitationId}/accept`), 200);
};

/** A conversation of all of them; the first one owns it. */
export const conversationOf = async (name: string, owner: Person, ...others: Person[]): Promise<Conversation> => {
  const conversation = await createConversation(owner, name);
  await Promise.all(
    others.map(async (other) => accept(other, (await invite(owner, conversation.id, other.userId)).id)),
  );
  return conversation;
};
