import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import { type Chat, startChat } from '../apps/realtime/testing/chat.ts';
import { eventually } from '../dev/testing/eventually.ts';
import type { Person } from '../dev/testing/person.ts';
import { pythonWithWebSockets } from '../dev/testing/python.ts';
import { reapProcess } from '../dev/testing/reaper.ts';

/** What a client does, one after another. */
type Step =
  | { readonly do: 'text'; readonly text: string }
  | { readonly do: 'binary'; readonly base64: string }
  | { readonly do: 'fragments'; readonly parts: readonly string[]; readonly ping?: string }
  | { readonly do: 'ping' | 'pong'; readonly payload: string }
  | { readonly do: 'close'; readonly code?: number; readonly reason?: string }
  | { readonly do: 'until'; readonly count: number }
  | { readonly do: 'quiet' | 'vanish' };
type Event = readonly [what: string, ...details: (string | number)[]];

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');
const ping = (id: number) => JSON.stringify({ id, op: 'ping' });
/** The same request with spaces until the frame has so many bytes. */
const padded = (bytes: number) => ping(1).padEnd(bytes, ' ');
const inParts = (text: string | Uint8Array, ...ends: number[]): string[] => {
  const data = Buffer.from(text);
  return [0, ...ends].map((from, at) => base64(data.subarray(from, ends[at])));
};
const euro = Buffer.from(`{"id":1,"op":"€"}`);
const bye = [{ do: 'close', code: 1000, reason: 'bye' }] as const;
const hello: Event = ['hello'];
const answered: Event = ['answer', 1, 'ok'];
const byeBack: Event = ['closed', 1000, 'bye'];

interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What the service itself answers. */
  readonly expected: readonly Event[];
}

const afterHello = (...steps: Step[]): Step[] => [{ do: 'until', count: 1 }, ...steps];
const scenarios: readonly Scenario[] = [
  {
    name: 'a request in one frame',
    steps: afterHello({ do: 'text', text: ping(1) }, { do: 'until', count: 2 }, ...bye),
    expected: [hello, answered, byeBack],
  },
  {
    name: 'a request in three fragments',
    steps: afterHello({ do: 'fragments', parts: inParts(ping(1), 3, 9) }, { do: 'until', count: 2 }, ...bye),
    expected: [hello, answered, byeBack],
  },
  {
    name: 'a request in a fragment a byte, empty ones among them',
    steps: afterHello(
      {
        do: 'fragments',
        parts: [
          '',
          ...inParts(
            ping(1),
            ...ping(1)
              .split('')
              .map((_, at) => at + 1),
          ),
          '',
        ],
      },
      { do: 'until', count: 2 },
      ...bye,
    ),
    expected: [hello, answered, byeBack],
  },
  {
    name: 'pings between the fragments of a request',
    steps: afterHello(
      { do: 'fragments', parts: inParts(ping(1), 5), ping: 'between' },
      { do: 'until', count: 3 },
      ...bye,
    ),
    expected: [hello, ['pong', 'between'], answered, byeBack],
  },
  {
    name: 'the longest ping, and an empty one',
    steps: afterHello(
      { do: 'ping', payload: 'p'.repeat(125) },
      { do: 'until', count: 2 },
      { do: 'ping', payload: '' },
      { do: 'quiet' },
      ...bye,
    ),
    expected: [hello, ['pong', 'p'.repeat(125)], ['pong', ''], byeBack],
  },
  {
    name: 'a pong that nobody asked for',
    steps: afterHello({ do: 'pong', payload: 'x' }, { do: 'text', text: ping(1) }, { do: 'until', count: 2 }, ...bye),
    expected: [hello, answered, byeBack],
  },
  {
    name: 'a character cut by the end of a fragment',
    steps: afterHello(
      { do: 'fragments', parts: inParts(euro, euro.indexOf('€') + 1) },
      { do: 'until', count: 2 },
      ...bye,
    ),
    expected: [hello, ['answer', 1, 'malformed'], byeBack],
  },
  {
    name: 'text that is no UTF-8',
    steps: afterHello({ do: 'fragments', parts: [base64(Uint8Array.of(0x7b, 0xff, 0x7d))] }),
    expected: [hello, ['closed', 1007]],
  },
  {
    name: 'text that is no UTF-8 over two fragments',
    steps: afterHello({ do: 'fragments', parts: inParts(Uint8Array.of(0x22, 0xe2, 0x22, 0x22), 2) }),
    expected: [hello, ['closed', 1007]],
  },
  {
    name: 'half of a pair of surrogates',
    steps: afterHello({ do: 'fragments', parts: [base64(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))] }),
    expected: [hello, ['closed', 1007]],
  },
  {
    name: 'the longest frame there may be',
    steps: afterHello({ do: 'text', text: padded(limits.frameBytesMax) }, { do: 'until', count: 2 }, ...bye),
    expected: [hello, answered, byeBack],
  },
  {
    name: 'a frame that is one byte longer',
    steps: afterHello({ do: 'text', text: padded(limits.frameBytesMax + 1) }),
    expected: [hello, ['closed', 1009]],
  },
  {
    name: 'fragments that are longer together',
    steps: afterHello({ do: 'fragments', parts: inParts(padded(limits.frameBytesMax + 1), 40_000) }),
    expected: [hello, ['closed', 1009]],
  },
  {
    name: 'a binary frame',
    steps: afterHello({ do: 'binary', base64: base64(ping(1)) }),
    expected: [hello, ['closed', 4510, 'not text']],
  },
  {
    name: 'an empty frame',
    steps: afterHello({ do: 'text', text: '' }),
    expected: [hello, ['closed', 4510, 'not a JSON object']],
  },
  {
    name: 'a request without an id',
    steps: afterHello({ do: 'text', text: '{"op":"ping"}' }),
    expected: [hello, ['closed', 4510, 'no frame id']],
  },
  ...[1000, 1001, 3000, 4000, 4999].map((code) => ({
    name: `a close with ${code}`,
    steps: afterHello({ do: 'close', code, reason: 'a reason of ours, grüße' }),
    expected: [hello, ['closed', code, 'a reason of ours, grüße']] as const,
  })),
];

/** A client's program, which plays one scenario a line. */
const startClient = (command: readonly string[]) => {
  const child = Bun.spawn([...command], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit', cwd: import.meta.dir });
  const ended = reapProcess(child.pid);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    async play(scenario: object): Promise<Event[]> {
      child.stdin.write(`${JSON.stringify(scenario)}\n`);
      child.stdin.flush();
      while (!rest.includes('\n')) {
        const { value, done } = await lines.read();
        if (done) throw new Error('the client ended');
        rest += value;
      }
      const [line = '', ...more] = rest.split('\n');
      rest = more.join('\n');
      return JSON.parse(line) as Event[];
    },
    async stop() {
      child.kill('SIGKILL');
      await child.exited;
      ended();
    },
  };
};
type Client = ReturnType<typeof startClient>;

const python = pythonWithWebSockets();
const clients = [
  { name: 'ws', command: Bun.which('node') ? ['node', 'clients/node-client.mjs'] : undefined },
  { name: 'python3-websockets', command: python === undefined ? undefined : [python, 'clients/python_client.py'] },
];

let chat: Chat;
let ann: Person;
beforeAll(async () => {
  chat = await startChat();
  ann = await chat.signIn('ann');
}, 60_000);
afterAll(() => chat.stop());

const node = () => {
  const [first] = chat.nodes;
  if (first === undefined) throw new Error('there is no node');
  return first;
};

type Way = 'direct' | 'relayed';
/** Where a socket is opened, with a ticket of its own. */
const opening = async (way: Way) => {
  const { ticket } = await ann.ticket();
  const at = way === 'direct' ? node().url : ann.url;
  const headers = { origin: ann.url, ...(way === 'relayed' ? { cookie: ann.cookies.header(ann.url) } : {}) };
  return { url: `${at.replace('http', 'ws')}/realtime?ticket=${ticket}`, headers };
};

/** Without what differs each time and what comes by itself. */
const plain = (events: readonly Event[]): Event[] =>
  events.flatMap((event) => (event[0] === 'text' ? frames(String(event[1])) : [event]));
const frames = (text: string): Event[] =>
  [JSON.parse(text)].flat().flatMap((frame: { e?: string; re?: number; error?: { code: string } }): Event[] => {
    if (frame.re !== undefined) return [['answer', frame.re, frame.error?.code ?? 'ok']];
    return frame.e === 'hello' ? [hello] : [['push', frame.e ?? '']];
  });
/** Codes that the protocol gives have no reason that anybody may rely on. */
const comparable = (events: readonly Event[]): Event[] =>
  events.map((event) =>
    event[0] === 'closed' && Number(event[1]) > 1001 && Number(event[1]) < 3000
      ? (event.slice(0, 2) as unknown as Event)
      : event,
  );

const socketsOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^realtime_sockets\S* (\d+)/m.exec(text)?.[1] ?? Number.NaN);
};

/** That of an earlier test may still be closing. */
const nobodyIsThere = () => eventually(async () => (await socketsOf(node().url)) === 0);

for (const { name, command } of clients) {
  describe.skipIf(command === undefined)(`sockets by ${name}`, () => {
    let client: Client;
    beforeAll(() => {
      client = startClient(command ?? []);
    });
    afterAll(() => client.stop());
    const play = async (way: Way, steps: readonly Step[]) =>
      comparable(plain(await client.play({ ...(await opening(way)), steps })));

    it.each([...scenarios])('$name: the same through the relay as at the service', async ({ steps, expected }) => {
      const direct = await play('direct', steps);
      expect(direct).toEqual([...expected]);
      expect(await play('relayed', steps)).toEqual(direct);
    });

    it.each(['direct', 'relayed'] as const)('S37: one that vanishes leaves nothing behind (%s)', async (way) => {
      expect(await play(way, [{ do: 'until', count: 1 }, { do: 'vanish' }])).toEqual([hello, ['vanished']]);
      await nobodyIsThere();
    });

    it.each(['direct', 'relayed'] as const)('S38: is closed with 4501 when its session ends (%s)', async (way) => {
      const once = await chat.signIn('bob');
      const { ticket } = await once.ticket();
      const { url, headers } = await opening(way);
      const own = { url: url.replace(/ticket=.*/, `ticket=${ticket}`), headers: { origin: headers.origin } };
      await nobodyIsThere();
      const playing = client.play({ ...own, steps: [] });
      const { body } = await once.call<{ logoutUrl: string }>('GET', '/bff/user');
      await eventually(async () => (await socketsOf(node().url)) > 0);
      await once.call('GET', body.logoutUrl);
      expect(plain(await playing).at(-1)).toEqual(['closed', 4501, 'signed out']);
    });

    it.each(['direct', 'relayed'] as const)('is let in by nobody without a ticket that is good (%s)', async (way) => {
      const { url, headers } = await opening(way);
      const refused = { url: url.replace(/ticket=.*/, 'ticket=made-up'), headers, steps: [] };
      expect(await client.play(refused)).toEqual([['refused', 401]]);
    });

    // The one difference: who is cut off by the service is told so by a relay that is still there.
    it.each([
      ['direct', 1006],
      ['relayed', 1011],
    ] as const)('S37: is not left half open when the service is killed (%s: %i)', async (way, code) => {
      await nobodyIsThere();
      const playing = client.play({ ...(await opening(way)), steps: [] });
      await eventually(async () => (await socketsOf(node().url)) > 0);
      const at = performance.now();
      node().kill();
      expect(
        plain(await playing)
          .at(-1)
          ?.slice(0, 2),
      ).toEqual(['closed', code]);
      // A hang would take the five seconds that a client waits; e2e/session-end holds it to two.
      expect(performance.now() - at).toBeLessThan(4500);
      await node().start();
    });
  });
}
