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
  /** The secret of an invitation, or of the address of a picture. */
  readonly newToken: () => string;
  readonly directory: DirectoryMode;
  /** How long after a decline the same inviter may not ask again, ms. */
  readonly coolDownMs: number;
  readonly invitationsPerHour: number;
  /** Whether this installation sends mails; else nobody is invited by their address. */
  readonly sendsMail: boolean;
  /** Where browsers find the web client: the beginning of a link. */
  readonly publicUrl: string;
}

export type Uses<Part extends keyof Deps> = Pick<Deps, Part>;
