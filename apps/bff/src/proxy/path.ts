/** First parts of paths that services keep to themselves and to operators. */
const closed = new Set(['internal', 'metrics', 'health', 'swagger']);

/** Nearly every path: segments of letters, digits and what ids have, with nothing to be decoded. */
const plainPath = /^\/([\w~-]+)(?:\/[\w~-]+)*$/;

/**
 * The path to ask of a service, or why there is none: `malformed` for one that a server could read as another path (an empty or dot segment, an
 * encoded slash, backslash, control character or percent sign), `not-found` for what browsers do not reach. `path` as it came, encoded.
 */
export const upstreamPath = (path: string): { path: string } | { refusal: 'malformed' | 'not-found' } => {
  const [, first] = plainPath.exec(path) ?? [];
  if (first !== undefined) return closed.has(first.toLowerCase()) ? { refusal: 'not-found' } : { path };
  const segments = path.split('/').slice(1);
  const last = segments.at(-1);
  // One slash at the end is harmless and is dropped.
  const parts = last === '' ? segments.slice(0, -1) : segments;
  if (parts.length === 0) return { refusal: 'not-found' };
  const decoded = parts.map(decode);
  if (decoded.some((part) => part === undefined || !isPlain(part))) return { refusal: 'malformed' };
  if (closed.has(decoded[0]?.toLowerCase() ?? '')) return { refusal: 'not-found' };
  return { path: `/${parts.join('/')}` };
};

/** `..;x` is a dot segment to servers that know path parameters. */
const isPlain = (part: string): boolean => !/^(\.{0,2})(;|$)|[/\\%\p{Cc}]/u.test(part);

const decode = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};
