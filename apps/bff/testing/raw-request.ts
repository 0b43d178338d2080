import { connect } from 'node:net';

/** Sends these bytes (Latin-1) to a port of this machine, and answers all that came until the connection was closed, or nothing came for a while. */
export const sendBytes = (url: string, bytes: string, { silenceMs = 500 } = {}): Promise<string> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });

/** The status of the first answer; 0 where there was none. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
