import type { ChaosStack } from '../stack/stack.ts';

/** A counter or gauge without labels of its own, over all processes of a service; one that does not answer has none. */
export const sumOfMetric = async (stack: ChaosStack, kind: string, name: string): Promise<number> => {
  const values = await Promise.all(stack.namesOf(kind).map((process) => metricOf(stack, process, name)));
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
};

/** The same of one process; undefined where it does not answer or has none of that name. */
export const metricOf = async (stack: ChaosStack, process: string, name: string): Promise<number | undefined> =>
  numberOf((await linesOf(stack, process, name))[0]);

/** A counter with one label of its own, over all processes of a service, by the label's values. */
export const sumsByLabel = async (
  stack: ChaosStack,
  kind: string,
  { name, label }: { readonly name: string; readonly label: string },
): Promise<ReadonlyMap<string, number>> => {
  const lines = await Promise.all(stack.namesOf(kind).map((process) => linesOf(stack, process, name)));
  const sums = new Map<string, number>();
  for (const line of lines.flat()) {
    const value = new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? '';
    sums.set(value, (sums.get(value) ?? 0) + (numberOf(line) ?? 0));
  }
  return sums;
};

const linesOf = async (stack: ChaosStack, process: string, name: string): Promise<string[]> => {
  const text = await fetch(`${stack.address(process)}/metrics`, { signal: AbortSignal.timeout(4000) })
    .then((response) => response.text())
    .catch(() => '');
  return text.split('\n').filter((each) => each.startsWith(`${name}{`) || each.startsWith(`${name} `));
};

const numberOf = (line: string | undefined): number | undefined =>
  line === undefined ? undefined : Number(line.split(' ').at(-1));
