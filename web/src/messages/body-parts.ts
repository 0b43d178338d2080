/** A message's text in parts: how each is shown is the view's business, and none is ever HTML. */
export type BodyPart =
  | { kind: 'text'; text: string }
  | { kind: 'mention'; userId: string }
  | { kind: 'code'; text: string }
  | { kind: 'block'; text: string }
  | { kind: 'link'; text: string; href: string };

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const special = new RegExp(
  `\`\`\`\\n?([\\s\\S]+?)\\n?\`\`\`|\`([^\`\\n]+)\`|<@(${uuid})>|(https?://[^\\s<>"\`]+)`,
  'g',
);

/** Finds code between backticks, mentions and addresses; the rest is plain text. */
export const bodyParts = (body: string): BodyPart[] => {
  const parts: BodyPart[] = [];
  let end = 0;
  const text = (from: number, to: number) => {
    if (to > from) parts.push({ kind: 'text', text: body.slice(from, to) });
  };
  for (const match of body.matchAll(special)) {
    const [whole, block, code, userId, address] = match;
    text(end, match.index);
    end = match.index + whole.length;
    if (block !== undefined) parts.push({ kind: 'block', text: block });
    else if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (userId !== undefined) parts.push({ kind: 'mention', userId });
    else if (address !== undefined) end -= whole.length - addLink(parts, address);
  }
  text(end, body.length);
  return parts;
};

/** An address without what stands behind it: a full stop, or a bracket that was opened before it. */
const withoutEnd = (address: string): string => {
  const last = address.at(-1) ?? '';
  const opening = { ')': '(', ']': '[' }[last];
  const isOwn = opening && address.split(opening).length >= address.split(last).length;
  return !isOwn && /[.,:;!?)\]}'"]/.test(last) ? withoutEnd(address.slice(0, -1)) : address;
};

/** Adds a link and says how much of the text it took. */
const addLink = (parts: BodyPart[], address: string): number => {
  const trimmed = withoutEnd(address);
  const href = URL.canParse(trimmed) ? new URL(trimmed).href : undefined;
  parts.push(href ? { kind: 'link', text: trimmed, href } : { kind: 'text', text: trimmed });
  return trimmed.length;
};

/** The text in one line, for previews and quotes; mentions become names. */
export const plainText = (body: string, nameOf: (userId: string) => string): string =>
  bodyParts(body)
    .map((part) => (part.kind === 'mention' ? `@${nameOf(part.userId)}` : part.text))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
