import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** `route` is the pattern (`/conversations/:id`), never the path: labels stay few and hold no ids. */
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
}

/** Prometheus metrics of one service; further ones register with `registry`. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  // What V8 calls so JavaScriptCore has not: all are 0 but one, for which the whole heap is gone through, 50 ms and more at each scrape.
  for (const size of ['total', 'used', 'available'])
    registry.removeSingleMetric(`nodejs_heap_space_size_${size}_bytes`);
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'http_request_seconds',
    help: 'Time to the answer, seconds',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    registry,
    observeRequest: (request) => {
      const { method, route } = request;
      requests.inc({ method, route, status: request.status });
      seconds.observe({ method, route }, request.seconds);
    },
  };
};
