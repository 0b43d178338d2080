import { afterEach, describe, expect, it } from 'bun:test';
import { LazySignal } from '@chatapp/resilience/signal';
import type { Socket } from 'bun';
import { eventually } from '../../../../../dev/testing/eventually.ts';
import type { Answer } from './connection.ts';
import { createConnections } from './connections.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

type Peer = Socket<{ readonly number: number }>;

/** A server that does by hand what it is told with each request; connections are numbered from 1. */
const serve = (answer: (peer: Peer, request: string) => void) => {
  const peers: Peer[] = [];
  const listener = Bun.listen<{ readonly number: number }>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(peer) {
        peers.push(peer);
        peer.data = { number: peers.length };
      },
      data: (peer, bytes) => answer(peer, bytes.toString('latin1')),
    },
  });
  cleanUps.push(() => listener.stop(true));
  const connections = createConnections(`http://127.0.0.1:${listener.port}`, Date.now);
  const ask = (path = '/', signal = new LazySignal()) =>
    connections.ask({ isHead: false, text: `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n` }, signal);
  return { ask, peers, listener };
};

const fine = (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
/** Awaited by the test itself, so that one that never comes is a timeout. */
const errorOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const textOf = ({ body }: Answer) => new Response(body).text();

describe('kept connections', () => {
  it('are used again, one question at a time', async () => {
    const { ask, peers } = serve((peer, request) => {
      const answer = fine(`${peer.data.number} ${request.split(' ')[1]}`);
      setTimeout(() => peer.write(answer), 5);
    });
    expect(await textOf(await ask('/a'))).toBe('1 /a');
    const both = await Promise.all([ask('/b'), ask('/c')]);
    expect(await Promise.all(both.map(textOf))).toEqual(['1 /b', '2 /c']);
    expect(await textOf(await ask('/d'))).toEndWith(' /d');
    expect(peers).toHaveLength(2);
  });

  it.each([
    ['asks for it', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx'],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx'],
  ])('are closed where the server %s', async (_name, answer) => {
    const { ask, peers } = serve((peer) => peer.write(answer));
    for (let count = 0; count < 2; count++) expect(await textOf(await ask())).toBe('x');
    expect(peers).toHaveLength(2);
  });

  it('are replaced once where the server had closed them', async () => {
    const asked: number[] = [];
    const { ask, peers } = serve((peer) => {
      asked.push(peer.data.number);
      // The second question finds the first connection dying.
      if (peer.data.number === 1 && asked.length > 1) peer.terminate();
      else peer.write(fine('x'));
    });
    await ask();
    expect(await textOf(await ask())).toBe('x');
    expect([asked, peers.length]).toEqual([[1, 1, 2], 2]);
  });

  it('are not replaced where the answer had begun', async () => {
    let asked = 0;
    const { ask } = serve((peer) => {
      if (++asked === 1) return void peer.write(fine('x'));
      peer.write('HTTP/1.1 200');
      peer.flush();
      setTimeout(() => peer.end(), 5);
    });
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(asked).toBe(2);
  });

  it('answer with what came whole before they were reset, in the same turn', async () => {
    const { ask } = serve((peer) => {
      peer.write(fine('all of it'));
      peer.flush();
      peer.terminate();
    });
    expect(await textOf(await ask())).toBe('all of it');
  });

  it('take nothing for an answer that came before the question was sent', async () => {
    const { ask, peers } = serve((peer) => peer.write(fine(`${peer.data.number}`)));
    await ask();
    // Both in one turn: what the server says unasked is there when the next question is about to be written.
    peers[0]?.write(fine('poison'));
    peers[0]?.flush();
    const until = performance.now() + 50;
    while (performance.now() < until);
    expect(await textOf(await ask())).toBe('2');
    expect(peers).toHaveLength(2);
  });

  it('are forgotten when the server speaks unasked', async () => {
    const { ask, peers } = serve((peer) => peer.write(fine('x')));
    await ask();
    peers[0]?.write('HTTP/1.1 200 OK\r\n\r\n');
    await Bun.sleep(20);
    expect(await textOf(await ask())).toBe('x');
    expect(peers).toHaveLength(2);
  });
});

describe('a question', () => {
  it('that finds nobody says so', async () => {
    const { ask, listener } = serve(() => undefined);
    listener.stop(true);
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that is given up ends its connection', async () => {
    const closed = Promise.withResolvers<void>();
    const listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { data: () => undefined, close: () => closed.resolve() },
    });
    cleanUps.push(() => listener.stop(true));
    const signal = new LazySignal();
    const asked = createConnections(`http://127.0.0.1:${listener.port}`, Date.now).ask(
      { isHead: false, text: 'GET / HTTP/1.1\r\n\r\n' },
      signal,
    );
    setTimeout(() => signal.abort(new Error('gone')), 20);
    expect(await errorOf(asked)).toMatchObject({ message: 'gone' });
    await closed.promise;
  });

  it('whose answer is malformed is refused, and its connection not used again', async () => {
    const answers = ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx', fine('y')];
    const { ask, peers } = serve((peer) => peer.write(answers.shift() ?? ''));
    await expect(ask()).rejects.toThrow('no one length');
    expect(await textOf(await ask())).toBe('y');
    expect(peers).toHaveLength(2);
  });
});

describe('an answer that comes in pieces', () => {
  it('streams, and frees its connection at its end', async () => {
    const { ask, peers } = serve((peer) => {
      peer.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
      setTimeout(() => peer.write('1\r\nb\r\n'), 20);
      setTimeout(() => peer.write('0\r\n\r\n'), 40);
    });
    const answer = await ask();
    expect(answer.body).toBeInstanceOf(ReadableStream);
    expect(await textOf(answer)).toBe('ab');
    expect(await textOf(await ask())).toBe('ab');
    expect(peers).toHaveLength(1);
  });

  it('fails where the connection breaks in the middle', async () => {
    const { ask } = serve((peer) => {
      peer.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel');
      peer.flush();
      setTimeout(() => peer.end(), 20);
    });
    await expect(ask().then(textOf)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends with its connection where there is no other end', async () => {
    const { ask } = serve((peer) => {
      peer.write('HTTP/1.1 200 OK\r\n\r\nhel');
      setTimeout(() => peer.end('lo'), 20);
    });
    expect(await textOf(await ask())).toBe('hello');
  });

  it('is not taken for whole where the connection was reset instead of closed', async () => {
    const { ask } = serve((peer) => {
      peer.write('HTTP/1.1 200 OK\r\n\r\nhel');
      peer.flush();
      setTimeout(() => peer.terminate(), 20);
    });
    await expect(ask().then(textOf)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends its connection when nobody reads on, or its caller goes', async () => {
    let open = 0;
    const listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: () => void open++,
        data: (peer) => void peer.write('HTTP/1.1 200 OK\r\n\r\nx'),
        close: () => void open--,
      },
    });
    cleanUps.push(() => listener.stop(true));
    const connections = createConnections(`http://127.0.0.1:${listener.port}`, Date.now);
    const question = { isHead: false, text: 'GET / HTTP/1.1\r\n\r\n' };
    const { body } = await connections.ask(question, new LazySignal());
    await (body as ReadableStream).cancel();
    await eventually(() => open === 0);
    const signal = new LazySignal();
    const answer = await connections.ask(question, signal);
    signal.abort(new Error('gone'));
    expect(await errorOf(textOf(answer))).toMatchObject({ message: 'gone' });
    await eventually(() => open === 0);
  });

  it('waits at the server while nobody reads it', async () => {
    const piece = Buffer.alloc(65_536, 'x');
    const total = 400;
    let sent = 0;
    const more = (peer: Socket<unknown>) => {
      while (sent < total * piece.length) {
        const rest = piece.subarray(sent % piece.length);
        const written = peer.write(rest);
        sent += Math.max(0, written);
        if (written < rest.length) return;
      }
    };
    const listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data: (peer) => {
          peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total * piece.length}\r\n\r\n`);
          more(peer);
        },
        drain: more,
      },
    });
    cleanUps.push(() => listener.stop(true));
    const { body } = await createConnections(`http://127.0.0.1:${listener.port}`, Date.now).ask(
      { isHead: false, text: 'GET / HTTP/1.1\r\n\r\n' },
      new LazySignal(),
    );
    let before = -1;
    await eventually(
      () => {
        const still = sent === before;
        before = sent;
        return still && sent > 0;
      },
      { intervalMs: 200, timeoutMs: 10_000 },
    );
    expect(sent).toBeLessThan((total * piece.length) / 2);
    expect((await new Response(body).bytes()).length).toBe(total * piece.length);
  }, 20_000);
});
