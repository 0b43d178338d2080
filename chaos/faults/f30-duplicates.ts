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
  inject: async ({ stack, redis, random, wait, mark, over, isShort }) => {
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
    over(`doubled: ${frames} frames, ${await commands.stop()} commands, ${await changes.stop()} changes`);
  },
};
