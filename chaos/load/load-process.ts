import { join } from 'node:path';
import { reapProcess } from '../../dev/testing/reaper.ts';
import type { LoadAnswer, LoadPlan, LoadRequest, LoadState } from './plan.ts';

/** The load in a process of its own, seen from the runner. */
export class LoadProcess {
  readonly #child;
  readonly #waiting = new Map<LoadRequest['ask'], PromiseWithResolvers<LoadState>>();

  constructor() {
    this.#child = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (message: LoadAnswer) => this.#take(message),
    });
    const ended = reapProcess(this.#child.pid);
    this.#child.exited.then(() => {
      ended();
      for (const { reject } of this.#waiting.values()) reject(new Error('the load ended'));
    });
  }

  prepare = (plan: LoadPlan): Promise<LoadState> => this.#ask({ ask: 'prepare', plan });
  begin = (): Promise<LoadState> => this.#ask({ ask: 'begin' });
  /** No new sends; those that wait go on. */
  end = (): Promise<LoadState> => this.#ask({ ask: 'end' });
  state = (): Promise<LoadState> => this.#ask({ ask: 'state' });
  /** Notes that every session ended now: people will have to sign in again. */
  sessionsLost = (): Promise<LoadState> => this.#ask({ ask: 'sessions-lost' });
  /** Ends the session of one person who has one; asks until it is answered. */
  signOut = (): Promise<LoadState> => this.#ask({ ask: 'sign-out' });

  /** Everything is written when this resolves. */
  async close(): Promise<void> {
    await this.#ask({ ask: 'close' });
    this.kill();
    await this.#child.exited;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** One person leaves one conversation. */
  leave = (): Promise<LoadState> => this.#ask({ ask: 'leave' });

  #ask(request: LoadRequest): Promise<LoadState> {
    const answer = Promise.withResolvers<LoadState>();
    this.#waiting.set(request.ask, answer);
    this.#child.send(request);
    return answer.promise;
  }

  #take(message: LoadAnswer): void {
    const waiting = this.#waiting.get(message.of);
    this.#waiting.delete(message.of);
    if ('ok' in message) waiting?.resolve(message.ok);
    else waiting?.reject(new Error(message.error));
  }
}
