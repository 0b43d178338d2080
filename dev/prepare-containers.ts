// What the containers of compose.yaml need before they start: `bun dev/prepare-containers.ts`, once, repeatable.
//   DATABASE_URL                    of a user who may create databases and roles
//   CONVERSATIONS_DATABASE_PASSWORD, MESSAGES_DATABASE_PASSWORD   of the services' roles; letters, digits, _ and -
//   REDIS_PASSWORD, BFF_REDIS_PASSWORD, …   of the users of Redis; letters, digits, _ and -
//   REDIS_USERS_FILE                where redis-server finds its users
//   KEYS_DIR                        folder for the clients' keys; with an issuer of your own the keys stay unused
import { chmod } from 'node:fs/promises';
import { ensureDatabase, ensureRoles } from './database-roles.ts';
import { given, passwordIn, redisPasswordsIn } from './given-passwords.ts';
import { ensureClientKeys } from './keys.ts';
import { writePrivateFile } from './private-file.ts';
import { redisUsersFile } from './redis-users.ts';

const env = process.env;
const databasePasswords = {
  conversations: passwordIn('CONVERSATIONS_DATABASE_PASSWORD', env.CONVERSATIONS_DATABASE_PASSWORD),
  messages: passwordIn('MESSAGES_DATABASE_PASSWORD', env.MESSAGES_DATABASE_PASSWORD),
};

const usersFile = given('REDIS_USERS_FILE', env.REDIS_USERS_FILE);
await writePrivateFile(usersFile, redisUsersFile(redisPasswordsIn(env)));
// Redis' own user reads it, in a volume that only its container and this one see.
await chmod(usersFile, 0o644);
await ensureClientKeys(given('KEYS_DIR', env.KEYS_DIR));
const database = await ensureDatabase(given('DATABASE_URL', env.DATABASE_URL), 'chatapp');
await ensureRoles(database, databasePasswords);
console.log('The database, its roles, the users of Redis and the client keys are there.');
