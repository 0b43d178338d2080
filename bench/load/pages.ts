import { AnswerCounter } from './http-answers.ts';
import type { LoadAnswers, LoadRequest } from './plan.ts';

/** Asks for pages over so many kept connections, the next one when the last is whole, for a while. */
export const fetchPages = async (request: Extract<LoadRequest, { ask: 'pages' }>): Promise<LoadAnswers['pages']> => {
  const { url, token, paths, connections, ms } = request;
  const { hostname, port } = new URL(url);
  const asks = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  );
  const counter = new AnswerCounter();
  const startedAt = performance.now();
  let turn = 0;
  const openOne = async (): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    const answers = counter.of(() => {
      if (performance.now() - startedAt >= ms) tcp.end();
      else tcp.write(asks[turn++ % asks.length] ?? '');
    });
    const tcp = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_tcp, data) => answers(data),
        close: () => ended.resolve(),
        error: (_tcp, error) => ended.reject(error),
      },
    });
    tcp.write(asks[turn++ % asks.length] ?? '');
    await ended.promise;
  };
  await Promise.all(Array.from({ length: connections }, openOne));
  const { answers: pages, bytes, failed } = counter;
  return { pages, bytes, failed, ms: performance.now() - startedAt };
};
