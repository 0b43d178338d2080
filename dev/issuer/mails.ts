import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import type { Middleware } from './middleware.ts';
import { mailsPage } from './pages.ts';

/** A mail that a machine without a mail server would have sent. */
export type Mail = { id: string; to: string; subject: string; text: string; at: Date | undefined };

const mailsMax = 50;
const file = /^[\w.-]+\.eml$/;

/** The mails in the folder, the newest first; none while nobody was mailed. Their names begin with the instant. */
export async function readMails(folder: string): Promise<Mail[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => file.test(name) && !name.startsWith('.'));
  const newest = names.sort().reverse().slice(0, mailsMax);
  return Promise.all(newest.map(async (name) => readMail(name, await readFile(join(folder, name)))));
}

async function readMail(id: string, bytes: Uint8Array): Promise<Mail> {
  const { to, subject, text, date } = await PostalMime.parse(bytes);
  const at = date === undefined ? undefined : new Date(date);
  return {
    id,
    to: (to ?? []).map(({ address }) => address ?? '').join(', '),
    subject: subject ?? '',
    text: text ?? '',
    at: at && !Number.isNaN(at.getTime()) ? at : undefined,
  };
}

/**
 * The page `/mails`: what lies in the folder, with its links. Mails hold secrets, so it answers only under the issuer's own name: a page
 * of another name that points to this machine must not read them.
 */
export function showMails(folder: string, issuer: string): Middleware {
  const { host } = new URL(issuer);
  return async (ctx, next) => {
    if (ctx.path !== '/mails' || ctx.method !== 'GET') return next();
    // As it was asked for: `ctx.host` is always the issuer's.
    if (ctx.req.headers.host !== host) return ctx.throw(404);
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'html';
    ctx.body = mailsPage(await readMails(folder));
  };
}
