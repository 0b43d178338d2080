type Cookie = { name: string; value: string; host: string; path: string; expiresAt: number };

/**
 * The cookies of one pretended browser: kept by host, path and age as RFC 6265 says. As in a browser, the ports of a host
 * share them. `Secure` is not asked for, because everything here is on the loopback.
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Keeps what a response from `url` sets, and forgets what it expires. */
  take(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const cookie = parseCookie(line, url, this.#now());
      if (!cookie) continue;
      const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
      if (cookie.expiresAt > this.#now()) this.#cookies.set(key, cookie);
      else this.#cookies.delete(key);
    }
  }

  /** The value of the `Cookie` header of a request to `url`; empty when there is nothing to send. */
  header(url: string | URL): string {
    const { hostname, pathname } = new URL(url);
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.host === hostname && reaches(cookie.path, pathname) && cookie.expiresAt > this.#now())
      .sort((one, other) => other.path.length - one.path.length)
      .map((cookie) => `${cookie.name}=${cookie.value}`)
      .join('; ');
  }

  /** The value of the cookie of this name, wherever it was set; undefined when there is none. */
  get(name: string): string | undefined {
    return [...this.#cookies.values()].find((cookie) => cookie.name === name && cookie.expiresAt > this.#now())?.value;
  }
}

function parseCookie(line: string, url: URL, nowMs: number): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const attributes = new Map(rest.map((text) => attribute(text)));
  const path = attributes.get('path');
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    host: url.hostname,
    path: path?.startsWith('/') ? path : defaultPath(url),
    expiresAt: expiry(attributes, nowMs),
  };
}

function attribute(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [text.trim().toLowerCase(), ''];
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** `Max-Age` wins over `Expires`; a cookie with neither lives as long as the jar. */
function expiry(attributes: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return nowMs + Number(maxAge) * 1000;
  const expires = attributes.get('expires');
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
}

function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, Math.max(1, pathname.lastIndexOf('/')));
}

function reaches(cookiePath: string, pathname: string): boolean {
  if (pathname === cookiePath) return true;
  return pathname.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}
