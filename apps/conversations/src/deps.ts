import type { Id } from '@chatapp/contract/ids';
import type { Authentication } from '@chatapp/service/authenticate';
import type { DirectoryMode } from './config.ts';
import type { Read, Transact } from './database.ts';

/** What the use cases are made of; each names the part that it uses. */
export interface Deps {
  readonly auth: Authentication;
  readonly read: Read;
  readonly transact: Transact;
  readonly now: () => Date;
  readonly newId: () => Id;
  readonly directory: DirectoryMode;
  /** How long after a decline the same inviter may not ask again, ms. */
  readonly coolDownMs: number;
}

export type Uses<Part extends keyof Deps> = Pick<Deps, Part>;
