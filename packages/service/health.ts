import { Elysia } from 'elysia';

/** Each check resolves when the part answers; a rejection or more than `checkTimeoutMs` means that it does not. */
export type ReadyChecks = Record<string, () => Promise<unknown>>;

const checkTimeoutMs = 1000;

/**
 * `/health/live`: the process answers. `/health/ready`: it can work, with the state of each part; 503 where one is down or it is draining.
 * A part of `optionalChecks` that is down makes it `degraded`, with 200: the service serves without it.
 */
export const health = (options: { checks: ReadyChecks; optionalChecks?: ReadyChecks; draining?: () => boolean }) =>
  new Elysia()
    .get('/health/live', () => ({ status: 'ok' as const }), { detail: { tags: ['health'] } })
    .get(
      '/health/ready',
      async () => {
        const [needed, optional] = await Promise.all([states(options.checks), states(options.optionalChecks ?? {})]);
        const ready = !options.draining?.() && allOk(needed);
        const status = !ready ? 'unavailable' : allOk(optional) ? 'ok' : 'degraded';
        return Response.json({ status, parts: { ...needed, ...optional } }, { status: ready ? 200 : 503 });
      },
      { detail: { tags: ['health'] } },
    );

type States = Record<string, 'ok' | 'down'>;

const states = async (checks: ReadyChecks): Promise<States> =>
  Object.fromEntries(
    await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await state(check)] as const)),
  );

const allOk = (parts: States): boolean => Object.values(parts).every((part) => part === 'ok');

const state = async (check: () => Promise<unknown>): Promise<'ok' | 'down'> => {
  const limit = Promise.withResolvers<'down'>();
  const timer = setTimeout(() => limit.resolve('down'), checkTimeoutMs);
  try {
    return await Promise.race([
      check().then(
        () => 'ok' as const,
        () => 'down' as const,
      ),
      limit.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
};
