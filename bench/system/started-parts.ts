import { join } from 'node:path';
import { type Part, SupervisedPart } from '../../dev/supervisor.ts';
import { reapProcess } from '../../dev/testing/reaper.ts';

/** Supervised processes by name, ended with ours at the latest. */
export class StartedParts {
  readonly #parts = new Map<string, SupervisedPart>();
  readonly #pids = new Map<string, number>();
  readonly #reaped = new Map<string, () => void>();

  constructor(readonly logsDir: string) {}

  /** Resolves when it is ready. */
  async start(part: Omit<Part, 'logFile'>): Promise<void> {
    const supervised = new SupervisedPart(
      { ...part, logFile: join(this.logsDir, `${part.name}.log`) },
      {
        onStart: ({ name }, pid) => {
          this.#pids.set(name, pid);
          this.#reaped.set(name, reapProcess(pid));
        },
        onDeath: ({ name }) => this.#reaped.get(name)?.(),
      },
    );
    this.#parts.set(part.name, supervised);
    await supervised.start();
  }

  pid(name: string): number {
    const pid = this.#pids.get(name);
    if (pid === undefined) throw new Error(`there is no process ${name}`);
    return pid;
  }

  pids(): Map<string, readonly number[]> {
    return new Map(Array.from(this.#pids, ([name, pid]) => [name, [pid]]));
  }

  async stop(...names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        await this.#parts.get(name)?.stop(stopGraceMs);
        this.#reaped.get(name)?.();
        this.#parts.delete(name);
        this.#pids.delete(name);
      }),
    );
  }

  /** Ends parts and begins them again. */
  async restart(...names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const part = this.#parts.get(name)?.part;
        await this.stop(name);
        if (part) await this.start(part);
      }),
    );
  }

  /** The last started first: callers before the called. */
  async stopAll(): Promise<void> {
    for (const name of [...this.#parts.keys()].reverse()) await this.stop(name);
  }
}

const stopGraceMs = 3000;
