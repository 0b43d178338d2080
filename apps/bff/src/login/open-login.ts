import type { Manner } from './authorization-request.ts';
import type { Issuers } from './issuers.ts';
import { pageResponse } from './page.ts';
import { returnUrl } from './return-to.ts';
import { type StartLoginParts, startLogin } from './start-login.ts';

export interface OpenLoginParts extends StartLoginParts {
  readonly issuers: Issuers;
  readonly publicUrl: string;
}

/**
 * `GET /bff/login?returnTo=&issuer=&prompt=none`: starts signing in. Where there are several issuers and none is named, the person chooses; silently
 * (`prompt=none`) the main one is asked.
 */
export const openLogin = async (request: Request, parts: OpenLoginParts): Promise<Response> => {
  const query = new URL(request.url).searchParams;
  const { all, named } = parts.issuers;
  const manner: Manner = query.get('prompt') === 'none' ? 'silent' : 'sign-in';
  const alias = query.get('issuer');
  const mayChoose = all.length > 1 && manner === 'sign-in';
  const issuer = alias === null ? (mayChoose ? undefined : all[0]) : named(alias);
  if (issuer === undefined) return choicePage(query.get('returnTo'), parts.issuers);
  const returnTo = returnUrl(query.get('returnTo') ?? undefined, parts.publicUrl);
  return await startLogin(request, { issuer, manner, returnTo }, parts);
};

const choicePage = (returnTo: string | null, { all }: Issuers): Response =>
  pageResponse({
    status: 200,
    title: 'Sign in',
    text: 'Where do you sign in?',
    links: all.map(({ alias, name }) => {
      const query = new URLSearchParams({ ...(returnTo === null ? {} : { returnTo }), issuer: alias });
      return { href: `/bff/login?${query}`, text: name };
    }),
  });
