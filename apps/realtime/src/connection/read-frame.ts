import { type ClientFrame, type ClientFrameOf, type ClientOp, clientFrames } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import type { ProblemCode } from '@chatapp/contract/problem';
import { nestsDeeperThan } from '@chatapp/service/json';
import { type CompiledSchema, compileSchema } from '@chatapp/service/schema';

/** The frames that end as a command in a stream. */
export type CommandFrame = ClientFrameOf<'message.send' | 'message.edit' | 'message.delete' | 'reaction.set' | 'read'>;

/**
 * - `breach`: it cannot even be answered, because it has no id; the socket is closed.
 * - `refused`: it is answered with the error.
 */
export type ReadFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  | { readonly kind: 'refused'; readonly id: number; readonly code: ProblemCode }
  | { readonly kind: 'breach'; readonly reason: string };

const schemas = new Map<string, CompiledSchema<unknown>>(
  Object.entries(clientFrames).map(([op, schema]) => [op, compileSchema(schema)]),
);

/** Reads what a client sent: depth first (a parser blocks on brackets), then JSON, then the schema of its op. */
export const readFrame = (text: string): ReadFrame => {
  if (nestsDeeperThan(text, limits.jsonDepthMax)) return { kind: 'breach', reason: 'JSON nests too deep' };
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'breach', reason: 'not a JSON object' };
  }
  const { id, op } = value as { id?: unknown; op?: unknown };
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return { kind: 'breach', reason: 'no frame id' };
  const schema = typeof op === 'string' ? schemas.get(op) : undefined;
  if (schema === undefined) return { kind: 'refused', id, code: 'malformed' };
  if (!schema.check(value)) return { kind: 'refused', id, code: 'invalid' };
  return { kind: 'frame', frame: value as ClientFrame };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const commandOps: ReadonlySet<ClientOp> = new Set([
  'message.send',
  'message.edit',
  'message.delete',
  'reaction.set',
  'read',
]);

export const isCommandFrame = (frame: ClientFrame): frame is CommandFrame => commandOps.has(frame.op);
