import { ChaosProxy } from '../../../chaos/proxy/proxy.ts';

/** A way to a server on which everything can be lost: nobody is told, and nothing comes back. */
export const silentPathTo = (url: string) => {
  const proxy = new ChaosProxy({ targets: [{ hostname: '127.0.0.1', port: Number(new URL(url).port) }] });
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    swallow: () => proxy.set({ blackHole: true }),
    stop: () => proxy.stop(),
  };
};
