import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Mail } from './invitation-mail.ts';

/** Sends a mail, or rejects; whether it was sent may be unknown then. */
export type SendMail = (mail: Mail) => Promise<void>;

/** Mails are made of what people wrote: nothing in them may read a file or fetch a URL. */
const safe = { disableFileAccess: true, disableUrlAccess: true } as const;

/** Over SMTP (`smtp:` with STARTTLS where the server offers it, `smtps:`), with the credentials in the URL. */
export const smtpSender = ({ url, from }: { url: string; from: string }): SendMail => {
  const transport = createTransport({
    url,
    connectionTimeout: 5000,
    greetingTimeout: 5000,
    socketTimeout: 10_000,
    ...safe,
  });
  return async (mail) => {
    await transport.sendMail({ from, ...mail });
  };
};

/** Into a folder as .eml files, each whole or not at all: for a machine without a mail server. They hold secrets, so others may not read them. */
export const folderSender = ({ folder, from, now }: { folder: string; from: string; now: () => Date }): SendMail => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...safe });
  return async (mail) => {
    const { message } = await transport.sendMail({ from, ...mail });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = `${now().toISOString().replaceAll(':', '-')}-${crypto.randomUUID()}.eml`;
    const half = join(folder, `.${file}`);
    await writeFile(half, message as Buffer, { mode: 0o600 });
    await rename(half, join(folder, file));
  };
};
