import { Counter, Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** Something that only grows; its name ends in `_total`. */
export interface Meter {
  add(count?: number): void;
}

export const counter = (metrics: Metrics, name: string, help: string): Meter => {
  // Frames are counted one by one: the library, which looks at labels each time, learns of them when it is asked.
  let since = 0;
  new Counter({
    name,
    help,
    registers: [metrics.registry],
    collect() {
      this.inc(since);
      since = 0;
    },
  });
  return {
    add: (count = 1) => {
      since += count;
    },
  };
};

/** Something that goes up and down, read when the metrics are asked for. */
export const gauge = (metrics: Metrics, name: string, help: string, read: () => number): void => {
  new Gauge({
    name,
    help,
    registers: [metrics.registry],
    collect() {
      this.set(read());
    },
  });
};

/** Something that only grows, told apart by one label with few values. */
export interface LabelledMeter {
  add(label: string, count?: number): void;
}

export const labelledCounter = (
  metrics: Metrics,
  { name, help, label }: { name: string; help: string; label: string },
): LabelledMeter => {
  const metric = new Counter({ name, help, labelNames: [label], registers: [metrics.registry] });
  return { add: (value, count = 1) => metric.inc({ [label]: value }, count) };
};
