import type { Log } from '@chatapp/service/log';
import type { Uses } from '../deps.ts';
import type { InvitationView } from '../invitations/invitation.ts';
import { insertToken } from '../invitations/invitation-store.ts';
import { hashOfToken, invitationUrl } from '../invitations/token.ts';
import { invitationMail } from './invitation-mail.ts';
import { claimMail, listDueMails, settleMail } from './mail-store.ts';
import type { SendMail } from './send-mail.ts';

export const mailLease = 'mail';

const batchMax = 50;
const attemptsMax = 12;
const firstPauseMs = 30_000;
const pauseMaxMs = 3_600_000;

/** When a mail is sent again that could not be sent, ms after the attempt; it ends after half a day. */
export const mailPauseMs = (attempts: number): number => Math.min(pauseMaxMs, firstPauseMs * 2 ** attempts);

type Deps = Uses<'read' | 'transact' | 'now' | 'newToken' | 'publicUrl'> & {
  readonly send: SendMail;
  readonly log: Log;
};

/**
 * Sends what is due, each under a new secret, of which only the hash is kept. At least once: a crash between sending and noting it sends it again,
 * and either mail opens the invitation.
 */
export const sweepMails = async (deps: Deps): Promise<void> => {
  const views = await deps.read((db) => listDueMails(db, { now: deps.now(), limit: batchMax }));
  for (const view of views) await sendOne(deps, view);
};

const sendOne = async (deps: Deps, view: InvitationView): Promise<void> => {
  const { transact, now, newToken, publicUrl, send, log } = deps;
  const { id, mailAttempts } = view.invitation;
  const token = newToken();
  const again = mailAttempts + 1 < attemptsMax ? new Date(now().getTime() + mailPauseMs(mailAttempts)) : null;
  const claimed = await transact(async (tx, { repeated }) => {
    if (!(await claimMail(tx, view.invitation, { again }))) return repeated;
    await insertToken(tx, id, hashOfToken(token));
    return true;
  });
  if (!claimed) return;
  try {
    await send(invitationMail(view, invitationUrl(publicUrl, token)));
    await transact((tx) => settleMail(tx, id));
  } catch (error) {
    // The server's words may hold the address.
    const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
    log.warn({ invitationId: id, code, responseCode, givenUp: again === null }, 'sending a mail failed');
  }
};
