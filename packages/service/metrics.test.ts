import { describe, expect, it } from 'bun:test';
import { createMetrics } from './metrics.ts';

describe('createMetrics', () => {
  it('tells how long the event loop stood still', async () =>
    expect(await createMetrics('things').registry.metrics()).toMatch(/^nodejs_eventloop_lag_max_seconds\{/m));

  it('does not go through the whole heap to be read', async () => {
    const { registry } = createMetrics('things');
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('nodejs_heap_space'))).toEqual([]);
    expect(await registry.metrics()).toContain('process_resident_memory_bytes');
  });
});
