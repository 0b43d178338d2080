import type { ResumedConversation } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';

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
    const whole = JSON.stringify(resumed);
    const more = Buffer.byteLength(whole) - small.length;
    if (bytes + more > bytesMax) return small;
    bytes += more;
    changes += resumed.changes.length;
    return whole;
  });
  return `{"conversations":[${out.join(',')}]}`;
};

const smallest = (c: string, finding: ResumeFinding): ResumedConversation => {
  if (finding.kind === 'gone') return { c, gone: true };
  const { headRev, headSeq } = finding.kind === 'reset' ? finding : finding.resumed;
  return { c, reset: true, headRev, headSeq };
};
