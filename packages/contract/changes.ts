/**
 * What messages publishes after a commit on `changes:{shard}`: per change a header line and the frame as sockets get it, so that
 * realtime nodes route without parsing the frame. JSON text holds neither a raw tab nor a raw line feed, so both separate.
 *
 *   c:<conversationId> TAB rev TAB node TAB connection TAB frame TAB answer LF frame-json LF …
 *
 * `rev` is 0 for what is not a durable change of the conversation (topic `u:<userId>`). The origin's four fields are empty where no
 * socket waits.
 */
export type PublishedChange = {
  topic: `c:${string}` | `u:${string}`;
  rev: number;
  /** The socket frame that waits for the answer; `answer` is JSON of a `CommandAnswer`. */
  origin: AnsweredOrigin | null;
  /** The frame for sockets, JSON text; empty where only the asker is answered. */
  frame: string;
};

export type AnsweredOrigin = { node: string; connection: string; frame: number; answer: string };

export const encodeChanges = (changes: readonly PublishedChange[]): string =>
  changes
    .map(({ topic, rev, origin, frame }) => {
      const asked = origin ? `${origin.node}\t${origin.connection}\t${origin.frame}\t${origin.answer}` : '\t\t\t';
      return `${topic}\t${rev}\t${asked}\n${frame}`;
    })
    .join('\n');

/** Reads what `encodeChanges` wrote. Throws `TypeError` on anything else. */
export const decodeChanges = (text: string): PublishedChange[] => {
  if (text === '') return [];
  const lines = text.split('\n');
  const changes: PublishedChange[] = [];
  for (let index = 0; index < lines.length; index += 2) {
    changes.push(decodeChange(lines[index] ?? '', lines[index + 1]));
  }
  return changes;
};

const decodeChange = (header: string, frame: string | undefined): PublishedChange => {
  const [topic = '', rev = '', node = '', connection = '', asked = '', answer] = header.split('\t');
  if (frame === undefined || answer === undefined || !isTopic(topic) || !/^\d+$/.test(rev)) {
    throw new TypeError('not a published change');
  }
  const origin = node === '' ? null : { node, connection, frame: Number(asked), answer };
  return { topic, rev: Number(rev), origin, frame };
};

const isTopic = (text: string): text is PublishedChange['topic'] => text.startsWith('c:') || text.startsWith('u:');

/** On `node:<id>`: repeats and refusals, a line each: `connection TAB frame TAB answer`. */
export type NodeAnswer = { connection: string; frame: number; answer: string };

export const encodeAnswers = (answers: readonly NodeAnswer[]): string =>
  answers.map(({ connection, frame, answer }) => `${connection}\t${frame}\t${answer}`).join('\n');

export const decodeAnswers = (text: string): NodeAnswer[] =>
  text.split('\n').map((line) => {
    const [connection, frame, answer] = line.split('\t');
    if (connection === undefined || frame === undefined || answer === undefined) throw new TypeError('not an answer');
    return { connection, frame: Number(frame), answer };
  });
