import { Me } from '@chatapp/contract/shapes';
import type { Log } from '@chatapp/service/log';
import type { ServiceClient } from '@chatapp/service/service-client';

/** Tells the directory of users about a person; answers them as the directory has them, or undefined when it did not answer in time. */
export type Register = (me: Me) => Promise<Me | undefined>;

const deadlineMs = 1500;

/** Signing in does not wait for the directory: what fails here is tried again whenever the page asks who is signed in. */
export const createRegister =
  (conversations: ServiceClient, log: Log): Register =>
  async ({ id, name, email, emailVerified, avatarUrl }) => {
    try {
      return await conversations({
        method: 'PUT',
        path: `/internal/users/${id}`,
        scope: 'conversations:users.write',
        body: { name, email, emailVerified, avatarUrl },
        answer: Me,
        deadlineMs,
      });
    } catch (error) {
      log.warn({ error, userId: id }, 'the directory does not know a person yet');
      return undefined;
    }
  };
