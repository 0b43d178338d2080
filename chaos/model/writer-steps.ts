import { type Command, changed, type Published, type Rules, type World, type Writer } from './world.ts';

/** What a writer may do next, by name. Each answers the world after it. */
export const writerSteps = (world: World, at: number, rules: Rules): Record<string, () => World> => {
  const writer = world.writers[at];
  if (!writer) return {};
  const steps: Record<string, () => World> = { [`writer ${at} dies`]: () => replace(world, at, dead) };
  if (world.holder !== at) steps[`writer ${at} takes over`] = () => takeOver(world, at);
  const [first, second] = rules.publishAfterCommit ? [commit, publish] : [publish, commit];
  if (writer.step === 'idle' && world.holder === at && unread(world, writer).length > 0)
    steps[`writer ${at} reads`] = () => read(world, at);
  if (writer.step === 'read')
    steps[`writer ${at}: ${first.name}`] = () => advance(first(world, writer, rules), at, 'committed');
  if (writer.step === 'committed')
    steps[`writer ${at}: ${second.name}`] = () => advance(second(world, writer, rules), at, 'published');
  if (writer.step === 'published') steps[`writer ${at} removes from the stream`] = () => remove(world, at, writer);
  return steps;
};

/** A new process in its place knows nothing. */
const dead = (): Writer => ({ readTo: 0, batch: [], step: 'idle' });

const replace = (world: World, at: number, change: (writer: Writer) => Writer): World => ({
  ...world,
  writers: changed(world.writers, at, change),
});

const takeOver = (world: World, at: number): World => ({
  ...replace(world, at, (writer) => ({ ...writer, readTo: 0 })),
  holder: at,
});

const unread = (world: World, { readTo }: Writer) => world.stream.filter(({ entry }) => entry > readTo).slice(0, 2);

const read = (world: World, at: number): World =>
  replace(world, at, (writer) => {
    const batch = unread(world, writer);
    return { readTo: batch.at(-1)?.entry ?? writer.readTo, batch, step: 'read' };
  });

const advance = (world: World, at: number, step: Writer['step']): World =>
  replace(world, at, (writer) => ({ ...writer, step }));

function commit(world: World, { batch }: Writer, { looksForRepeats }: Rules): World {
  let rows = world.rows;
  for (const { clientId, sender } of batch)
    if (!looksForRepeats || revOf(rows, clientId) === undefined) rows = [...rows, { clientId, sender }];
  return { ...world, rows };
}

/** To every node; where the commit is yet to come, with the place that it will give. */
function publish(world: World, writer: Writer, rules: Rules): World {
  const { rows } = commit(world, writer, rules);
  const published = writer.batch.map(
    ({ clientId, sender, origin }): Published => ({ clientId, sender, origin, rev: revOf(rows, clientId) ?? 0 }),
  );
  return { ...world, nodes: world.nodes.map((node) => ({ ...node, inbox: [...node.inbox, ...published] })) };
}

const remove = (world: World, at: number, { batch }: Writer): World => {
  const done = new Set(batch.map(({ entry }) => entry));
  const stream = world.stream.filter(({ entry }) => !done.has(entry));
  return { ...replace(world, at, (writer) => ({ ...writer, batch: [], step: 'idle' })), stream };
};

const revOf = (rows: readonly Command[], clientId: string): number | undefined => {
  const at = rows.findLastIndex((row) => row.clientId === clientId);
  return at < 0 ? undefined : at + 1;
};
