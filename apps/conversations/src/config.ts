import {
  databaseSettings,
  issuerSettings,
  listenSettings,
  originSettings,
  redisSettings,
} from '@chatapp/service/common-settings';
import { integer, oneOf, optional, text, url } from '@chatapp/service/config';

const directoryModes = ['open', 'members', 'exact'] as const;
/** Who finds whom by `GET /users?query=`: everybody; who shares a conversation; nobody but by the whole verified e-mail address. */
export type DirectoryMode = (typeof directoryModes)[number];

export const settings = {
  ...listenSettings(3001),
  ...databaseSettings,
  ...redisSettings,
  ...issuerSettings,
  publicUrl: originSettings.publicUrl,
  directory: oneOf('DIRECTORY', directoryModes, {
    about:
      'who is found in the directory: open, members (who shares a conversation) or exact (by whole e-mail address)',
    default: 'open',
  }),
  coolDownSeconds: integer('INVITATION_COOL_DOWN_SECONDS', {
    about: 'how long after a decline the same inviter may not invite the person to the same conversation again',
    default: 86_400,
    min: 0,
    max: 31_536_000,
  }),
  invitationsPerHour: integer('INVITATIONS_PER_HOUR', {
    about: 'invitations of one person an hour, over all conversations',
    default: 100,
    min: 1,
    max: 100_000,
  }),
  deleteGraceSeconds: integer('DELETE_GRACE_SECONDS', {
    about: 'how long a deleted conversation can be restored before it is erased with its messages',
    default: 604_800,
    min: 0,
    max: 31_536_000,
  }),
  smtpUrl: optional(
    url('SMTP_URL', ['smtp', 'smtps'], {
      about: 'the mail server, with user and password; without it mails are files',
    }),
  ),
  mailFrom: text('MAIL_FROM', { about: 'sender of mails', default: 'ChatApp <chatapp@localhost>' }),
  mailDir: optional(
    text('MAIL_DIR', {
      about: 'folder for mails as .eml files where SMTP_URL is not set; without both nobody is mailed',
    }),
  ),
  leaseMs: integer('LEASE_MS', {
    about: 'how long a work of one instance at a time stays with an instance that does not renew it',
    default: 3000,
    min: 500,
    max: 60_000,
  }),
};
