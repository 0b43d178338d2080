import { type ProblemCode, problems } from '@chatapp/contract/problem';
import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { requestIdOf } from '@chatapp/service/service-app';

/** A page of the BFF itself: one sentence, what to do, where to go on. All parts but the links are fixed texts. */
export interface Page {
  readonly status: number;
  readonly code?: ProblemCode;
  readonly title: string;
  readonly text: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
  readonly retryAfterMs?: number;
  readonly cookies?: readonly string[];
}

const style =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:32rem;margin:18vh auto 0;padding:0 1.5rem}h1{font-size:1.4rem}a{color:inherit}small{opacity:.7}';
const styleHash = new Bun.CryptoHasher('sha256').update(style).digest('base64');

/** Loads nothing, runs nothing, is framed by nobody. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const pageResponse = ({ status, code, title, text, links, retryAfterMs, cookies = [] }: Page): Response => {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
  });
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  const link = (one: Page['links'][number]) =>
    `<p><a href="${Bun.escapeHTML(one.href)}">${Bun.escapeHTML(one.text)}</a></p>`;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ChatApp</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
${links.map(link).join('\n')}${code === undefined ? '' : `\n<p><small>${code}</small></p>`}
</body>
</html>
`;
  return new Response(body, { status, headers });
};

export type Refusal = Omit<Page, 'status'> & { readonly code: ProblemCode };

/** The refusal of a navigation: a page where a browser is led, which asks for one, and else the problem that every other error is. */
export const refusalResponse = (request: Request, { code, ...page }: Refusal): Response => {
  const { text: detail, retryAfterMs } = page;
  const asProblem = () => new ProblemError(code, { detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  const response = /\btext\/html\b/i.test(request.headers.get('accept') ?? '')
    ? pageResponse({ ...page, code, status: problems[code].status })
    : problemResponse(asProblem(), requestIdOf(request));
  response.headers.set('vary', 'accept');
  return response;
};
