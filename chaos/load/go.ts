import { eventually } from '../../dev/testing/eventually.ts';
import type { Answer, Person } from '../../dev/testing/person.ts';

/** Through a fault: whoever is not answered asks again. */
export const patiently = { timeoutMs: 90_000, intervalMs: 500 };

/** Asks until the answer is one that says how it went; throws where the session is over. */
const untilTold = async <T>(ask: () => Promise<Answer<T>>, isTold: (status: number) => boolean): Promise<T> => {
  const { status, body } = await eventually(async () => {
    const answer = await ask();
    return (isTold(answer.status) || answer.status === 401) && answer;
  }, patiently);
  if (status === 401) throw new Error('signed out already');
  return body;
};

/** Where the session of this person is ended. */
export const logoutUrlOf = async (person: Person): Promise<string> => {
  const ask = () => person.call<{ logoutUrl: string }>('GET', '/bff/user?slide=false');
  return (await untilTold(ask, (status) => status === 200)).logoutUrl;
};

export const endSession = async (person: Person, logoutUrl: string): Promise<void> => {
  await untilTold(
    () => person.call('GET', logoutUrl),
    (status) => status < 400,
  );
};

export const leaveConversation = async (person: Person, c: string): Promise<void> => {
  await untilTold(
    () => person.call('POST', `/api/conversations/conversations/${c}/leave`),
    // Not found: it was done, and the answer was lost.
    (status) => status === 204 || status === 404,
  );
};
