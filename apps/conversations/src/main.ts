import { join } from 'node:path';
import { serviceAudience } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { type Config, readConfig } from '@chatapp/service/config';
import { connectDatabase } from '@chatapp/service/database';
import { runService, start } from '@chatapp/service/lifecycle';
import { createLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { migrateAtStart } from '@chatapp/service/migrate-at-start';
import { answersDocs } from '@chatapp/service/production';
import { connectRedis } from '@chatapp/service/redis';
import { runStuckSessionWatch } from '@chatapp/service/stuck-sessions';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import { createApp } from './app.ts';
import { checkConfig } from './check-config.ts';
import { settings } from './config.ts';
import { erasureLease, sweepDeleted } from './conversations/erase-conversations.ts';
import { createRead, createTransact, openDatabase } from './database.ts';
import { startEventWork } from './events/event-work.ts';
import { expiryLease, sweepExpired } from './invitations/expire-invitations.ts';
import { newInvitationToken } from './invitations/token.ts';
import { mailLease, sweepMails } from './mail/send-due-mails.ts';
import { folderSender, type SendMail, smtpSender } from './mail/send-mail.ts';
import { leavingLease, sweepLeaving } from './users/delete-me.ts';

const name = 'conversations';

start(async () => {
  const config = checkConfig(readConfig(settings, process.env));
  const log = createLog({ service: name, level: config.logLevel });
  const database = { url: config.databaseUrl, password: config.databasePassword, log, name };
  await migrateAtStart({ database, directory: join(import.meta.dir, '../migrations'), clock: systemClock });

  const sql = connectDatabase({ ...database, poolMax: config.databasePoolMax });
  const db = openDatabase(sql);
  const read = createRead(db);
  const now = () => new Date();
  // Wakes the relay, which does not exist yet.
  const afterCommit = { wake: () => {} };
  const transact = createTransact(db, () => afterCommit.wake());
  const parts = { read, transact, now };
  const links = { newToken: newInvitationToken, publicUrl: config.publicUrl };
  const send = senderOf(config, now);
  const redisAccess = { url: config.redisUrl, password: config.redisPassword };
  const redis = connectRedis({ ...redisAccess, role: 'commands', log, name });
  const reader = connectRedis({ ...redisAccess, role: 'blocking', log, name: `${name}-reader` });
  const work = startEventWork({
    db,
    read,
    redis,
    reader,
    log,
    leaseMs: config.leaseMs,
    now,
    clock: systemClock,
    sweeps: [
      { name: expiryLease, everyMs: 10_000, run: () => sweepExpired(parts) },
      {
        name: erasureLease,
        everyMs: 10_000,
        run: () => sweepDeleted(parts, { graceMs: config.deleteGraceSeconds * 1000 }),
      },
      ...(send ? [{ name: mailLease, everyMs: 2000, run: () => sweepMails({ ...parts, ...links, send, log }) }] : []),
      { name: leavingLease, everyMs: 60_000, run: () => sweepLeaving({ ...parts, log }) },
    ],
  });
  afterCommit.wake = work.wake;
  const closing = new AbortController();
  void runStuckSessionWatch({ sql, silentMs: 3000, clock: systemClock, log }, closing.signal);
  const audiences = [serviceAudience(name), config.apiAudience];
  const verify = createTokenVerifier({
    issuer: config.issuer,
    issuerAlias: config.issuerAlias,
    furtherIssuers: config.furtherIssuers,
    audiences,
    typ: config.accessTokenTyp,
    fetch,
    now: Date.now,
  });

  runService({
    serve: (draining) => {
      const app = createApp({
        auth: { verify, service: name, apiAudience: config.apiAudience },
        ...parts,
        newId: () => crypto.randomUUID(),
        directory: config.directory,
        coolDownMs: config.coolDownSeconds * 1000,
        invitationsPerHour: config.invitationsPerHour,
        ...links,
        sendsMail: send !== undefined,
        log,
        metrics: createMetrics(name),
        checks: { database: () => sql`SELECT 1` },
        optionalChecks: { redis: () => redis.ping() },
        draining,
        apiDocs: answersDocs(config),
      });
      return { fetch: (request) => app.fetch(request), host: config.host, port: config.port, log };
    },
    closers: [
      ['database', () => sql.end({ timeout: 2 })],
      ['redis', () => [redis, reader].map((connection) => connection.disconnect())],
      ['events', () => work.stop()],
      ['watch', () => closing.abort()],
    ],
    log,
  });
});

/** By SMTP where a server is named, else into a folder where one is; else not at all. */
function senderOf(
  { smtpUrl, mailDir, mailFrom: from }: Config<typeof settings>,
  now: () => Date,
): SendMail | undefined {
  if (smtpUrl !== undefined) return smtpSender({ url: smtpUrl, from });
  return mailDir === undefined ? undefined : folderSender({ folder: mailDir, from, now });
}
