import type { ResumedConversation } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';

/** What is known about one listed conversation when a resume is answered. */
export type ResumeFinding =
  | { readonly kind: 'gone' }
  | { readonly kind: 'reset'; readonly headRev: number; readonly headSeq: number }
  | { readonly kind: 'changes'; readonly resumed: Extract<ResumedConversation, { changes: unknown }> };

/** Room for the frame around the conversations, and for a reset of each that does not fit. */
const bytesMax = limits.resumeBytesMax;

/**
 * The `ok` of a resume as JSON text: in the order listed at most 300 changes and 256 KB, the rest as `reset`. The resets of a thousand conversations
 * fit too, so that what was listed is always answered.
 */
export const fitResume = (findings: readonly { readonly c: string; readonly finding: ResumeFinding }[]): string => {
  const parts = findings.map(({ c, finding }) => ({ c, finding, small: JSON.stringify(smallest(c, finding)) }));
  let bytes = parts.reduce((sum, { small }) => sum + small.length + 1, '{"conversations":[]}'.length);
  let changes = 0;
  const out = parts.map(({ finding, small }) => {
    if (finding.kind !== 'changes') return small;
    const { resumed } = finding;
    if (changes + resumed.changes.length > limits.resumeChangesMax) return small;
    const { changes: page, ...rest } = resumed;
    const written = writtenOf(page);
    const around = JSON.stringify(rest).slice(0, -1);
    const more = around.length + ',"changes":}'.length + written.bytes - small.length;
    if (bytes + more > bytesMax) return small;
    bytes += more;
    changes += page.length;
    return `${around},"changes":${written.json}}`;
  });
  return `{"conversations":[${out.join(',')}]}`;
};

interface Written {
  readonly json: string;
  readonly bytes: number;
}

/** By page: after a restart thousands of connections get the same one. */
const writtenPages = new WeakMap<readonly Message[], Written>();

const nothing: Written = { json: '[]', bytes: 2 };

const writtenOf = (page: readonly Message[]): Written => {
  if (page.length === 0) return nothing;
  const known = writtenPages.get(page);
  if (known) return known;
  const json = JSON.stringify(page);
  const written = { json, bytes: Buffer.byteLength(json) };
  writtenPages.set(page, written);
  return written;
};

const smallest = (c: string, finding: ResumeFinding): ResumedConversation => {
  if (finding.kind === 'gone') return { c, gone: true };
  const { headRev, headSeq } = finding.kind === 'reset' ? finding : finding.resumed;
  return { c, reset: true, headRev, headSeq };
};
