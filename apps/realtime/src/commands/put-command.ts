import type { Access } from '@chatapp/contract/http-conversations';
import type { FrameError } from '@chatapp/contract/problem';
import { shardOf } from '@chatapp/contract/shard';
import { ProblemError } from '@chatapp/service/problem';
import type { AccessCheck } from '../access/access.ts';
import type { Connection } from '../connection/connection.ts';
import type { CommandFrame } from '../connection/read-frame.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { CommandStore } from './command-store.ts';
import type { Rate } from './rate.ts';
import type { ShardWatch } from './shard-watch.ts';
import { hasGoodBody, roleAllows, toCommand } from './to-command.ts';
import { type Waiting, WaitSubject } from './waiting.ts';

export interface PutCommandOptions {
  readonly nodeId: string;
  readonly shards: number;
  readonly access: Pick<AccessCheck, 'cached' | 'of'>;
  readonly sessions: Pick<Sessions, 'hasEnded'>;
  /** Of a person, and of all in one conversation. */
  readonly rates: { readonly person: Rate; readonly conversation: Rate };
  readonly waiting: Waiting;
  readonly store: CommandStore;
  readonly watch: ShardWatch;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** A frame that is to become a command, and what is made of it once. */
interface Asked {
  readonly connection: Connection;
  readonly frame: CommandFrame;
  readonly subject: WaitSubject;
  readonly shard: number;
}

/** Undefined: done. A promise where access had to be asked for. */
export type PutCommand = (connection: Connection, frame: CommandFrame) => Promise<void> | undefined;

/**
 * Puts a frame's command on the stream of its shard, or answers why not: body, repeat, the person's rate, writer, access, the conversation's rate. The answer to a command comes
 * when it is saved, with the changes. Without a wait for access all of it happens at once, so that commands keep their order.
 */
export const createPutCommand = (options: PutCommandOptions): PutCommand => {
  const { access, sessions, waiting, watch, rates } = options;

  /** Also where the socket was closed before that, as by a page that leads to signing out. */
  const hasEnded = ({ isSignedOut, session: { sid } }: Connection): boolean =>
    isSignedOut || (sid !== null && sessions.hasEnded(sid, options.now()));

  const put = ({ connection, frame, subject, shard }: Asked, granted: Access | null) => {
    // Of a socket that merely broke it is put: many a client sends and goes.
    if (hasEnded(connection)) return;
    if (granted === null) return connection.error(frame.id, { code: 'not-found', temporary: false });
    // After the access: a stranger uses up nothing of a conversation's, and is told nothing of it. Nor does a viewer, whom messages refuses unless it is a
    // repeat of what was saved while the right was there.
    const counts = frame.op !== 'read' && roleAllows(frame, granted);
    const waitMs = counts ? rates.conversation.take(frame.conversationId) : 0;
    if (waitMs > 0) return connection.error(frame.id, limited(waitMs));
    const asker = { connection: connection.id, frame: frame.id };
    if (waiting.begin(subject, asker) === 'joined') return;
    const command = toCommand(frame, {
      actorId: connection.person.id,
      access: granted,
      origin: { node: options.nodeId, ...asker },
      at: options.now(),
      newClientId: options.newId,
    });
    options.store.add(shard, command, () => waiting.fail(asker.connection, asker.frame, unavailable(1000)));
  };

  const refusal = ({ connection, frame, shard }: Asked): FrameError | undefined => {
    if (!hasGoodBody(frame)) return { code: 'invalid', temporary: false };
    const waitMs = frame.op === 'read' ? 0 : rates.person.take(connection.person.id);
    if (waitMs > 0) return limited(waitMs);
    return watch.refusal(shard) ? unavailable(2000) : undefined;
  };

  return (connection, frame) => {
    const subject = new WaitSubject(connection.person.id, frame);
    if (waiting.has(subject)) {
      waiting.begin(subject, { connection: connection.id, frame: frame.id });
      return undefined;
    }
    const asked = { connection, frame, subject, shard: shardOf(frame.conversationId, options.shards) };
    const error = refusal(asked);
    if (error !== undefined) {
      connection.error(frame.id, error);
      return undefined;
    }
    const known = access.cached(frame.conversationId, connection.person.id);
    if (known !== undefined) {
      put(asked, known);
      return undefined;
    }
    return access.of(frame.conversationId, connection.person.id).then(
      (granted) => put(asked, granted),
      (problem) => connection.error(frame.id, temporaryError(problem)),
    );
  };
};

const limited = (waitMs: number): FrameError => ({ code: 'rate-limited', temporary: true, retryAfterMs: waitMs });

const unavailable = (retryAfterMs: number): FrameError => ({ code: 'unavailable', temporary: true, retryAfterMs });

/** What another service's failure looks like to a client: it passes. */
export const temporaryError = (error: unknown): FrameError => ({
  code: error instanceof ProblemError && error.status >= 500 ? error.code : 'unavailable',
  temporary: true,
  retryAfterMs: (error instanceof ProblemError ? error.retryAfterMs : undefined) ?? 1000,
});
