import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { createRequestSeries, RequestSeconds } from './request-series.ts';

export interface Metrics {
  readonly registry: Registry;
  /** `route` is the pattern (`/conversations/:id`), never the path: labels stay few and hold no ids. */
  observeRequest(request: ObservedRequest): void;
}

export interface ObservedRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Prometheus metrics of one service; further ones register with `registry`. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  // What V8 calls so JavaScriptCore has not: all are 0 but one, for which the whole heap is gone through, 50 ms and more at each scrape.
  for (const size of ['total', 'used', 'available'])
    registry.removeSingleMetric(`nodejs_heap_space_size_${size}_bytes`);
  const series = createRequestSeries();
  new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { method, route, statuses } of series.all())
        for (const [status, count] of statuses) this.inc({ method, route, status }, count);
    },
  });
  registry.registerMetric(new RequestSeconds(series));
  return {
    registry,
    observeRequest: ({ method, route, status, seconds }) => series.of(method, route).add(status, seconds),
  };
};
