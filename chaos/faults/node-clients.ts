import { type ChatClient, startChatClient } from '../../dev/testing/chat-client.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { signIn } from '../../dev/testing/person.ts';
import type { Chaos } from '../fault.ts';
import { readHeads } from '../rows-store.ts';

/** Clients that are connected to one realtime node, past the BFF, which would take them to another node. */
export interface NodeClients {
  /** Resolves when each of them has what its conversations hold now; rejects after half a minute. */
  caughtUp(): Promise<void>;
  stop(): void;
}

interface NodeClient {
  readonly conversations: readonly string[];
  readonly client: ChatClient;
}

const firstPerson = 3;

/** So many of the load's people, each in a session of their own. */
export const connectToNode = async ({ stack, sql }: Chaos, node: string, count: number): Promise<NodeClients> => {
  const socketUrl = `${stack.address(node).replace(/^http/, 'ws')}/realtime`;
  const connect = async (at: number): Promise<NodeClient> => {
    const person = await signIn(stack.url, `load-${String(firstPerson + at).padStart(3, '0')}`);
    const { body } = await person.call<{ items: { id: string }[] }>('GET', '/api/conversations/conversations');
    const conversations = body.items.map(({ id }) => id);
    return { conversations, client: startChatClient({ person, conversations, socketUrl, slim: true }) };
  };
  const all = await Promise.all(Array.from({ length: count }, (_, at) => connect(at)));
  await eventually(() => all.every(({ client }) => client.isResumed), { timeoutMs: 20_000, what: 'all are connected' });
  return {
    async caughtUp() {
      const heads = await readHeads(sql, [...new Set(all.flatMap(({ conversations }) => conversations))]);
      const hasAll = ({ conversations, client }: NodeClient) =>
        client.isResumed && conversations.every((c) => client.position(c).have >= (heads.get(c) ?? 0));
      await eventually(() => all.every(hasAll), { timeoutMs: 30_000, what: 'all have what there is' });
    },
    stop() {
      for (const { client } of all) client.stop();
    },
  };
};
