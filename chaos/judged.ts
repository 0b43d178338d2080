import type { Invariant, Violation } from './checker/evidence.ts';
import { violation } from './checker/stored.ts';

/** A figure that the catalogue gives a limit. */
export interface Judged {
  readonly invariant: Invariant;
  /** With its unit: `recovery, ms`. */
  readonly what: string;
  /** Null: it never came about, which no limit allows. */
  readonly value: number | null;
  readonly max?: number;
  readonly min?: number;
}

export const overLimits = (judged: readonly Judged[]): Violation[] =>
  judged
    .filter(isBroken)
    .flatMap((one) => violation(one.invariant, `${one.what}: ${valueText(one)}, allowed is ${limitText(one)}`));

/** `recovery, ms 400 (≤ 5000)`. */
export const judgedText = (one: Omit<Judged, 'invariant'>): string =>
  `${one.what} ${valueText(one)} (${limitText(one)})`;

const isBroken = ({ value, max = Number.POSITIVE_INFINITY, min = Number.NEGATIVE_INFINITY }: Judged): boolean =>
  value === null || value > max || value < min;

export const valueText = ({ value }: Pick<Judged, 'value'>): string =>
  value === null ? 'never' : String(rounded(value));

export const limitText = ({ max, min }: Pick<Judged, 'max' | 'min'>): string =>
  [...(min === undefined ? [] : [`≥ ${min}`]), ...(max === undefined ? [] : [`≤ ${max}`])].join(' and ');

const rounded = (value: number): number => Math.round(value * 100) / 100;
