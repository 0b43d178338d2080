/**
 * Who is at the other end, as an address to count by: what the socket says, or, behind `trustedHops` proxies of ours, what the first of them wrote. Each
 * proxy appends the address that it saw, so entries further left are the caller's own words and never count (RFC 9700 §4.13).
 */
export const callerAddress = (socketAddress: string, forwardedFor: string | null, trustedHops: number): string => {
  const written = (forwardedFor ?? '').split(',').map((part) => part.trim());
  const seen = written.at(-trustedHops);
  // Fewer entries than proxies: it came past them, or they write none.
  const believed = trustedHops > 0 && written.length >= trustedHops && seen ? withoutPort(seen) : socketAddress;
  return network(believed);
};

const withoutPort = (address: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d+(?:\.\d+){3})(?::\d+)?$/.exec(address)?.[1] ?? address;

/** A host of IPv6 has 2^64 addresses at hand, so its network counts. What is no address at all is one caller. */
const network = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(plain)) return plain;
  if (!/^[\da-f:]{2,39}$/i.test(plain) || !plain.includes(':')) return 'unknown';
  return `${groups(plain).slice(0, 4).join(':')}::/64`;
};

const groups = (address: string): string[] => {
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) => group.replace(/^0+(?=.)/, ''));
};

/** Who listens, and so knows the other end of a request's socket. */
export interface Listener {
  requestIP(request: Request): { readonly address: string } | null;
}

export interface Callers {
  /** Told by who listens; the app itself sees no sockets. */
  note(listener: Listener): void;
  /** Costs a system call. */
  addressOf(request: Request): string;
}

export const createCallers = (trustedHops: number): Callers => {
  // A process listens on one port, or two: to ask them costs less than to note with each request whose it is.
  const listeners = new Set<Listener>();
  return {
    note: (listener) => void listeners.add(listener),
    addressOf: (request) => {
      let socketAddress = '';
      for (const listener of listeners) socketAddress ||= listener.requestIP(request)?.address ?? '';
      return callerAddress(socketAddress, request.headers.get('x-forwarded-for'), trustedHops);
    },
  };
};
