import { answer, take } from './client-steps.ts';
import { changed, type Published, type Push, type Shown, type World } from './world.ts';

/** What a realtime node may do next, or suffer, by name. */
export const nodeSteps = (world: World, at: number): Record<string, () => World> => {
  const node = world.nodes[at];
  if (!node) return {};
  const [next, ...rest] = node.inbox;
  const steps: Record<string, () => World> = {};
  if (next) {
    steps[`node ${at} delivers`] = () => deliver(withInbox(world, at, rest), at, next);
    // Redis cuts the subscriber: what it had not read is gone, and it reads the heads when it has subscribed again.
    steps[`node ${at} loses what was published`] = () => readHead(withInbox(world, at, []), at);
  }
  if (isBehind(world, at)) steps[`node ${at} reads the heads`] = () => readHead(world, at);
  return steps;
};

const isBehind = ({ nodes, rows }: World, at: number): boolean => (nodes[at]?.position ?? rows.length) < rows.length;

const withInbox = (world: World, at: number, inbox: readonly Published[]): World => ({
  ...world,
  nodes: changed(world.nodes, at, (node) => ({ ...node, inbox })),
});

const deliver = (world: World, at: number, published: Published): World => {
  const { rev, origin } = published;
  const position = world.nodes[at]?.position;
  const answered = origin.node === at ? answer(world, origin, published.clientId) : world;
  if (position === undefined || rev <= position) return answered;
  if (rev === position + 1) return pass(answered, at, { after: position, to: rev, changes: [published] });
  return readHead(answered, at);
};

/** Fills whatever lies between its position and the head, with one request for all of its clients. */
const readHead = (world: World, at: number): World => {
  const position = world.nodes[at]?.position;
  const head = world.rows.length;
  if (position === undefined || head <= position) return world;
  return pass(world, at, { after: position, to: head, changes: statesBetween(world, position, head) });
};

/** The present state of each change in (after, to]. */
export const statesBetween = ({ rows }: World, after: number, to: number): Shown[] =>
  rows.slice(after, to).map(({ clientId, sender }, index) => ({ clientId, sender, rev: after + index + 1 }));

const pass = (world: World, at: number, push: Push): World => ({
  ...world,
  nodes: changed(world.nodes, at, (node) => ({ ...node, position: push.to })),
  clients: world.clients.map((client) => (client.node === at ? take(world, client, push) : client)),
});
