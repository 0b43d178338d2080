/** The cookies of the BFF: the session, and one for each sign-in that is under way. */
export interface Cookies {
  readonly session: string;
  /** The sign-in cookie's name for a transaction: several tabs may sign in at once. */
  login(state: string): string;
  readonly loginPrefix: string;
}

/**
 * `__Host-Http-` makes the browser insist on Secure, HttpOnly, Path=/ and no Domain, so that no script and no neighbour host can plant one.
 * The ports of a host share their cookies: on another port than the scheme's own the name carries it, so that copies run side by side.
 */
export const cookiesOf = (publicUrl: string): Cookies => {
  const { port } = new URL(publicUrl);
  const suffix = port === '' ? '' : `-${port}`;
  const loginPrefix = `__Host-Http-login${suffix}-`;
  return {
    session: `__Host-Http-session${suffix}`,
    login: (state) => `${loginPrefix}${state.slice(0, 10)}`,
    loginPrefix,
  };
};

/** The cookies of a request; of two with one name the first counts. */
export const readCookies = (request: Request): Map<string, string> => {
  const found = new Map<string, string>();
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    if (name !== '' && !found.has(name)) found.set(name, pair.slice(equals + 1).trim());
  }
  return found;
};

/** One of them, without looking at those behind it. */
export const readCookie = (request: Request, name: string): string | undefined => {
  const header = request.headers.get('cookie') ?? '';
  for (let at = 0; at < header.length; ) {
    const next = header.indexOf(';', at);
    const end = next < 0 ? header.length : next;
    const equals = header.indexOf('=', at);
    if (equals >= 0 && equals < end && header.slice(at, equals).trim() === name) {
      return header.slice(equals + 1, end).trim();
    }
    at = end + 1;
  }
  return undefined;
};

interface CookieOptions {
  readonly sameSite: 'Strict' | 'Lax';
  readonly maxAgeSeconds: number;
}

export const setCookie = (name: string, value: string, { sameSite, maxAgeSeconds }: CookieOptions): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=${sameSite}`;

/** A cookie goes only with the attributes that its prefix demands. */
export const clearCookie = (name: string, sameSite: CookieOptions['sameSite'] = 'Strict'): string =>
  setCookie(name, '', { sameSite, maxAgeSeconds: 0 });
