import { readFile, stat } from 'node:fs/promises';
import { earlierDeaths, restartDelayMs } from './back-off.ts';
import { type Launch, launchProcess, stopProcess } from './launch.ts';
import { StartError } from './start-error.ts';

export type Part = {
  name: string;
  url: string;
  launch: Launch;
  logFile: string;
  isReady(): Promise<boolean>;
};

export type SupervisorEvents = {
  /** A process of the part was started, for the first time or again. */
  onStart(part: Part, pid: number): void;
  /** The part died and is started again after the delay. */
  onDeath(part: Part, how: string, delayMs: number): void;
  /** The part is not ready for so long, and is waited for since its log grows. */
  onWait?(part: Part, waitedSeconds: number): void;
};

// A part that dies this often before it was ever ready has a fault that another start does not mend.
const deathsBeforeReadyMax = 4;

/** One part of the stack, kept running until it is stopped. */
export class SupervisedPart {
  #child: Bun.Subprocess | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopping = false;
  #deaths = 0;

  constructor(
    readonly part: Part,
    readonly events: SupervisorEvents,
    /** For how long a part that is not ready yet may write nothing to its log. */
    readonly silenceMaxMs = 60_000,
  ) {}

  /**
   * Starts the part and waits until it is ready; fails with the end of its log. One that says what it does, as a long migration or the recovery after
   * a crash, has all the time that it takes.
   */
  async start(): Promise<void> {
    this.#spawn();
    const startedAt = performance.now();
    let log = { size: 0, grewAt: startedAt };
    let toldAt = startedAt;
    while (!this.#isStopping) {
      if (await this.part.isReady()) return;
      if (this.#deaths >= deathsBeforeReadyMax) throw await this.#fault('ended again and again');
      const now = performance.now();
      const waitedSeconds = Math.round((now - startedAt) / 1_000);
      const size = await this.#logSize();
      // The words of one that was started again are those from before.
      if (size !== log.size && this.#deaths === 0) log = { size, grewAt: now };
      if (now - log.grewAt > this.silenceMaxMs) throw await this.#fault(`was not ready after ${waitedSeconds} s`);
      if (now - toldAt > this.silenceMaxMs) {
        toldAt = now;
        this.events.onWait?.(this.part, waitedSeconds);
      }
      await Bun.sleep(25);
    }
  }

  /** Ends the part for good, by force after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (this.#child !== undefined) await stopProcess(this.#child, this.part.launch, graceMs);
  }

  #spawn(): void {
    const startedAt = performance.now();
    try {
      const child = launchProcess(this.part.launch, this.part.logFile);
      this.#child = child;
      this.events.onStart(this.part, child.pid);
      child.exited.then(() => {
        this.#child = undefined;
        this.#onDeath(String(child.signalCode ?? `exit code ${child.exitCode}`), performance.now() - startedAt);
      });
    } catch (error) {
      // The program or the log's folder went away under us: as if it had died, so that the other parts live on.
      this.#onDeath(String(error), 0);
    }
  }

  #onDeath(how: string, uptimeMs: number): void {
    if (this.#isStopping) return;
    const counted = earlierDeaths(this.#deaths, uptimeMs);
    this.#deaths = counted + 1;
    const delayMs = restartDelayMs(counted);
    this.events.onDeath(this.part, how, delayMs);
    this.#timer = setTimeout(() => this.#spawn(), delayMs);
  }

  async #logSize(): Promise<number> {
    return stat(this.part.logFile).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #fault(what: string): Promise<StartError> {
    const log = await readFile(this.part.logFile, 'utf8').catch(() => '');
    const lines = log.trimEnd().split('\n').slice(-12);
    return new StartError(
      `${this.part.name} ${what}. The end of its log:\n${lines.map((line) => `    ${line}`).join('\n')}`,
      `The whole log is ${this.part.logFile}. \`bun run doctor\` looks at the machine.`,
    );
  }
}
