/** What opens a route, and by what its requests are counted. Each route of the app has a row: one without keeps the app from starting. */
export interface RoutePolicy {
  readonly method: string;
  /** As the router writes it: `/bff/sessions/:id`, `/api/messages/*`. */
  readonly path: string;
  /**
   * - `anybody`: pages, files, health.
   * - `proof`: a navigation, or a call of the issuer, that carries a proof of its own (`state`, `sid`, a signed token).
   * - `session`: the cookie counts for something, so `X-CSRF` and the origin are looked at before anything else.
   * - `machine`: a Bearer token of client_credentials.
   */
  readonly opens: 'anybody' | 'proof' | 'session' | 'machine';
  /** Counted by address, before the route runs. Requests of a session are counted by the session besides. */
  readonly limit: 'none' | 'address' | 'sign-in';
}

export interface Policies {
  /** The row for a request; where there is none, one that demands the most. */
  of(method: string, pathname: string): RoutePolicy;
}

/** The rows as a lookup. Throws where a route has none, or a row has no route. */
export const createPolicies = (
  rows: readonly RoutePolicy[],
  routes: readonly { readonly method: string; readonly path: string }[],
): Policies => {
  const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const exact = new Map(rows.map((row) => [name(row), row]));
  const registered = new Set(routes.map(name));
  const faults = [
    ...[...registered].filter((route) => !exact.has(route)).map((route) => `${route} has no policy`),
    ...[...exact.keys()].filter((row) => !registered.has(row)).map((row) => `${row} is no route`),
  ];
  if (faults.length > 0) throw new Error(`The route table is not whole: ${faults.join('; ')}.`);
  const patterns = rows
    .filter(({ path }) => /[:*]/.test(path))
    // The narrower one first: `/*` is the last.
    .toSorted((one, other) => other.path.length - one.path.length)
    .map((row) => ({ row, start: row.path.replace(/[:*].*$/, ''), pattern: patternOf(row.path) }));
  const methods = new Set(rows.map(({ method }) => method));
  const ofMethod = (method: string) => patterns.filter(({ row }) => row.method === method || row.method === 'ALL');
  const patternsOf = new Map(Array.from(methods, (method) => [method, ofMethod(method)]));
  const rowOf = (method: string, pathname: string): RoutePolicy | undefined => {
    const found = (patternsOf.get(method) ?? ofMethod(method)).find(
      ({ start, pattern }) => pathname.startsWith(start) && pattern.test(pathname),
    );
    const row = exact.get(`${method} ${pathname}`) ?? found?.row;
    // The pages' route takes every path, to answer that there is no such page: it does not make `/bff/x` one.
    return row?.path === '/*' && isOurs(pathname) ? undefined : row;
  };
  return {
    of: (method, pathname) =>
      rowOf(method, pathname) ??
      // The router answers HEAD by the handler of GET.
      (method === 'HEAD' ? rowOf('GET', pathname) : undefined) ??
      unknownRoute(method, pathname),
  };
};

const isOurs = (pathname: string): boolean => /^\/(bff|api)(\/|$)/.test(pathname);

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`);

/** No route: what is refused as another method or as nothing is still looked at as the routes beside it are. */
const unknownRoute = (method: string, pathname: string): RoutePolicy => ({
  method,
  path: '(none)',
  opens: isOurs(pathname) ? 'session' : 'anybody',
  limit: 'none',
});
