import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { folderSender } from '../../apps/conversations/src/mail/send-mail.ts';
import { type TestIssuer, testIssuer } from '../testing/issuer.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { readMails } from './mails.ts';

const folder = join(temporaryFolder('mails'), 'mail');
const url = `http://localhost:3000/invite/${'a'.repeat(43)}`;
let minute = 0;
const now = () => new Date(Date.UTC(2026, 10, 22, 10, minute++));
/** The very sender that makes the files. */
const send = folderSender({ folder, from: 'ChatApp <chat@example.test>', now });
const mail = (subject: string) => ({
  to: 'bob@example.test',
  subject,
  text: `Ann invites you to “Night <watch>”.\n\n${url}\n`,
  html: `<p>${url}</p>`,
});

let op: TestIssuer;
beforeAll(async () => {
  op = await testIssuer({ env: { MAIL_DIR: folder } });
}, 60_000);
afterAll(() => op.stop());

describe('readMails', () => {
  it('is empty while there is no folder', async () => {
    expect(await readMails(join(folder, 'nowhere'))).toEqual([]);
  });

  it('reads what was sent, the newest first, and nothing else', async () => {
    await send(mail('First'));
    await send(mail('Ann invites you to “Night watch”'));
    await writeFile(join(folder, '.half.eml'), 'Subject: half');
    await writeFile(join(folder, 'notes.txt'), 'no mail');
    await mkdir(join(folder, 'more'), { recursive: true });
    const mails = await readMails(folder);
    expect(mails.map(({ subject }) => subject)).toEqual(['Ann invites you to “Night watch”', 'First']);
    expect(mails[0]).toMatchObject({ to: 'bob@example.test' });
    expect(mails[0]?.text).toContain(url);
  });
});

describe('GET /mails', () => {
  it('shows them with a link to follow, and no markup of theirs', async () => {
    const page = await (await fetch(`${op.issuer}/mails`)).text();
    expect(page).toContain(`<a href="${url}">`);
    expect(page).toContain('“Night &lt;watch&gt;”');
  });

  it('answers under no other name: that would be another site that points here', async () => {
    const { port } = new URL(op.issuer);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, path: '/mails', headers: { host: `evil.test:${port}` } },
        (answer) => resolve(answer.resume().statusCode),
      );
      asked.on('error', reject).end();
    });
    expect(status).toBe(404);
  });

  it('is not there without a folder', async () => {
    const plain = await testIssuer();
    expect((await fetch(`${plain.issuer}/mails`)).status).toBe(404);
    await plain.stop();
  }, 30_000);
});
