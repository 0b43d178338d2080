import type { FailureCode } from '../api/api-error.ts';
import { type Dictionary, en } from './en.ts';

/** The dictionary in use. Another language is another object of this type. */
export const text: Dictionary = en;

/** What a failed request means to the person. */
export const failureText = (code: FailureCode): string =>
  (text.failures as Partial<Record<FailureCode, string>>)[code] ?? text.failures.other;
