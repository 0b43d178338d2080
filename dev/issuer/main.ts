/**
 * The embedded OpenID Connect issuer: `bun dev/issuer/main.ts`. For development and tests, its people are made up.
 *
 * Environment:
 *   PORT                  where it listens, on 127.0.0.1 and ::1; required
 *   ISSUER_HOST           one address to listen on instead, as in a container; default none
 *   ISSUER                its name in every token; default http://localhost:$PORT
 *   DATA_DIR              folder of its database: signing keys, cookie keys, sessions, grants, refresh tokens; required
 *   KEYS_DIR              folder of the clients' keys, `<client>.jwk.json`, as `ensureClientKeys` of dev/keys.ts makes
 *                         them; only the public half is registered; required
 *   PUBLIC_URL            origin of the BFF: redirects to `/bff/callback` and `/`, back-channel logout to
 *                         `/bff/backchannel-logout`; required
 *   MAIL_DIR              folder of mails that no server sends, shown at GET /mails; default none, and no such page
 *   ACCESS_TOKEN_SECONDS  life of a person's access token; default 300
 *   MACHINE_TOKEN_SECONDS life of a machine's; default 3600
 *   TEST_CONTROLS         1 answers POST /test/rotate-keys (204): a new signing key is used, the old ones stay published
 *   EXTRA_PEOPLE          how many people load-001, load-002, … there are for load tests; default 0
 *   ISSUER_HABITS         auth0 or keycloak: does some things as these products do, for tests; default none
 *
 * Answers GET /health/ready and /health/live. People and passwords: people.ts. Clients and scopes: clients.ts.
 * Sign a person in from a program: sign-in.ts.
 */
import { addExtraPeople } from './people.ts';
import { startIssuer } from './server.ts';
import { readSettings } from './settings.ts';

function log(event: string, fields: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
}

try {
  const settings = readSettings(process.env);
  addExtraPeople(settings.extraPeople);
  const issuer = await startIssuer(settings, log);
  const stop = () => void issuer.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log('listening', { issuer: settings.issuer });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
