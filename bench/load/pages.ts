import { AnswerCounter } from './http-answers.ts';
import type { LoadAnswers, LoadRequest } from './plan.ts';

/** Asks for pages over so many kept connections, the next one when the last is whole, for a while. */
export const fetchPages = async (request: Extract<LoadRequest, { ask: 'pages' }>): Promise<LoadAnswers['pages']> => {
  const { url, headers, paths, connections, ms } = request;
  const { hostname, port } = new URL(url);
  // One for each pair of a path and a caller.
  const asks = paths.flatMap((path) => headers.map((lines) => askOf(path, [`Host: ${hostname}:${port}`, ...lines])));
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
  const { answers: pages, bytes, failed, firstFailure } = counter;
  return { pages, bytes, failed, firstFailure, ms: performance.now() - startedAt };
};

const askOf = (path: string, lines: readonly string[]): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
