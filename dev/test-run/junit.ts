export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Counts = { passed: 0, failed: 0, skipped: 0 };

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The counts of a JUnit report, by the attributes of its root element; undefined when it has none. */
export function readJunit(xml: string): Counts | undefined {
  const root = /<testsuites\b[^>]*>/.exec(xml)?.[0];
  if (!root) return undefined;
  const number = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = number('failures');
  const skipped = number('skipped');
  return { passed: number('tests') - failed - skipped, failed, skipped };
}
