const urls = new WeakMap<Request, URL>();

/** The request's address, parsed once however many look at it. Not to be changed. */
export const urlOf = (request: Request): URL => {
  const known = urls.get(request);
  if (known !== undefined) return known;
  const url = new URL(request.url);
  urls.set(request, url);
  return url;
};
