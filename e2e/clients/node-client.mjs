// Plays scenarios over a socket by the package `ws` on Node; prints what came of each, a JSON line. Bun has a `ws` of its own, so this is for Node.
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const quietMs = 300;
const limitMs = 5000;
const bytes = (base64) => Buffer.from(base64, 'base64');

const play = ({ url, headers, steps }) =>
  new Promise((resolve) => {
    const events = [];
    const socket = new WebSocket(url, { headers, origin: headers.origin });
    const limit = setTimeout(() => finish(['late']), limitMs);
    let waiting;
    const note = (event) => {
      events.push(event);
      waiting?.();
    };
    const finish = (last) => {
      clearTimeout(limit);
      if (last) events.push(last);
      resolve(events);
    };
    const until = (count) =>
      new Promise((enough) => {
        waiting = () => events.length >= count && enough();
        waiting();
      });
    const act = {
      text: ({ text }) => socket.send(text),
      binary: ({ base64 }) => socket.send(bytes(base64)),
      /** Text frames of these bytes, whatever they are; a ping between each two where one is named. */
      fragments({ parts, ping }) {
        parts.forEach((part, at) => {
          socket.send(bytes(part), { binary: false, fin: at === parts.length - 1 });
          if (ping !== undefined && at < parts.length - 1) socket.ping(ping);
        });
      },
      ping: ({ payload }) => socket.ping(payload),
      pong: ({ payload }) => socket.pong(payload),
      close: ({ code, reason }) => (code === undefined ? socket.close() : socket.close(code, reason)),
      until: ({ count }) => until(count),
      /** Nothing more comes by itself. */
      quiet: () => new Promise((over) => setTimeout(over, quietMs)),
      vanish() {
        socket.removeAllListeners('close');
        socket._socket.destroy();
        finish(['vanished']);
      },
    };
    socket.on('message', (data, isBinary) => note(isBinary ? ['binary', data.length] : ['text', data.toString()]));
    socket.on('pong', (data) => note(['pong', data.toString()]));
    socket.on('unexpected-response', (_request, response) => finish(['refused', response.statusCode]));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => finish(['closed', code, reason.toString()]));
    socket.on('open', async () => {
      for (const step of steps) await act[step.do](step);
    });
  });

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await play(JSON.parse(line))));
