/** What nobody honest sends, and how each is to be refused. */
export interface Payload {
  readonly what: string;
  /** Anew for each request. */
  readonly body: () => BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: 413 | 415 | 422;
}

/** The longest body that is read. */
const readBytesMax = 65_536;
const megabyte = 1_000_000;

/** From a byte to 200 MB, nested a hundred thousand deep, and a thousand times as long as it looks; the short form leaves the heaviest out. */
export const payloads = (isShort: boolean): Payload[] => [
  { what: '1 byte', body: () => '1', status: 422 },
  { what: 'the longest body that is read', body: () => commandOf(readBytesMax), status: 422 },
  { what: 'one byte more', body: () => commandOf(readBytesMax + 1), status: 413 },
  ...(isShort ? [1, 5] : [1, 20, 200]).flatMap((size): Payload[] => {
    const bytes = new TextEncoder().encode(commandOf(size * megabyte));
    return [
      { what: `${size} MB`, body: () => bytes, status: 413 },
      { what: `${size} MB in chunks`, body: () => inChunks(bytes), status: 413 },
    ];
  }),
  { what: 'JSON 1 000 deep', body: () => nested(1000), status: 422 },
  { what: 'JSON as deep as is read', body: () => nested(readBytesMax / 2), status: 422 },
  { what: 'JSON 100 000 deep', body: () => nested(100_000), status: 413 },
  zipBomb(),
];

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** A command of exactly so many bytes, whose text is too long. */
const commandOf = (bytes: number): string => {
  const [head, tail] = [`{"clientId":"${crypto.randomUUID()}","body":"`, '"}'];
  return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`;
};

const chunkBytes = 65_536;

/** Nobody is told how much there is. */
const inChunks = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(at, at + chunkBytes));
      at += chunkBytes;
      if (at >= bytes.byteLength) controller.close();
    },
  });
};

/** 50 MB of JSON in fewer bytes than are read. */
const zipBomb = (): Payload => {
  const packed = Bun.gzipSync(new TextEncoder().encode(commandOf(50 * megabyte)));
  return { what: 'a zip bomb', body: () => packed, headers: { 'content-encoding': 'gzip' }, status: 415 };
};
