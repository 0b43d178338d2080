import type { Command, CommandAnswer } from '@chatapp/contract/commands';
import { type Access, showsReceipts } from '@chatapp/contract/http-conversations';
import { ProblemError } from '@chatapp/service/problem';
import type { AccessCache } from '../access/access.ts';
import { requireAccess } from '../access/require-access.ts';
import type { CommandLimit } from './command-limit.ts';
import type { GatheredSave } from './gathered-save.ts';
import type { Outcome } from './task.ts';

/** What a person asks for; the rest of the command is added here. */
export type Wanted = Command extends infer Each ? (Each extends Command ? Omit<Each, keyof Granted> : never) : never;
type Granted = Pick<Command, 'at' | 'role' | 'version' | 'origin'>;

export interface RunCommandOptions {
  readonly access: AccessCache;
  readonly save: GatheredSave;
  /** Of a person, and of all in one conversation. */
  readonly limits: { readonly person: CommandLimit; readonly conversation: CommandLimit };
  readonly now: () => number;
}

export interface Ran {
  readonly ok: Extract<CommandAnswer, { ok: unknown }>['ok'];
  readonly repeated: boolean;
}

export type RunCommand = (wanted: Wanted) => Promise<Ran>;

/**
 * A command over HTTP: the person's limit, access, the conversation's limit, a transaction together with others, the answer. Needs the database only.
 * Throws the refusal's problem, `not-found` for strangers, `unavailable` where access or the database cannot be reached.
 */
export const createRunCommand = (options: RunCommandOptions): RunCommand => {
  const { access } = options;
  return async (wanted) => {
    // A marker moves while one scrolls, and writes no more than a number.
    const counts = wanted.op !== 'read';
    if (counts) options.limits.person(wanted.actorId);
    const granted = await requireAccess(access, wanted.conversationId, wanted.actorId);
    // After the access: a stranger uses up nothing of a conversation's, and is told nothing of it.
    if (counts) options.limits.conversation(wanted.conversationId);
    const first = await saveOne(options, wanted, granted);
    const outcome = isFromBeforeLoss(first) ? await again(options, wanted) : first;
    if ('error' in outcome.answer) throw new ProblemError(outcome.answer.error.code);
    return { ok: outcome.answer.ok, repeated: outcome.kind === 'repeated' };
  };
};

const saveOne = async ({ save, now }: RunCommandOptions, wanted: Wanted, access: Access): Promise<Outcome> => {
  const { role, version } = access;
  const granted = { at: Math.floor(now()), role, version, origin: null };
  const command: Command =
    wanted.op === 'read' ? { ...wanted, ...granted, receipts: showsReceipts(access) } : { ...wanted, ...granted };
  return await save(command);
};

const isFromBeforeLoss = ({ answer }: Outcome): boolean => 'error' in answer && answer.error.temporary;

/** The access was kept from before the person lost a right: looked at afresh, it says whether it is back. */
const again = async (options: RunCommandOptions, wanted: Wanted): Promise<Outcome> => {
  const granted = await options.access.fresh(wanted.conversationId, wanted.actorId);
  if (!granted) throw new ProblemError('not-found');
  const outcome = await saveOne(options, wanted, granted);
  if (isFromBeforeLoss(outcome)) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
  return outcome;
};
