import { join } from 'node:path';
import { type ChatSocket, openSocket } from '../dev/testing/chat-socket.ts';
import { eventually } from '../dev/testing/eventually.ts';
import type { Person } from '../dev/testing/person.ts';
import { testStack } from '../dev/testing/stack.ts';

/** Two of every service. Each BFF has an address of its own; people come to the one that they share. */
export const startTwo = async (env: Record<string, string> = {}) => {
  const stack = await testStack({ replicas: 2, env });
  const ports = (await Bun.file(join(stack.dataDir, 'ports.json')).json()) as Record<string, number>;
  return { stack, here: `http://localhost:${ports.bff}`, there: `http://localhost:${ports['bff-2']}` };
};
export type Two = Awaited<ReturnType<typeof startTwo>>;

/** A request of a person's browser to one of the BFFs. */
export const callAt = (at: string, { url, cookies }: Person, method: string, path: string): Promise<Response> =>
  fetch(`${at}${path}`, {
    method,
    redirect: 'manual',
    headers: { cookie: cookies.header(url), origin: url, 'x-csrf': '1' },
  });

/** Sockets of a person through both relays, of each so many that both nodes have some. */
export const openAll = async ({ here, there }: Two, person: Person): Promise<ChatSocket[]> => {
  const opened = [here, there, here, there, here, there, here, there].map(async (at) => {
    const socket = await openSocket(person, { url: `${at.replace('http', 'ws')}/realtime`, withCookie: true });
    await eventually(async () => 'ok' in (await socket.request('resume', { conversations: [] })));
    return socket;
  });
  return await Promise.all(opened);
};

/** How each socket ended, and how long after a moment. */
export const ends = (sockets: readonly ChatSocket[], at: number) =>
  Promise.all(
    sockets.map(async ({ closed }) => {
      const { code } = await closed;
      return { code, afterMs: performance.now() - at };
    }),
  );
