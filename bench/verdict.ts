/** What one goal came to. */
export interface Verdict {
  /** `G1`; a goal with several conditions has one line each: `G1`, `G1-insert`. */
  readonly goal: string;
  readonly title: string;
  /** Null: it could not be measured here. */
  readonly figure: number | null;
  /** What the figure is: `× better`, `ms`, `KB`. */
  readonly unit: string;
  /** In words: `≥ 3`. */
  readonly target: string;
  readonly holds: boolean;
  /** The medians that the figure comes from, by whose they are. */
  readonly medians: Readonly<Record<string, number>>;
  /** What was measured in each round. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  /** Of `medians` and `rounds`: `CPU s / million deliveries`. */
  readonly measure: string;
  /** Where the cost lies, by process; and what else a reader should know. */
  readonly parts?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly note?: string;
  readonly skipped?: string;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export const targetText = (target: Target): string =>
  'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;

export const meets = (figure: number, target: Target): boolean =>
  'atLeast' in target ? figure >= target.atLeast : figure <= target.atMost;

/** The measurement itself went wrong. */
export const brokenVerdict = (goal: string, error: unknown): Verdict => ({
  ...{ goal, title: 'not measured', figure: null, unit: '', target: '', holds: false },
  ...{ medians: {}, rounds: {}, measure: '', skipped: error instanceof Error ? error.message : String(error) },
});
