import { Me } from '@chatapp/contract/shapes';
import type { Log } from '@chatapp/service/log';
import type { ServiceClient } from '@chatapp/service/service-client';

/** The directory of users. Each answers a person as it has them, or undefined where it did not answer in time. */
export interface Directory {
  /** Tells it about a person. */
  register(me: Me): Promise<Me | undefined>;
  /** Asks it about one whom it knows. */
  find(id: string): Promise<Me | undefined>;
}

const deadlineMs = 1500;
const request = { scope: 'conversations:users.write', answer: Me, deadlineMs } as const;

/** Neither signing in nor a page waits for the directory: what fails here is tried again whenever the page asks who is signed in. */
export const createDirectory = (conversations: ServiceClient, log: Log): Directory => ({
  async register({ id, name, email, emailVerified, avatarUrl }) {
    try {
      const body = { name, email, emailVerified, avatarUrl };
      return await conversations({ ...request, method: 'PUT', path: `/internal/users/${id}`, body });
    } catch (error) {
      log.warn({ error, userId: id }, 'the directory does not know a person yet');
      return undefined;
    }
  },
  async find(id) {
    const found = conversations({ ...request, method: 'GET', path: `/internal/users/${id}` }).catch((error) => {
      log.warn({ error, userId: id }, 'the directory does not say who a person is');
      return undefined;
    });
    // The token that goes along may take longer than the call: who is signed in is served without the issuer.
    return await Promise.race([found, Bun.sleep(deadlineMs).then(() => undefined)]);
  },
});
