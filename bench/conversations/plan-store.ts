import { connectDatabase } from '@chatapp/service/database';
import { silentLog } from '@chatapp/service/log';
import { openDatabase, type Queryable } from '../../apps/conversations/src/database.ts';

/** What the database says of one run of a query: its own time with planning, and the kinds of steps that it took. */
export interface Measured {
  readonly ms: number;
  readonly nodes: readonly string[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}
interface Explained {
  readonly Plan: PlanNode;
  readonly 'Planning Time': number;
  readonly 'Execution Time': number;
}

/** Runs what a store asks by EXPLAIN ANALYZE: the very statements of the service, over the wire by its own role, timed by the database. */
export const openMeasuring = (url: string) => {
  const client = connectDatabase({ url, poolMax: 1, log: silentLog(), name: 'bench' });
  const statements: { text: string; parameters: unknown[] }[] = [];
  const recording = openDatabase(client, {
    logQuery: (text, parameters) => void statements.push({ text, parameters }),
  });
  return {
    measure: async (run: (db: Queryable) => Promise<unknown>): Promise<Measured> => {
      statements.length = 0;
      await run(recording);
      let ms = 0;
      const nodes: string[] = [];
      for (const { text, parameters } of statements) {
        const [row] = await client.unsafe(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, parameters as string[]);
        const explained = (row?.['QUERY PLAN'] as readonly Explained[] | undefined)?.[0];
        if (explained === undefined) throw new Error('EXPLAIN answered nothing');
        ms += explained['Planning Time'] + explained['Execution Time'];
        nodes.push(...nodesOf(explained.Plan));
      }
      return { ms, nodes };
    },
    close: () => client.end({ timeout: 1 }),
  };
};

const nodesOf = (plan: PlanNode): string[] => [
  [plan['Node Type'], plan['Relation Name']].filter((word) => word !== undefined).join(' on '),
  ...(plan.Plans ?? []).flatMap(nodesOf),
];
