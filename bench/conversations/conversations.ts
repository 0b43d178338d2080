import { join } from 'node:path';
import { migrate } from '@chatapp/service/migrate';
import postgres from 'postgres';
import { listAccesses, listSeats, readAccess } from '../../apps/conversations/src/conversations/conversation-store.ts';
import type { Queryable } from '../../apps/conversations/src/database.ts';
import { toDirectoryQuery } from '../../apps/conversations/src/users/user.ts';
import { searchByEmail, searchByName } from '../../apps/conversations/src/users/user-store.ts';
import { ensureDatabase, ensureRoles } from '../../dev/database-roles.ts';
import { makeFolder, startPostgres } from '../system/foundation.ts';
import { percentile } from '../system/numbers.ts';
import { StartedParts } from '../system/started-parts.ts';
import { brokenVerdict, meets, targetText, type Verdict } from '../verdict.ts';
import { type Measured, openMeasuring } from './plan-store.ts';
import { type ConversationSizes, countSeeded, idOf, memberOf, nameOf, seed } from './seed-store.ts';

interface Goal {
  readonly title: string;
  readonly atMostMs: number;
  /** One question that the service asks, of the n-th of many. */
  readonly ask: (db: Queryable, n: number, sizes: ConversationSizes) => Promise<unknown>;
}

const page = { after: undefined, limit: 50 };
const person = (n: number, { people }: ConversationSizes): string => idOf('person', (n * 7919) % people);

const goals: Readonly<Record<string, Goal>> = {
  C1: {
    title: "a person's access to a conversation",
    atMostMs: 1,
    ask: (db, n, sizes) => {
      const conversation = (n * 104_729) % sizes.conversations;
      const member = idOf('person', memberOf(conversation, n % sizes.membersEach, sizes));
      return readAccess(db, idOf('conversation', conversation), member);
    },
  },
  C2: {
    title: 'the first page of the conversations of a person who has fifty',
    atMostMs: 10,
    ask: (db, n, sizes) => listSeats(db, { ...page, userId: person(n, sizes), archived: false }),
  },
  C3: {
    title: 'all accesses of a person, which a socket begins with',
    atMostMs: 10,
    ask: (db, n, sizes) => listAccesses(db, [person(n, sizes)]),
  },
  C4: {
    title: 'a search of the directory by the beginning of a name, of one of a hundred thousand people',
    atMostMs: 10,
    ask: (db, n, { people }) => {
      const [one = '', other = '', own = ''] = nameOf((n * 7919) % people).split(' ');
      // As people type: two letters of a frequent name, a name whole, both, and a word that few have.
      const typed = [one.slice(0, 2), other, `${one} ${other.slice(0, 3)}`, own.slice(0, 4)][n % 4] ?? '';
      const wanted = toDirectoryQuery(typed);
      if (wanted.by !== 'name') throw new Error(`"${typed}" is no name`);
      return searchByName(db, { ...wanted, ...page, acquaintancesOf: undefined });
    },
  },
  C5: {
    title: 'a search of the directory by a whole address',
    atMostMs: 1,
    ask: (db, n, { people }) => searchByEmail(db, `person${(n * 7919) % people}@example.test`),
  },
};

/** The goals of how conversations answer when there are many of them. */
export const conversationGoals: readonly string[] = Object.keys(goals);

interface Options {
  readonly goals: readonly string[];
  readonly sizes: ConversationSizes;
  readonly rounds: number;
  /** Keeps the database; the next run with these sizes finds it filled. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Asks the questions of the service of a database with many conversations, and takes the database's word for the time and the way. */
export const benchConversations = async ({ sizes, folder, say, ...options }: Options): Promise<Verdict[]> => {
  const logs = await makeFolder(folder);
  const parts = new StartedParts(logs);
  try {
    const clusterUrl = await startPostgres(parts, folder);
    const ownerUrl = await ensureDatabase(clusterUrl, `conversations_${sizes.conversations}`);
    const { conversations: url } = await ensureRoles(ownerUrl, { conversations: 'bench', messages: 'bench' });
    await migrateTo(url);
    const wanted = { conversations: sizes.conversations, memberships: sizes.conversations * sizes.membersEach };
    const found = await countSeeded(ownerUrl);
    if (found.conversations === 0) await seed(ownerUrl, sizes, say);
    else if (!Bun.deepEquals(found, wanted)) throw new Error(`${folder} holds half a seeding; delete it.`);
    const measuring = openMeasuring(url);
    const verdicts: Verdict[] = [];
    for (const goal of options.goals) {
      const verdict = await measureGoal(goal, { sizes, rounds: options.rounds, measure: measuring.measure });
      verdicts.push(verdict);
      say(`${goal}  p99 ${verdict.figure?.toFixed(2)} ms`);
    }
    await measuring.close();
    return verdicts;
  } finally {
    await parts.stopAll();
  }
};

const migrateTo = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 2, onnotice: () => undefined });
  await migrate({ sql, directory: join(import.meta.dir, '../../apps/conversations/migrations') });
  await sql.end();
};

interface Measuring {
  readonly sizes: ConversationSizes;
  readonly rounds: number;
  readonly measure: (run: (db: Queryable) => Promise<unknown>) => Promise<Measured>;
}

const measureGoal = async (name: string, { sizes, rounds, measure }: Measuring): Promise<Verdict> => {
  const goal = goals[name];
  if (goal === undefined) return brokenVerdict(name, new Error('there is no such goal'));
  const target = { atMost: goal.atMostMs };
  const nodes = new Set<string>();
  const p99s: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const times: number[] = [];
    for (let n = 0; n < sizes.queries; n++) {
      const measured = await measure((db) => goal.ask(db, round * sizes.queries + n, sizes));
      times.push(measured.ms);
      for (const node of measured.nodes) nodes.add(node);
    }
    // The first round only fills the caches.
    if (round > 0) p99s.push(percentile(Float64Array.from(times).sort(), 0.99));
  }
  const figure = percentile(Float64Array.from(p99s).sort(), 0.5);
  const scans = [...nodes].filter((node) => node.startsWith('Seq Scan'));
  return {
    ...{ goal: name, title: goal.title, figure, unit: 'ms', target: targetText(target) },
    holds: meets(figure, target) && scans.length === 0,
    ...{ medians: { ChatApp: figure }, rounds: { ChatApp: p99s }, measure: 'ms in the database, p99' },
    note: `${sizes.conversations} conversations, ${sizes.conversations * sizes.membersEach} memberships; ${
      scans.length === 0 ? 'no sequential scan' : scans.join(', ')
    }; ${[...nodes].filter((node) => node.includes(' on ')).join(', ')}`,
  };
};
