// The load generator as a process of its own, asked over Bun's IPC; it ends when its parent does.
import { Generator } from './generator.ts';
import type { LoadAnswer, LoadMessage } from './plan.ts';

const generator = new Generator();
const answer = (message: LoadAnswer) => process.send?.(message);

process.on('message', ({ id, request }: LoadMessage) => {
  generator.act(request).then(
    (ok) => answer({ id, ok }),
    (error) => answer({ id, error: String(error instanceof Error ? (error.stack ?? error) : error) }),
  );
});
process.on('disconnect', () => process.exit(0));
