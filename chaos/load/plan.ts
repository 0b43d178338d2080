/** What a load is to be; settings of `bun run chaos`. */
export interface LoadPlan {
  readonly url: string;
  readonly historyFile: string;
  readonly seed: number;
  readonly clients: number;
  readonly conversations: number;
  /** Each has `clients / people` sockets. */
  readonly people: number;
  /** Of each conversation. */
  readonly members: number;
  readonly messagesPerSecond: number;
  /** Of all commands, how many edit or delete an own message instead. */
  readonly changeShare: number;
  /** Characters that are added to each text, and which. */
  readonly paddingLength: number;
  readonly padding: string;
  /** A conversation more, of the last of the people, in which some of them write much. */
  readonly loud?: LoudRoom;
  /** Whether clients end a socket whose pings nobody answers; they do unless this is false. */
  readonly pings?: boolean;
}

export interface LoudRoom extends Pick<LoadPlan, 'members' | 'messagesPerSecond' | 'paddingLength' | 'padding'> {
  /** Of the members. */
  readonly writers: number;
}

export interface Position {
  readonly who: string;
  readonly c: string;
  readonly have: number;
}

/** Asked of the load's process, one after another; each is answered once. */
export type LoadRequest =
  | { readonly ask: 'prepare'; readonly plan: LoadPlan }
  | { readonly ask: 'begin' }
  | { readonly ask: 'end' }
  | { readonly ask: 'sign-out' }
  | { readonly ask: 'leave' }
  | { readonly ask: 'sessions-lost' }
  | { readonly ask: 'state' }
  | { readonly ask: 'close' };

export interface LoadState {
  readonly conversations: readonly string[];
  readonly sent: number;
  readonly acked: number;
  /** Sends that wait for their answer. */
  readonly pending: number;
  /** Clients that are neither signed out nor resumed. */
  readonly away: number;
  /** Of all clients that are not signed out, in each of their conversations. */
  readonly positions: readonly Position[];
}

export type LoadAnswer = { readonly of: LoadRequest['ask'] } & (
  | { readonly ok: LoadState }
  | { readonly error: string }
);
