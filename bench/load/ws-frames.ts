/**
 * WebSocket framing (RFC 6455 §5) for the generator alone: text out with the mask of zeros, which leaves the payload as it is, and frames in
 * without a copy where a read holds them whole. Knows no fragments and no extensions: the servers under test send neither.
 */

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A text frame; `text` must be ASCII. */
export const textFrame = (text: string): Buffer => maskedFrame(opcodes.text, Buffer.from(text, 'latin1'));

const pongFrame = (payload: Buffer): Buffer => maskedFrame(opcodes.pong, payload);

const maskedFrame = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.alloc(head + 4 + length);
  frame[0] = 0x80 | opcode;
  if (head === 2) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  payload.copy(frame, head + 4);
  return frame;
};

export interface FrameTaker {
  onText(payload: Buffer): void;
  onClose(code: number): void;
  send(frame: Buffer): void;
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #rest: Buffer | undefined;

  constructor(private readonly taker: FrameTaker) {}

  take(data: Buffer): void {
    const bytes = this.#rest === undefined ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    for (let end = this.#one(bytes, at); end > at; end = this.#one(bytes, at)) at = end;
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  /** Handles the frame at a place; answers where it ends, or the place where it is not whole. */
  #one(bytes: Buffer, at: number): number {
    if (bytes.length < at + 2) return at;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    if (bytes.length < start) return at;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    const end = start + length;
    if (bytes.length < end) return at;
    this.#hand((bytes[at] ?? 0) & 0x0f, bytes.subarray(start, end));
    return end;
  }

  #hand(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) this.taker.onText(payload);
    else if (opcode === opcodes.ping) this.taker.send(pongFrame(payload));
    else if (opcode === opcodes.close) this.taker.onClose(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
  }
}
