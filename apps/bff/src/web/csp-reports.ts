import { limits } from '@chatapp/contract/limits';
import { parseJson, readText } from '@chatapp/service/json';
import type { Log } from '@chatapp/service/log';
import type { Meter } from '@chatapp/service/meters';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';

/** What a browser tells of a page that broke its policy (Reporting API, and the older form of CSP 2). */
interface Violation {
  readonly directive: string;
  readonly blocked: string;
}

/** `POST /bff/csp-reports`: browsers say that something on our page broke its policy. Counted, and the first of each kind is logged: anybody may write here. */
export const cspReports = ({ violations, log }: { violations: Meter; log: Log }) => {
  const seen = new Set<string>();
  return new Elysia().post(
    '/bff/csp-reports',
    async ({ request, set }) => {
      for (const { directive, blocked } of await violationsOf(request)) {
        violations.add();
        const kind = `${directive} ${blocked}`;
        if (seen.has(kind) || seen.size >= 100) continue;
        seen.add(kind);
        log.warn({ directive, blocked }, 'a page broke its content security policy');
      }
      set.status = 204;
    },
    { detail: { hide: true } },
  );
};

const reportsMax = 20;

const violationsOf = async (request: Request): Promise<Violation[]> => {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim();
  if (type !== 'application/reports+json' && type !== 'application/csp-report') throw new ProblemError('media-type');
  const told = parseJson(await readText(request, limits.httpBodyBytesMax / 4));
  return (Array.isArray(told) ? told : [told]).slice(0, reportsMax).map(violationOf);
};

const violationOf = (report: unknown): Violation => {
  const body = fieldsOf(fieldsOf(report).body ?? fieldsOf(report)['csp-report']);
  return {
    directive: word(body.effectiveDirective ?? body['effective-directive'] ?? body['violated-directive']),
    blocked: origin(body.blockedURL ?? body['blocked-uri']),
  };
};

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const word = (value: unknown): string => /^[\w-]{1,40}/.exec(String(value))?.[0] ?? 'unknown';

/** Without path and query, which may hold what is nobody's business. */
const origin = (value: unknown): string => {
  const text = String(value).slice(0, 2000);
  return URL.canParse(text) ? new URL(text).origin.slice(0, 100) : word(text);
};
