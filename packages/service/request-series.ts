import { Histogram, type MetricValueWithName } from 'prom-client';

/** Upper bounds, seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The requests of one method and route. The library looks at names and values of all labels each time; here a request costs a few additions, and the library
 * learns of them when it is asked.
 */
class RequestSeries {
  readonly statuses = new Map<number, number>();
  /** Those up to each bound and over the one before; the last ones over all bounds. */
  readonly counts = new Float64Array(bounds.length + 1);
  seconds = 0;

  constructor(
    readonly method: string,
    readonly route: string,
  ) {}

  add(status: number, seconds: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    let place = 0;
    while (place < bounds.length && seconds > (bounds[place] ?? 0)) place++;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.seconds += seconds;
  }
}

export interface AllSeries {
  of(method: string, route: string): RequestSeries;
  all(): RequestSeries[];
}

export const createRequestSeries = (): AllSeries => {
  const routes = new Map<string, Map<string, RequestSeries>>();
  return {
    of(method, route) {
      const known = routes.get(route)?.get(method);
      if (known !== undefined) return known;
      const series = new RequestSeries(method, route);
      routes.set(route, (routes.get(route) ?? new Map<string, RequestSeries>()).set(method, series));
      return series;
    },
    all: () => [...routes.values()].flatMap((methods) => [...methods.values()]),
  };
};

const name = 'http_request_seconds';
const help = 'Time to the answer, seconds';

/** The times of the requests as the library's histogram. */
export class RequestSeconds extends Histogram {
  readonly #series: AllSeries;

  constructor(series: AllSeries) {
    super({ name, help, buckets: bounds, registers: [] });
    this.#series = series;
  }

  /** What a registry asks of a histogram. */
  async getForPromString() {
    return { name, help, type: 'histogram', values: this.#series.all().flatMap(valuesOf), aggregator: 'sum' };
  }
}

/** What the library adds to all values of a metric: nothing. */
const common = { sharedLabels: {} };

const valuesOf = ({ method, route, counts, seconds }: RequestSeries): MetricValueWithName<string>[] => {
  const labels = { method, route };
  let sum = 0;
  const buckets = [...bounds, '+Inf' as const].map((le, place) => {
    sum += counts[place] ?? 0;
    return { ...common, metricName: `${name}_bucket`, labels: { ...labels, le }, value: sum };
  });
  return [
    ...buckets,
    { ...common, metricName: `${name}_sum`, labels, value: seconds },
    { ...common, metricName: `${name}_count`, labels, value: sum },
  ];
};
