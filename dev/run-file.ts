import { rm } from 'node:fs/promises';
import { readJsonFile, writePrivateFile } from './private-file.ts';
import { lookUpProcess } from './process-table.ts';

/** A part of the running stack; `pid` is null where it is not ours. */
export type RunEntry = { pid: number | null; url: string };

/** What `run.json` in the data folder holds: each part by its name (`bff`, `messages`, `messages-2`, …). */
export type RunFile = Record<string, RunEntry>;

/** A process that a start began, recognisable after that start died. */
export type OwnProcess = { name: string; pid: number; birth: string };

/**
 * Keeps `run.json` true, and beside it `processes.json`, from which the next start knows what a killed one left.
 * Writes happen one after another; a write that is overtaken by a newer state is left out. On a full disk the parts run on: the
 * fault is told once, and the writing tried again until it succeeds.
 */
export class RunFileWriter {
  readonly #parts: RunFile = {};
  readonly #births = new Map<string, OwnProcess>();
  readonly #onFault: (fault: string) => void;
  readonly #retryMs: number;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isWritten = true;
  #isFailing = false;

  constructor(
    readonly runFile: string,
    readonly processesFile: string,
    { onFault = console.error, retryMs = 1_000 }: RunFileOptions = {},
  ) {
    this.#onFault = onFault;
    this.#retryMs = retryMs;
  }

  /** Notes a part, or its new process; settled when both files say so, or could not be written. */
  set(name: string, entry: RunEntry): Promise<void> {
    this.#parts[name] = entry;
    const found = entry.pid === null ? undefined : lookUpProcess(entry.pid);
    if (found !== undefined) this.#births.set(name, { name, pid: found.pid, birth: found.birth });
    return this.#write();
  }

  /** Settled when what was noted until now was written, or could not be. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** Removes both files: nothing runs any more. */
  async remove(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#retry);
    for (const file of [this.runFile, this.processesFile]) {
      await rm(file, { force: true }).catch((error) => this.#onFault(`${file} could not be removed: ${error}`));
    }
  }

  #write(): Promise<void> {
    this.#isWritten = false;
    this.#writing = this.#writing.then(async () => {
      if (this.#isWritten) return;
      this.#isWritten = true;
      try {
        await writePrivateFile(this.processesFile, `${JSON.stringify([...this.#births.values()], null, 2)}\n`);
        await writePrivateFile(this.runFile, `${JSON.stringify(this.#parts, null, 2)}\n`);
        this.#isFailing = false;
      } catch (error) {
        this.#tryAgain(error);
      }
    });
    return this.#writing;
  }

  #tryAgain(error: unknown): void {
    if (!this.#isFailing) this.#onFault(`${this.runFile} or ${this.processesFile} could not be written: ${error}`);
    this.#isFailing = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#write(), this.#retryMs);
  }
}

type RunFileOptions = { onFault?: (fault: string) => void; retryMs?: number | undefined };

/** The processes in a `processes.json` that are still alive and still the same ones. */
export async function survivingProcesses(processesFile: string): Promise<OwnProcess[]> {
  const recorded = await readJsonFile(processesFile);
  if (!Array.isArray(recorded)) return [];
  return recorded.filter(isOwnProcess).filter(({ pid, birth }) => lookUpProcess(pid)?.birth === birth);
}

function isOwnProcess(value: unknown): value is OwnProcess {
  if (typeof value !== 'object' || value === null) return false;
  const { name, pid, birth } = value as Partial<OwnProcess>;
  return typeof name === 'string' && Number.isInteger(pid) && typeof birth === 'string';
}
