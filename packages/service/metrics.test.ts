import { describe, expect, it } from 'bun:test';
import { createMetrics } from './metrics.ts';

describe('createMetrics', () => {
  it('tells how long the event loop stood still', async () =>
    expect(await createMetrics('things').registry.metrics()).toMatch(/^nodejs_eventloop_lag_max_seconds\{/m));

  it('counts requests by method, route and status, and their times by method and route', async () => {
    const { registry, observeRequest } = createMetrics('things');
    const observe = (method: string, status: number, seconds: number) =>
      observeRequest({ method, route: '/things/:id', status, seconds });
    observe('GET', 200, 0.001);
    observe('GET', 200, 0.0011);
    observe('GET', 404, 60);
    observe('PUT', 204, 0.2);
    const lines = (await registry.metrics()).split('\n').filter((line) => line.includes('/things/:id'));
    const of = (name: string, ...labels: string[]) =>
      lines.filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
    const values = (...found: Parameters<typeof of>) => of(...found).map((line) => Number(line.split(' ').at(-1)));
    const get = 'method="GET"';
    expect(values('http_requests_total', get, 'status="200"')).toEqual([2]);
    expect(values('http_requests_total', get, 'status="404"')).toEqual([1]);
    expect(values('http_requests_total', 'method="PUT"', 'status="204"', 'service="things"')).toEqual([1]);
    // Up to each bound, the bound itself with it.
    expect(values('http_request_seconds_bucket', get)).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]);
    expect(of('http_request_seconds_bucket', get)[0]).toContain('le="0.001"');
    expect(of('http_request_seconds_bucket', get).at(-1)).toContain('le="+Inf"');
    expect(values('http_request_seconds_count', get)).toEqual([3]);
    expect(values('http_request_seconds_sum', get)[0]).toBeCloseTo(60.0021);
    // Read again, nothing is counted twice.
    expect(await registry.metrics()).toContain(of('http_requests_total', get, 'status="200"')[0] ?? 'none');
  });

  it('does not go through the whole heap to be read', async () => {
    const { registry } = createMetrics('things');
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('nodejs_heap_space'))).toEqual([]);
    expect(await registry.metrics()).toContain('process_resident_memory_bytes');
  });
});
