/** Whose pages may use the cookie and open sockets: those at PUBLIC_URL, and in ORIGINS besides. Exact origins, as a browser writes them. */
export const pageOrigins = ({
  publicUrl,
  origins = [],
}: {
  readonly publicUrl: string;
  readonly origins?: readonly string[] | undefined;
}): readonly string[] => [...new Set([publicUrl, ...origins].map((url) => new URL(url).origin))];
