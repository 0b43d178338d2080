import type { ChaosStack } from '../stack/stack.ts';

/** A counter or gauge without labels of its own, over all processes of a service; one that does not answer has none. */
export const sumOfMetric = async (stack: ChaosStack, kind: string, name: string): Promise<number> => {
  const values = await Promise.all(stack.namesOf(kind).map((process) => metricOf(stack, process, name)));
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
};

/** The same of one process; undefined where it does not answer or has none of that name. */
export const metricOf = async (stack: ChaosStack, process: string, name: string): Promise<number | undefined> => {
  const text = await fetch(`${stack.address(process)}/metrics`, { signal: AbortSignal.timeout(4000) })
    .then((response) => response.text())
    .catch(() => '');
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) || each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};
