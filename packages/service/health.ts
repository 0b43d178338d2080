import { Elysia } from 'elysia';

/** Each check resolves when the part answers; a rejection or more than `checkTimeoutMs` means that it does not. */
export type ReadyChecks = Record<string, () => Promise<unknown>>;

const checkTimeoutMs = 1000;

/** `/health/live`: the process answers. `/health/ready`: it can work, with the state of each part; 503 where one is down or it is draining. */
export const health = (options: { checks: ReadyChecks; draining?: () => boolean }) =>
  new Elysia()
    .get('/health/live', () => ({ status: 'ok' as const }), { detail: { tags: ['health'] } })
    .get(
      '/health/ready',
      async () => {
        const parts = Object.fromEntries(
          await Promise.all(Object.entries(options.checks).map(async ([name, check]) => [name, await state(check)])),
        );
        const ready = !options.draining?.() && Object.values(parts).every((part) => part === 'ok');
        return Response.json({ status: ready ? 'ok' : 'unavailable', parts }, { status: ready ? 200 : 503 });
      },
      { detail: { tags: ['health'] } },
    );

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
