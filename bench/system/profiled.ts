import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Runs a part of the product that works in the bench's own process, and writes its CPU profile there as a service's would be. */
export const profiled = async (folder: string, name: string, work: () => Promise<void>): Promise<void> => {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    await Bun.write(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
  } finally {
    session.disconnect();
  }
};
