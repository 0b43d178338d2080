import type { ProblemCode } from '@chatapp/contract/problem';
import { type Act, may, roles } from '@chatapp/contract/roles';

/** Who asks. The first four are in the conversation, the next three are not, or no more; the last two are nobody's person. */
export const actors = [
  'owner',
  'admin',
  'member',
  'viewer',
  'exMember',
  'banned',
  'stranger',
  'machine',
  'anonymous',
] as const;
export type Actor = (typeof actors)[number];

/** Those from whom a conversation is hidden. */
export const outsiders = ['exMember', 'banned', 'stranger'] as const satisfies readonly Actor[];

/** What becomes of it: `ok`, or the code of the refusal. */
export type Outcome = 'ok' | ProblemCode;
export type Expected = Readonly<Record<Actor, Outcome>>;
/** Where it is about a thing that somebody made: what its own maker may, and what others may. */
export type Policy = Expected | Readonly<Record<'own' | 'others', Expected>>;

/** The same for whoever is signed in, whatever they are in the conversation. */
export const everyPerson = (outcome: Outcome): Expected => ({
  ...{ owner: outcome, admin: outcome, member: outcome, viewer: outcome },
  ...{ exMember: outcome, banned: outcome, stranger: outcome },
  ...{ machine: 'forbidden', anonymous: 'token-invalid' },
});

/** The same for every member; the conversation is hidden from all others. */
export const everyMember = (outcome: Outcome): Expected => ({
  ...everyPerson('not-found'),
  ...{ owner: outcome, admin: outcome, member: outcome, viewer: outcome },
});

/** For members what the table of roles says; the conversation is hidden from all others. */
export const byRole = (act: Act): Expected => {
  const refused = roles.filter((role) => !may(role, act)).map((role) => [role, 'forbidden' as const]);
  return { ...everyMember('ok'), ...Object.fromEntries(refused) };
};

/** For the services among themselves. */
export const machinesOnly: Expected = { ...everyPerson('forbidden'), machine: 'ok' };

/** For whoever comes, without a token too. */
export const anybody: Expected = { ...everyPerson('ok'), machine: 'ok', anonymous: 'ok' };

export interface PolicyCase<Name extends string> {
  readonly title: string;
  readonly name: Name;
  /** Whose thing it is about, where that counts. */
  readonly whose: 'own' | 'others' | undefined;
  readonly expected: Expected;
}

/** The rows of a policy table, one for each whose. */
export const casesOf = <Name extends string>(policies: Readonly<Record<Name, Policy>>): PolicyCase<Name>[] =>
  (Object.entries(policies) as [Name, Policy][]).flatMap(([name, policy]): PolicyCase<Name>[] =>
    'own' in policy
      ? (['own', 'others'] as const).map((whose) => ({
          ...{ title: `${name} (${whose})`, name, whose, expected: policy[whose] },
        }))
      : [{ title: name, name, whose: undefined, expected: policy }],
  );

/** The names of an app's routes, as `RouteNames` writes them. */
export const routeNames = (routes: readonly { readonly method: string; readonly path: string }[]): string[] =>
  routes.map(({ method, path }) => `${method} ${path.replace(/(?<=.)\/$/, '')}`);

/** An answer byte for byte, but for the id of its request. */
export const bytesOf = (answer: { status: number; headers: Headers; text: string }): string => {
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
  const requestId = answer.headers.get('x-request-id');
  if (requestId === null) throw new Error('an answer without a request id');
  return [answer.status, ...headers.sort(), answer.text].join('\n').replaceAll(requestId, '(its own)');
};

const gapRoundsMax = 100;
const gapMaxMs = 2;

/**
 * Whether two answers take equally long: the fastest of each, taken in turn, are less than 2 ms apart. What else a busy machine does only adds to a time, so
 * the fastest ones come near to what the answers themselves take, and nearer the more there are: a wider gap is given up after a hundred of each.
 */
export const takeTheSameTime = async (one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<boolean> => {
  const fastest = { one: Number.POSITIVE_INFINITY, other: Number.POSITIVE_INFINITY };
  for (let round = 1; round <= gapRoundsMax; round++) {
    fastest.one = Math.min(fastest.one, await timeOf(one));
    fastest.other = Math.min(fastest.other, await timeOf(other));
    if (round % 10 === 0 && Math.abs(fastest.one - fastest.other) < gapMaxMs) return true;
  }
  return false;
};

const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};
