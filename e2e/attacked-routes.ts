import type { Device } from '@chatapp/contract/http-bff';
import type { Message, Page } from '@chatapp/contract/shapes';
import { routeTable } from '../apps/bff/src/access/route-table.ts';
import { proxyRoutes } from '../apps/bff/src/proxy/routes.ts';
import { anybody, machinesOnly } from '../dev/testing/authorization.ts';
import { conversationsPolicies, messagesPolicies } from '../dev/testing/authorization-policies.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { createConversation, expectStatus, type Person } from '../dev/testing/person.ts';

/** A request that tells of a person or does something to them, if a page of another origin gets it through. */
export interface AttackedRoute {
  readonly method: string;
  /** Of what is the person's. */
  readonly path: string;
  /** The route, as the audit log names it. */
  readonly name: string;
  /** How it names the question that a browser asks before a request that no form could send. */
  readonly preflight: string;
}

/** What a person may ask of the services, by the route of the proxy that leads there. */
const served = Object.entries({ '/api/conversations/*': conversationsPolicies, '/api/messages/*': messagesPolicies })
  .flatMap(([proxied, policies]) => Object.entries(policies).map(([name, policy]) => ({ proxied, name, policy })))
  .filter(({ policy }) => policy !== anybody && policy !== machinesOnly)
  .map(({ proxied, name }) => {
    const [method = '', path = ''] = name.split(' ');
    return { name: `${method} ${proxied}`, path: proxied.replace('/*', path) };
  });

/**
 * Every route that the cookie opens, and behind the proxy every route of the services: of a conversation `Mine` of the person's, which is created for it, with
 * a message in it, and of the session that they are in. A new route is among them by itself.
 */
export const attackedRoutes = async (person: Person): Promise<readonly AttackedRoute[]> => {
  const belongings = await belongingsOf(person);
  return routeTable(proxyRoutes)
    .filter(({ opens }) => opens === 'session')
    .flatMap(({ method, path }) => {
      const name = `${method} ${path}`;
      const behind = served.filter((one) => one.name === name).map((one) => one.path);
      // No service has a route for HEAD, nor for a method that the proxy does not know.
      const paths = behind.length === 0 ? [path.replace('*', 'conversations')] : behind;
      return paths.map((one) => ({
        method: method === 'ALL' ? 'QUERY' : method,
        path: filled(one, belongings),
        name,
        preflight: path.endsWith('/*') ? `ALL ${path}` : 'OPTIONS (none)',
      }));
    });
};

/** What of a person the paths name. */
interface Belongings {
  readonly userId: string;
  readonly conversationId: string;
  /** Of a message of theirs. */
  readonly seq: number;
  readonly sessionId: string;
}

const belongingsOf = async (person: Person): Promise<Belongings> => {
  const { id: conversationId } = await createConversation(person, 'Mine');
  const messages = `/api/messages/conversations/${conversationId}/messages`;
  const message = { clientId: crypto.randomUUID(), body: 'Here.' };
  const { seq } = expectStatus(await person.call<Message>('POST', messages, message), 201).body;
  // The one that says who created it comes by itself.
  await eventually(async () => (await person.call<Page<Message>>('GET', messages)).body.items.length === 2);
  const { body } = await person.call<Page<Device>>('GET', '/bff/sessions');
  const sessionId = body.items.find(({ current }) => current)?.id ?? '';
  return { userId: person.userId, conversationId, seq, sessionId };
};

const filled = (path: string, { userId, conversationId, seq, sessionId }: Belongings): string =>
  path
    .replace('/sessions/:id', `/sessions/${sessionId}`)
    .replace('/users/:id', `/users/${userId}`)
    .replace(':id', conversationId)
    .replace(':userId', userId)
    .replace(':seq', String(seq))
    .replace(':emoji', encodeURIComponent('👍'))
    .replace(':token', 'A'.repeat(43))
    // Without these they answer that something is missing.
    .replace(/^\/bff\/sessions$/, '$&?others=true')
    .replace(/\/changes$/, '$&?after=0')
    .replace(/\/users$/, '$&?query=ann');
