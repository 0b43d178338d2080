import type { ClientFrame, ClientFrameOf } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import type { PutCommand } from '../commands/put-command.ts';
import type { Connection } from './connection.ts';
import { type CommandFrame, isCommandFrame, readFrame } from './read-frame.ts';

export interface HandleFrameOptions {
  readonly putCommand: PutCommand;
  readonly resume: (connection: Connection, frame: ClientFrameOf<'resume'>) => Promise<void>;
  readonly setTyping: (connection: Connection, frame: ClientFrameOf<'typing'>) => Promise<void>;
  readonly setPresence: (connection: Connection, frame: ClientFrameOf<'presence'>) => void;
  /** What nobody expected to fail did. */
  readonly onError: (error: unknown) => void;
}

/**
 * Runs what a socket sent. Commands run one after the other, also where one has to wait for access; at most 64 wait. The rest does not
 * wait for them: a resume or a ping is answered while a command hangs.
 */
export const createHandleFrame = (options: HandleFrameOptions) => {
  const { putCommand, onError } = options;

  const runQueue = async (connection: Connection, first: Promise<void>) => {
    const queue: CommandFrame[] = [];
    connection.queue = queue;
    await first.catch(onError);
    for (let frame = queue.shift(); frame !== undefined && connection.isOpen; frame = queue.shift()) {
      await putCommand(connection, frame)?.catch(onError);
    }
    connection.queue = undefined;
  };

  const enqueue = (connection: Connection, frame: CommandFrame) => {
    if (connection.queue === undefined) {
      const running = putCommand(connection, frame);
      if (running !== undefined) runQueue(connection, running);
    } else if (connection.queue.length < limits.commandsQueuedMax) connection.queue.push(frame);
    else connection.error(frame.id, { code: 'rate-limited', temporary: true, retryAfterMs: 1000 });
  };

  const run = (connection: Connection, frame: ClientFrame) => {
    if (isCommandFrame(frame)) return enqueue(connection, frame);
    switch (frame.op) {
      case 'ping':
        return connection.ok(frame.id, '{}');
      case 'resume':
        return void options.resume(connection, frame).catch(onError);
      case 'typing':
        return void options.setTyping(connection, frame).catch(onError);
      case 'presence':
        return options.setPresence(connection, frame);
      default:
        frame satisfies never;
    }
  };

  return (connection: Connection, text: string) => {
    const read = readFrame(text);
    switch (read.kind) {
      case 'frame':
        return run(connection, read.frame);
      case 'refused':
        return connection.error(read.id, { code: read.code, temporary: false });
      case 'breach':
        return connection.breach(read.reason);
      default:
        read satisfies never;
    }
  };
};
