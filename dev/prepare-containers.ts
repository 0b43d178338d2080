// What the containers of compose.yaml need before they start: `bun dev/prepare-containers.ts`, once, repeatable.
//   DATABASE_URL                    of a user who may create databases and roles
//   CONVERSATIONS_DATABASE_PASSWORD, MESSAGES_DATABASE_PASSWORD   of the services' roles; letters, digits, _ and -
//   KEYS_DIR                        folder for the clients' keys; with an issuer of your own the keys stay unused
import { ensureDatabase, ensureRoles } from './database-roles.ts';
import { ensureClientKeys } from './keys.ts';

const env = process.env;
const passwords = {
  conversations: passwordIn('CONVERSATIONS_DATABASE_PASSWORD', env.CONVERSATIONS_DATABASE_PASSWORD),
  messages: passwordIn('MESSAGES_DATABASE_PASSWORD', env.MESSAGES_DATABASE_PASSWORD),
};

const database = await ensureDatabase(given('DATABASE_URL', env.DATABASE_URL), 'chatapp');
await ensureRoles(database, passwords);
await ensureClientKeys(given('KEYS_DIR', env.KEYS_DIR));
console.log('The database, its roles and the client keys are there.');

/** DDL takes no parameters, so a password must need no quoting. */
function passwordIn(name: string, value: string | undefined): string {
  const password = given(name, value);
  if (!/^[\w-]{8,}$/.test(password)) throw new Error(`${name} must be 8 or more letters, digits, _ or -.`);
  return password;
}

function given(name: string, value: string | undefined): string {
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}
