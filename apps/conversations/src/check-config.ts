import { type Config, withoutFaults } from '@chatapp/service/config';
import { hasGuessablePassword, productionFaults, unless } from '@chatapp/service/production';
import type { settings } from './config.ts';

/** Refuses what is unsafe in production. All faults in one error, without values. */
export const checkConfig = (config: Config<typeof settings>) =>
  withoutFaults(
    config,
    productionFaults(config, ({ smtpUrl }) =>
      unless(smtpUrl === undefined || !asksForPassword(smtpUrl) || !hasGuessablePassword(smtpUrl), smtpFault),
    ),
  );

const smtpFault = 'SMTP_URL must hold a password that nobody guesses, or no user,';

/** A relay of one's own network may take mails from its neighbours without one. */
const asksForPassword = (url: string): boolean => new URL(url).username !== '';
