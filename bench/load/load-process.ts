import { join } from 'node:path';
import { reapProcess } from '../../dev/testing/reaper.ts';
import type { LoadAnswer, LoadAnswers, LoadMessage, LoadRequest } from './plan.ts';

type RequestOf<A extends LoadRequest['ask']> = Omit<Extract<LoadRequest, { ask: A }>, 'ask'>;

/** The generator, in a process of its own whose CPU is nobody's cost. */
export class LoadProcess {
  readonly #child;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor() {
    this.#child = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, 'main.ts')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (message: LoadAnswer) => this.#take(message),
    });
    const ended = reapProcess(this.#child.pid);
    this.#child.exited.then(() => {
      ended();
      for (const { reject } of this.#waiting.values()) reject(new Error('the load generator ended'));
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  ask<A extends LoadRequest['ask']>(ask: A, fields: RequestOf<A>): Promise<LoadAnswers[A]> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#child.send({ id, request: { ask, ...fields } } as unknown as LoadMessage);
    return answer.promise as Promise<LoadAnswers[A]>;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }

  #take(message: LoadAnswer): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('ok' in message) waiting?.resolve(message.ok);
    else waiting?.reject(new Error(message.error));
  }
}
