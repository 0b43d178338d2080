/** Where a request goes, as its URL says: the path and, with its `?`, the query. */
export interface RequestAddress {
  readonly pathname: string;
  readonly search: string;
}

let last: Request | undefined;
let lastAddress: RequestAddress = { pathname: '', search: '' };

/**
 * The request's address, looked at once by those who ask for it one after the other. Bun has put its URL into normal form already (a URL of its own would be a
 * second parse).
 */
export const urlOf = (request: Request): RequestAddress => {
  if (request !== last) {
    lastAddress = addressIn(request.url);
    last = request;
  }
  return lastAddress;
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
