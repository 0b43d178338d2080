// The load as a process of its own, so that it competes with the services as little as a client elsewhere would.
// It is asked over Bun's IPC, and ends when its parent does.
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { Load } from './load.ts';
import type { LoadAnswer, LoadRequest, LoadState } from './plan.ts';

let load: Load | undefined;
let history: Bun.FileSink | undefined;

const running = (): Load => {
  if (!load) throw new Error('the load was not prepared');
  return load;
};

const act = async (request: LoadRequest): Promise<LoadState> => {
  if (request.ask === 'prepare') {
    const file = Bun.file(request.plan.historyFile).writer({ highWaterMark: 256 * 1024 });
    history = file;
    load = new Load(request.plan, (event: HistoryEvent) => void file.write(`${JSON.stringify(event)}\n`));
    await load.prepare();
  } else if (request.ask === 'begin') running().begin();
  else if (request.ask === 'end') running().end();
  else if (request.ask === 'sign-out') await running().signOut();
  else if (request.ask === 'leave') await running().leave();
  else if (request.ask === 'sessions-lost') running().noteSessionsLost();
  else if (request.ask === 'close') {
    running().stop();
    await history?.end();
  }
  return running().state();
};

const answer = (message: LoadAnswer) => process.send?.(message);

process.on('message', (request: LoadRequest) => {
  act(request).then(
    (ok) => answer({ of: request.ask, ok }),
    (error) => answer({ of: request.ask, error: String(error instanceof Error ? error.stack : error) }),
  );
});
process.on('disconnect', () => process.exit(0));
