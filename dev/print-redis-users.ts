// The users of Redis for a deployment of your own: `bun dev/print-redis-users.ts > users.acl`, then `redis-server --aclfile users.acl`.
//   REDIS_PASSWORD                  of `default`, the operator
//   BFF_REDIS_PASSWORD, CONVERSATIONS_REDIS_PASSWORD, MESSAGES_REDIS_PASSWORD, REALTIME_REDIS_PASSWORD   of the services
import { redisPasswordsIn } from './given-passwords.ts';
import { redisUsersFile } from './redis-users.ts';

process.stdout.write(redisUsersFile(redisPasswordsIn(process.env)));
