/**
 * A small model of one conversation on its way through ChatApp (protocol.md, "How a message travels" and "Catching up"): two senders
 * and a reader, two realtime nodes, two writers, a command stream, a database. What is not in it: HTTP, edits, limits, time.
 */
export interface World {
  /** The database; a row's `seq` and `rev` are its place, from 1. */
  readonly rows: readonly Command[];
  readonly stream: readonly Entry[];
  readonly nextEntry: number;
  /** Which writer holds the lease; a writer without it may still finish what it has in hand. */
  readonly holder: number;
  readonly writers: readonly Writer[];
  readonly nodes: readonly Node[];
  readonly clients: readonly Client[];
}

export interface Command {
  readonly clientId: string;
  readonly sender: number;
}

/** Where the answer goes: a connection lives until its client is cut. */
export interface Origin {
  readonly node: number;
  readonly client: number;
  readonly connection: number;
}

export interface Entry extends Command {
  readonly entry: number;
  readonly origin: Origin;
}

/** A batch in hand: read, then settled (committed), then published, then removed from the stream. */
export interface Writer {
  readonly readTo: number;
  readonly batch: readonly Entry[];
  readonly step: 'idle' | 'read' | 'committed' | 'published';
}

export interface Published extends Command {
  readonly rev: number;
  readonly origin: Origin;
}

export interface Node {
  /** What Redis has handed over, and the node has not looked at. */
  readonly inbox: readonly Published[];
  /** Up to where it has passed everything on to its topic; undefined while nobody is subscribed. */
  readonly position: number | undefined;
}

/** Where a resume stands: subscribed, one of the two things read, both read. */
export interface Resume {
  readonly after: number;
  readonly head: number | undefined;
  readonly states: readonly Shown[] | undefined;
}

export interface Shown extends Command {
  readonly rev: number;
}

export interface Push {
  readonly after: number;
  readonly to: number;
  readonly changes: readonly Shown[];
}

export interface Client {
  readonly node: number | undefined;
  readonly connection: number;
  readonly resume: Resume | undefined;
  /** Pushes that came before the answer of the resume. */
  readonly held: readonly Push[];
  readonly have: number;
  readonly timeline: readonly Shown[];
  /** How many it has sent; the last may still be unanswered: one command is in flight. */
  readonly sent: number;
  readonly waitsFor: string | undefined;
  readonly acked: readonly string[];
}

/** How the parts behave; each false is a defect that the model must find. */
export interface Rules {
  readonly publishAfterCommit: boolean;
  readonly headBeforeStates: boolean;
  readonly looksForRepeats: boolean;
}

export const asDesigned: Rules = { publishAfterCommit: true, headBeforeStates: true, looksForRepeats: true };
export const sendsPerClient = 3;
export const senders = [0, 1];

const idle: Writer = { readTo: 0, batch: [], step: 'idle' };
const absent: Client = {
  ...{ node: undefined, connection: 0, resume: undefined, held: [], have: 0, timeline: [], sent: 0, acked: [] },
  waitsFor: undefined,
};

export const emptyWorld: World = {
  rows: [],
  stream: [],
  nextEntry: 1,
  holder: 0,
  writers: [idle, idle],
  nodes: [
    { inbox: [], position: undefined },
    { inbox: [], position: undefined },
  ],
  clients: [absent, absent, absent],
};

/** The list with one member changed. */
export const changed = <T>(items: readonly T[], at: number, change: (item: T) => T): T[] =>
  items.map((item, index) => (index === at ? change(item) : item));
