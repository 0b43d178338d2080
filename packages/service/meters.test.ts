import { describe, expect, it } from 'bun:test';
import { counter } from './meters.ts';
import { createMetrics } from './metrics.ts';

describe('counter', () => {
  it('shows the sum of what was added, however often it is asked', async () => {
    const metrics = createMetrics('test');
    const meter = counter(metrics, 'things_total', 'Things');
    const shown = async () => /^things_total\{service="test"\} (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
    expect(await shown()).toBe('0');
    meter.add();
    meter.add(2);
    expect(await shown()).toBe('3');
    expect(await shown()).toBe('3');
    meter.add();
    expect(await shown()).toBe('4');
  });
});
