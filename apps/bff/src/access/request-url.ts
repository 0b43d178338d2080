/** Where a request goes, as its URL says: the path and, with its `?`, the query. */
export interface RequestAddress {
  readonly pathname: string;
  readonly search: string;
}

const addresses = new WeakMap<Request, RequestAddress>();

/** The request's address, looked at once however many ask. Bun has put its URL into normal form already (a URL of its own would be a second parse). */
export const urlOf = (request: Request): RequestAddress => {
  const known = addresses.get(request);
  if (known !== undefined) return known;
  const address = addressIn(request.url);
  addresses.set(request, address);
  return address;
};

/** Of a URL in normal form, with a host. */
export const addressIn = (url: string): RequestAddress => {
  const path = url.indexOf('/', url.indexOf('://') + 3);
  const fragment = url.indexOf('#', path);
  const end = fragment < 0 ? url.length : fragment;
  const query = url.indexOf('?', path);
  if (query < 0 || query > end) return { pathname: url.slice(path, end), search: '' };
  return { pathname: url.slice(path, query), search: query + 1 === end ? '' : url.slice(query, end) };
};
