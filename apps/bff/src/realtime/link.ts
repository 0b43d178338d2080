import type { ServerWebSocket, WebSocket as UpstreamSocket } from 'bun';

/** What Bun keeps with a browser's socket. */
export interface SocketData {
  readonly link: Link;
}
type BrowserSocket = ServerWebSocket<SocketData>;

/** Frames that came from the service before the browser's socket is open, and bytes that wait for the service: no more than this. */
const heldBytesMax = 1_048_576;
const upBytesMax = 262_144;
/** More than Bun gathers for one write is not waited for: a browser that is full must stop the service at once. */
const pieceBytesMax = 16_384;
const upPollMs = 20;
/** A side that does not answer a close is cut after this time. */
const closeMaxMs = 1500;

/** A browser's socket and the service's, tied together. */
export interface Link {
  open(browser: BrowserSocket): void;
  fromBrowser(frame: string | Buffer): void;
  browserDrained(): void;
  /** It answered a ping. */
  browserAnswered(): void;
  browserClosed(code: number, reason: string): void;
  /** Sends the browser a frame of ours, behind what came from the service. */
  tellBrowser(frame: string): void;
  /** Says goodbye to both sides. */
  end(code: number, reason: string): void;
  /** Sends both sides a ping, and cuts the link when one of them has let nothing be heard since the one before. */
  beat(): void;
  /** Sends the service a ping whose answer is not waited for until the next beat, but until `endUnanswered`. */
  ask(): void;
  /** Cuts the link where the service has said nothing since it was asked. */
  endUnanswered(): void;
}

/**
 * Ties a browser to an open socket of the service: frames pass both ways in order, a side that reads slowly makes the other side read slowly, and the end
 * of one is the end of the other with its code and reason. `ended` is called once.
 */
export const createLink = (upstream: UpstreamSocket, ended: (link: Link) => void): Link => {
  let browser: BrowserSocket | undefined;
  let held: (string | Buffer)[] = [];
  let heldBytes = 0;
  let closed: { code: number; reason: string } | undefined;
  let serviceHeard = true;
  let browserHeard = true;
  /** By `ask`, with its own time for the answer. */
  let isAsked = false;
  let upTimer: ReturnType<typeof setTimeout> | undefined;

  const close = (code: number, reason: string): boolean => {
    if (closed) return false;
    closed = { code, reason };
    clearTimeout(upTimer);
    ended(link);
    return true;
  };
  const closeUpstream = (code: number, reason: string) => {
    if (upstream.readyState === WebSocket.CLOSED) return;
    upstream.close(code, reason);
    setTimeout(() => upstream.terminate(), closeMaxMs).unref();
  };
  const closeBrowser = ({ code, reason }: { code: number; reason: string }) => {
    const socket = browser;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), closeMaxMs).unref();
  };
  /** Sends what was gathered, in one piece. What waits in the socket makes the service wait until `drain`. */
  const flush = () => {
    const frames = held;
    if (browser === undefined || frames.length === 0) return;
    const socket = browser;
    held = [];
    heldBytes = 0;
    let isFull = false;
    const send = () => {
      for (const frame of frames) if (socket.send(frame) === -1) isFull = true;
    };
    if (frames.length === 1) send();
    else socket.cork(send);
    if (isFull) upstream.pause();
  };

  const askService = () => {
    serviceHeard = false;
    upstream.ping();
  };
  // A paused socket does not see the answer.
  const isServiceGone = () => !serviceHeard && !upstream.isPaused;

  upstream.binaryType = 'nodebuffer';
  upstream.addEventListener('message', ({ data }) => {
    serviceHeard = true;
    const frame = data as string | Buffer;
    held.push(frame);
    heldBytes += frame.length;
    if (browser === undefined) {
      if (heldBytes > heldBytesMax) upstream.pause();
    } else if (heldBytes > pieceBytesMax) flush();
    else flushAfter(flush);
  });
  upstream.addEventListener('pong', () => {
    serviceHeard = true;
  });
  upstream.addEventListener('close', ({ code, reason }) => {
    flush();
    if (close(relayedCode(code), reason) && closed) closeBrowser(closed);
  });

  const link: Link = {
    open(socket) {
      browser = socket;
      if (heldBytes > heldBytesMax) upstream.resume();
      flush();
      // The service was gone before the browser was there.
      if (closed) closeBrowser(closed);
    },
    fromBrowser(frame) {
      browserHeard = true;
      upstream.send(frame);
      if (upstream.bufferedAmount <= upBytesMax || upTimer !== undefined) return;
      browser?.pause();
      // A client socket tells nobody when it has drained.
      const look = () => {
        upTimer = undefined;
        if (upstream.bufferedAmount > upBytesMax) upTimer = setTimeout(look, upPollMs);
        else browser?.resume();
      };
      upTimer = setTimeout(look, upPollMs);
    },
    browserDrained() {
      // It reads, if slowly: its answer to a ping comes behind what waits.
      browserHeard = true;
      upstream.resume();
    },
    browserAnswered() {
      browserHeard = true;
    },
    browserClosed(code, reason) {
      if (close(code, reason)) closeUpstream(relayedCode(code), reason);
      else upstream.terminate();
    },
    tellBrowser(frame) {
      held.push(frame);
      flush();
    },
    end(code, reason) {
      if (!close(code, reason)) return;
      closeUpstream(1001, reason);
      closeBrowser({ code, reason });
    },
    beat() {
      if (!isAsked) {
        if (isServiceGone()) return link.end(1011, 'the service does not answer');
        askService();
      }
      if (browser === undefined) return;
      // Nobody is there to be told, and a goodbye would wait for an answer.
      if (!browserHeard && !browser.isPaused) return browser.terminate();
      browserHeard = false;
      browser.ping();
    },
    ask() {
      if (closed) return;
      isAsked = true;
      askService();
    },
    endUnanswered() {
      isAsked = false;
      if (isServiceGone()) link.end(1011, 'the service does not answer');
    },
  };
  return link;
};

let gathering: (() => void) | undefined;

/**
 * The frames of one read come one after another: what a socket gathered goes out when another one's turn comes, or at the end of this turn of the event
 * loop. So they cost one write; to write only after all sockets were read costs a sixth more, as measured by `bun run bench proxy`'s load.
 */
const flushAfter = (flush: () => void): void => {
  const before = gathering;
  if (before === flush) return;
  gathering = flush;
  if (before === undefined) setImmediate(flushLast);
  else before();
};

const flushLast = (): void => {
  const last = gathering;
  gathering = undefined;
  last?.();
};

/** 1005 and 1006 tell of a close without a code and of none at all; neither may be sent (RFC 6455 §7.4.1). */
const relayedCode = (code: number): number => {
  if (code === 1005) return 1000;
  return code === 1006 || code === 1015 ? 1011 : code;
};
