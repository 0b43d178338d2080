import type { Push, ServerFrame } from '@chatapp/contract/frames';
import type { OpenSocket } from '../src/realtime/connection.ts';

type Sent = { id: number; op: string; [field: string]: unknown };

/** The far end of the sockets that a connection opens: what it sent, and a hand to answer with. */
export const fakeSockets = () => {
  const sockets: {
    url: string;
    sent: Sent[];
    closed: boolean;
    hear: (text: string) => void;
    cut: (code: number) => void;
  }[] = [];
  const open: OpenSocket = (url, on) => {
    const socket = { url, sent: [] as Sent[], closed: false, hear: on.message, cut: on.closed };
    sockets.push(socket);
    return {
      send: (text) => void socket.sent.push(JSON.parse(text)),
      close: () => {
        socket.closed = true;
      },
    };
  };
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  };
  const say = (frame: ServerFrame | ServerFrame[]) => last().hear(JSON.stringify(frame));
  const hello: Push = { e: 'hello', v: 1, connectionId: 'k', pingIntervalMs: 25_000, sessionExpiresAt: null };
  /** The last frame with this op. */
  const sent = (op: string) => last().sent.findLast((frame) => frame.op === op);
  const answer = (op: string, ok: unknown) => say({ re: sent(op)?.id ?? -1, ok });
  return { open, sockets, last, say, hello: () => say(hello), sent, answer };
};
