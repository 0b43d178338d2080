import type { Fault } from '../fault.ts';
import type { Tap } from '../proxy/proxy.ts';
import { repeatChanges, repeatCommands } from './redis-store.ts';
import { holdsWholeTextFrames } from './web-socket-frames.ts';

const share = 0.3;

export const duplicates: Fault = {
  id: 'F30',
  title: 'client frames, commands and changes are delivered twice',
  edges: ['client>bff'],
  recoveryMsMax: 2000,
  inject: async ({ stack, redis, random, wait, mark, over, judge, isShort }) => {
    let frames = 0;
    const tap: Tap = (direction, chunk, link) => {
      if (direction === 'up' && holdsWholeTextFrames(chunk) && random() < share) {
        frames++;
        link.inject('up', chunk);
      }
      return 'pass';
    };
    for (const proxy of stack.proxies('client>bff')) proxy.tap = tap;
    const commands = repeatCommands(redis, share, random);
    const changes = repeatChanges(redis, share, random);
    mark('everything is doubled');
    await wait(isShort ? 5000 : 45_000);
    for (const proxy of stack.proxies('client>bff')) proxy.tap = undefined;
    const doubled = { frames, commands: await commands.stop(), changes: await changes.stop() };
    over(`doubled: ${doubled.frames} frames, ${doubled.commands} commands, ${doubled.changes} changes`);
    for (const [what, value] of Object.entries(doubled))
      judge({ what: `${what} that were doubled`, value, min: isShort ? 10 : 300 });
  },
};
