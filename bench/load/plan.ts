/** What the runner asks of the generator's process. Everything is plain data: it goes over Bun's IPC. */

/** How a server under test wants to be talked to. */
export type DialectName = 'chatapp' | 'socket.io' | 'bare' | 'relayed';

export interface SocketPlan {
  /** `http://127.0.0.1:4000`: the node that it connects to. */
  readonly url: string;
  /** The rooms that it is in. */
  readonly rooms: readonly string[];
  /** What proves who it is; only the product asks. */
  readonly proof?: { readonly ticket: string } | { readonly token: string } | { readonly headers: readonly string[] };
}

export interface RoomPlan {
  readonly id: string;
  /** Sockets in it, as places in the list of sockets. The first one watches what is sent into the room. */
  readonly members: readonly number[];
}

export type LoadRequest =
  | {
      readonly ask: 'connect';
      readonly dialect: DialectName;
      readonly sockets: readonly SocketPlan[];
      readonly width: number;
    }
  /** `order`: the rooms' places, over and over; `inFlight`: messages that are sent and not yet seen. */
  | {
      readonly ask: 'saturate';
      readonly rooms: readonly RoomPlan[];
      readonly order: readonly number[];
      readonly inFlight: number;
    }
  | { readonly ask: 'steady'; readonly rooms: readonly RoomPlan[]; readonly perSecond: number }
  /** Latencies of `steady` begin anew. */
  | { readonly ask: 'mark' }
  | { readonly ask: 'counts' }
  | { readonly ask: 'rest' }
  /** From now on each socket notes how far it has its rooms; only of the product. */
  | { readonly ask: 'track' }
  /** Cuts every socket, which stays away until it is told to return. */
  | { readonly ask: 'drop' }
  /** Brings all of them back; resolves when each has its rooms up to these heads. */
  | { readonly ask: 'return'; readonly heads: Readonly<Record<string, number>> }
  | { readonly ask: 'disconnect' }
  | {
      readonly ask: 'pages';
      readonly url: string;
      /** Of each caller, as lines: `Authorization: Bearer …`. They ask in turn. */
      readonly headers: readonly (readonly string[])[];
      readonly paths: readonly string[];
      readonly connections: number;
      readonly ms: number;
    };

export interface LoadCounts {
  /** Messages seen on sockets, each once a socket. */
  readonly deliveries: number;
  readonly sent: number;
  /** What they have to come to: each message once to each member. */
  readonly expected: number;
  /** Refused by the server. */
  readonly refused: number;
  /** Seconds of CPU that the generator itself has used. */
  readonly generatorCpu: number;
  /** Of `steady`, send to seen, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Sent and not yet seen. */
  readonly open: number;
  readonly closed: number;
}

export interface LoadAnswers {
  connect: { readonly ms: number; readonly retries: number };
  saturate: null;
  steady: null;
  mark: null;
  counts: LoadCounts;
  rest: LoadCounts;
  track: null;
  drop: null;
  /** `ms`: until the last one had all; `attempts` to connect, `retries` of a resume that was put off. */
  return: {
    readonly ms: number;
    readonly attempts: number;
    readonly retries: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  };
  disconnect: null;
  pages: {
    readonly pages: number;
    readonly bytes: number;
    readonly failed: number;
    readonly firstFailure: string;
    readonly ms: number;
  };
}

export type LoadMessage = { readonly id: number; readonly request: LoadRequest };
export type LoadAnswer = { readonly id: number } & ({ readonly ok: unknown } | { readonly error: string });
