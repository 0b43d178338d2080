import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@chatapp/service/log';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { type TestSmtp, testSmtp } from '../../testing/smtp.ts';
import { createRead, createTransact } from '../database.ts';
import { newInvitationToken } from '../invitations/token.ts';
import { invitationMail } from './invitation-mail.ts';
import { mailPauseMs, sweepMails } from './send-due-mails.ts';
import { folderSender, type SendMail, smtpSender } from './send-mail.ts';

const service = serviceForFile();
let smtp: TestSmtp;
let folder = '';
beforeAll(async () => {
  smtp = testSmtp();
  folder = await mkdtemp(join(tmpdir(), 'chatapp-mail-'));
}, 60_000);
afterEach(async () => {
  smtp.mails.length = 0;
  await service.sql`UPDATE invitations SET mail_due_at = NULL`;
});
afterAll(async () => {
  smtp.stop();
  await rm(folder, { recursive: true });
});

const from = 'ChatApp <chat@example.test>';
const logged: unknown[] = [];
const sweepBy = (send: SendMail) => {
  const log = silentLog();
  log.warn = (...entry: unknown[]) => void logged.push(entry);
  return sweepMails({
    read: createRead(service.db),
    transact: createTransact(service.db, () => {}),
    now: service.now,
    newToken: newInvitationToken,
    publicUrl: 'http://localhost:3000',
    send,
    log,
  });
};
const sweep = () => sweepBy(smtpSender({ url: smtp.url, from }));
const invite = async (email: string, name = 'Harbour') => {
  const id = await service.group({}, { name });
  return (await service.as.ann('POST', `/conversations/${id}/invitations`, { email })).body.id as string;
};
/** Quoted-printable, undone. */
const plain = (data: string) =>
  data.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
const tokensIn = (data: string) => [
  ...new Set(Array.from(plain(data).matchAll(/invite\/([\w-]{43})/g), (match) => match[1])),
];
const redeem = (token: string | undefined) => service.as.bob('POST', `/invitations/token/${token}/accept`);

describe('sweepMails', () => {
  it('sends what lets the owner of the address in, once', async () => {
    await invite('bob@example.test');
    await sweep();
    await sweep();
    expect(smtp.mails).toHaveLength(1);
    const [mail] = smtp.mails;
    expect(mail?.to).toBe('bob@example.test');
    expect(mail?.data).toContain('From: ChatApp <chat@example.test>');
    const tokens = tokensIn(mail?.data ?? '');
    expect(tokens).toHaveLength(1);
    expect((await service.as.eve('GET', `/invitations/token/${tokens[0]}`)).body.code).toBe('invitation-not-for-you');
    expect((await redeem(tokens[0])).status).toBe(200);
    const dump = JSON.stringify(await service.sql`SELECT * FROM invitation_tokens`);
    expect(dump).not.toContain(tokens[0] ?? '');
  });

  it('tries again later when the server refuses, longer each time, and ends', async () => {
    logged.length = 0;
    const id = await invite('bob@example.test');
    smtp.refuseNext('451 <bob@example.test>: come again');
    await sweep();
    await sweep();
    expect(smtp.mails).toHaveLength(0);
    service.time.offsetMs = mailPauseMs(0) + 1000;
    await sweep();
    expect(smtp.mails).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain('451');
    expect(JSON.stringify(logged)).not.toContain('bob@');
    const [row] = await service.sql`SELECT mail_due_at, mail_attempts FROM invitations WHERE id = ${id}`;
    expect({ ...row }).toEqual({ mail_due_at: null, mail_attempts: 2 });

    const lost = await invite('carol@example.test');
    for (let attempt = 0; attempt < 12; attempt++) {
      smtp.refuseNext('550 no');
      service.time.offsetMs += 3_700_000;
      await sweep();
    }
    const [given] = await service.sql`SELECT mail_due_at, mail_attempts FROM invitations WHERE id = ${lost}`;
    expect({ ...given }).toEqual({ mail_due_at: null, mail_attempts: 12 });
  });

  it('sends again where nobody knows whether it was sent; either mail opens the invitation', async () => {
    await invite('bob@example.test');
    smtp.cutNext();
    await sweep();
    service.time.offsetMs = mailPauseMs(0) + 1000;
    await sweep();
    const tokens = smtp.mails.flatMap((mail) => tokensIn(mail.data));
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect((await service.as.bob('GET', `/invitations/token/${token}`)).status).toBe(200);
    expect((await redeem(tokens[0])).status).toBe(200);
  });

  it('sends one where two sweep at once', async () => {
    await invite('bob@example.test');
    await Promise.all([sweep(), sweep()]);
    expect(smtp.mails).toHaveLength(1);
  });

  it('sends nothing of what has ended', async () => {
    const revoked = await invite('bob@example.test');
    await service.as.ann('DELETE', `/invitations/${revoked}`);
    await sweep();
    expect(smtp.mails).toHaveLength(0);
  });

  it('writes files that nobody else may read, where there is no server', async () => {
    await invite('bob@example.test');
    await sweepBy(folderSender({ folder, from, now: service.now }));
    const files = await readdir(folder);
    expect(files).toEqual([expect.stringMatching(/^\d{4}-.*\.eml$/)]);
    const path = join(folder, files[0] ?? '');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, 'utf8');
    expect(text).toContain('To: bob@example.test');
    expect((await redeem(tokensIn(text)[0])).status).toBe(200);
  });

  it('carries names as text: no header, no markup', async () => {
    await invite('bob@example.test', 'A <img src=x> & "B" Bcc: eve@example.test');
    await sweep();
    const text = plain(smtp.mails[0]?.data ?? '');
    expect(text).not.toMatch(/^Bcc:/im);
    expect(text.slice(text.indexOf('<!doctype'))).not.toContain('<img');
    expect(text).toContain('&lt;img src=x&gt; &amp; &quot;B&quot;');
  });
});

describe('POST /conversations/:id/invitations by address', () => {
  it('is refused where nobody can be mailed', async () => {
    const id = await service.group();
    const mailless = service.withSettings({ sendsMail: false });
    const answer = await mailless.ann('POST', `/conversations/${id}/invitations`, { email: 'x@example.test' });
    expect(answer.body.code).toBe('conflict');
  });
});

describe('invitationMail', () => {
  it('says until when', async () => {
    const { body } = await service.as.ann('GET', '/conversations?limit=1');
    const view = {
      invitation: { email: 'x@example.test', expiresAt: null },
      conversation: body.items[0],
      inviter: { id: '', name: 'Ann', avatarUrl: null },
      invitee: null,
    } as unknown as Parameters<typeof invitationMail>[0];
    expect(invitationMail(view, 'u').text).toContain('does not expire');
    const expiresAt = new Date('2026-11-22T10:42:13.000Z');
    const dated = { ...view, invitation: { ...view.invitation, expiresAt } };
    expect(invitationMail(dated, 'u').text).toContain('until 2026-11-22 10:42 UTC');
  });
});
