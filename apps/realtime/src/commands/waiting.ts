import type { FrameError } from '@chatapp/contract/problem';
import type { People } from '../connection/people.ts';
import type { CommandFrame } from '../connection/read-frame.ts';
import { asksTheSame } from './to-command.ts';

interface Asker {
  readonly connection: string;
  readonly frame: number;
}

/** A command that somebody waits for. Made once a command: it is looked up several times. */
export class WaitSubject {
  /** What its repeats have too, and a command that reuses its `clientId`; undefined for what is repeated freely (a read marker). */
  readonly key: string | undefined;

  constructor(
    readonly actorId: string,
    readonly frame: CommandFrame,
  ) {
    this.key = frame.op === 'read' ? undefined : `${frame.conversationId} ${actorId} ${frame.clientId}`;
  }
}

interface Wait {
  readonly subject: WaitSubject;
  since: number;
  readonly askers: Asker[];
}

export interface WaitingOptions {
  readonly people: People;
  readonly now: () => number;
  /** A command was refused for now, perhaps because the access under which it was taken in is gone. */
  readonly onTemporary: (subject: WaitSubject) => void;
}

/** A command that has waited shorter than this is not added again; the same answer will do for both. */
const addAgainAfterMs = 4000;
const keptMs = 60_000;

/** The commands that were added and not yet answered, by command and by asking frame. */
export class Waiting {
  readonly #byCommand = new Map<string, Wait>();
  readonly #byAsker = new Map<string, Wait>();

  constructor(private readonly options: WaitingOptions) {}

  /** Notes who waits for a command. `joined`: it was added a moment ago, do not add it again. */
  begin(subject: WaitSubject, asker: Asker): 'begun' | 'joined' {
    const now = this.options.now();
    const known = this.#known(subject);
    const wait: Wait = known ?? { subject, since: now, askers: [] };
    wait.askers.push(asker);
    this.#byAsker.set(askerKey(asker), wait);
    if (known !== undefined && now - known.since < addAgainAfterMs) return 'joined';
    wait.since = now;
    if (subject.key !== undefined) this.#byCommand.set(subject.key, wait);
    return 'begun';
  }

  /** Whether this command was added less than four seconds ago. */
  has(subject: WaitSubject): boolean {
    const known = this.#known(subject);
    return known !== undefined && this.options.now() - known.since < addAgainAfterMs;
  }

  /** Gives an answer (JSON of a CommandAnswer) to everybody who waits for the command that this frame asked for. */
  settle(connection: string, frame: number, answer: string): void {
    const wait = this.#byAsker.get(askerKey({ connection, frame }));
    if (wait === undefined) return;
    if (answer.startsWith('{"error"') && answer.includes('"temporary":true')) this.options.onTemporary(wait.subject);
    this.#end(wait, answer);
  }

  /** The command could not be added. */
  fail(connection: string, frame: number, error: FrameError): void {
    const wait = this.#byAsker.get(askerKey({ connection, frame }));
    if (wait !== undefined) this.#end(wait, JSON.stringify({ error }));
  }

  /** Forgets what nobody will answer any more: clients have asked again long since. */
  sweep(): void {
    const oldest = this.options.now() - keptMs;
    for (const wait of new Set(this.#byAsker.values())) if (wait.since < oldest) this.#forget(wait);
  }

  get size(): number {
    return this.#byAsker.size;
  }

  /** Another command under the same `clientId` is no repeat: it goes to messages, which refuses it. */
  #known({ key, frame }: WaitSubject): Wait | undefined {
    const wait = key === undefined ? undefined : this.#byCommand.get(key);
    return wait !== undefined && asksTheSame(wait.subject.frame, frame) ? wait : undefined;
  }

  #end(wait: Wait, answer: string): void {
    this.#forget(wait);
    for (const { connection, frame } of wait.askers) {
      this.options.people.connection(connection)?.sendBehind(`{"re":${frame},${answer.slice(1)}`);
    }
  }

  #forget(wait: Wait): void {
    const { key } = wait.subject;
    if (key !== undefined && this.#byCommand.get(key) === wait) this.#byCommand.delete(key);
    for (const asker of wait.askers) this.#byAsker.delete(askerKey(asker));
  }
}

const askerKey = ({ connection, frame }: Asker): string => `${connection} ${frame}`;
