import type { FrameError, ProblemCode } from '@chatapp/contract/problem';

/** The server refused a frame. `temporary`: the same command may succeed later. */
export class SocketRefusal extends Error {
  readonly code: ProblemCode;
  readonly temporary: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(error: FrameError) {
    super(error.code);
    this.code = error.code;
    this.temporary = error.temporary;
    this.retryAfterMs = error.retryAfterMs;
  }
}

/** The socket went, or was not there: whether the frame took effect is unknown. */
export class ConnectionLost extends Error {}

type Waiting = { resolve: (ok: unknown) => void; reject: (error: Error) => void };

/** Brings answers to the frames that asked, by their number. */
export const createReplies = () => {
  let count = 0;
  const waiting = new Map<number, Waiting>();
  return {
    /** The number for a frame that wants an answer, and the answer. */
    expect: (): { id: number; answer: Promise<unknown> } => {
      const id = ++count;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      return { id, answer: promise };
    },
    next: (): number => ++count,
    settle: (reply: { re: number; ok?: unknown; error?: FrameError }): void => {
      const asked = waiting.get(reply.re);
      waiting.delete(reply.re);
      if (reply.error) asked?.reject(new SocketRefusal(reply.error));
      else asked?.resolve(reply.ok);
    },
    loseAll: (): void => {
      for (const { reject } of waiting.values()) reject(new ConnectionLost('the connection was lost'));
      waiting.clear();
    },
  };
};
