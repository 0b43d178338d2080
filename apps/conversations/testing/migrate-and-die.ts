// `bun migrate-and-die.ts <database url> <n>`: migrates, and is killed while its n-th statement runs.
import { join } from 'node:path';
import { migrate } from '@chatapp/service/migrate';
import postgres from 'postgres';

const [url = '', n = '1'] = process.argv.slice(2);
const sql = postgres(url, { max: 2, onnotice: () => undefined });
let left = Number(n);

const dying = new Proxy(sql, {
  get: (target, name) => {
    if (name !== 'unsafe') return Reflect.get(target, name);
    return (text: string) => {
      const statement = target.unsafe(text);
      if (--left > 0) return statement;
      // On its way to the database, which may or may not have done it by then.
      statement.execute();
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * 4);
      return new Promise(() => undefined);
    };
  },
});
await migrate({ sql: dying, directory: join(import.meta.dir, '../migrations') });
