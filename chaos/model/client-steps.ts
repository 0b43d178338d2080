import { statesBetween } from './node-steps.ts';
import {
  type Client,
  changed,
  type Origin,
  type Push,
  type Resume,
  type Rules,
  senders,
  sendsPerClient,
  type World,
} from './world.ts';

/** What a client may do next, or suffer, by name. */
export const clientSteps = (world: World, at: number, rules: Rules): Record<string, () => World> => {
  const client = world.clients[at];
  if (!client) return {};
  const steps: Record<string, () => World> = {};
  if (client.node === undefined) {
    for (const node of world.nodes.keys()) steps[`client ${at} resumes at node ${node}`] = () => start(world, at, node);
    return steps;
  }
  steps[`client ${at} is cut`] = () => replace(world, at, cut);
  if (client.resume) Object.assign(steps, resumeSteps(world, at, client.resume, rules));
  if (client.waitsFor !== undefined) steps[`client ${at} sends again`] = () => enqueue(world, at, client.waitsFor);
  else if (senders.includes(at) && client.sent < sendsPerClient) steps[`client ${at} sends`] = () => send(world, at);
  return steps;
};

const replace = (world: World, at: number, change: (client: Client) => Client): World => ({
  ...world,
  clients: changed(world.clients, at, change),
});

const cut = (client: Client): Client => ({ ...client, node: undefined, resume: undefined, held: [] });

/** The node subscribes the client's topic first; where it is the first of its clients here, it then reads its own position. */
const start = (world: World, at: number, node: number): World => {
  const resume = (client: Client): Resume => ({ after: client.have, head: undefined, states: undefined });
  const connected = replace(world, at, (client) => ({
    ...{ ...client, node, resume: resume(client), held: [] },
    connection: client.connection + 1,
  }));
  const nodes = changed(connected.nodes, node, (own) => ({ ...own, position: own.position ?? world.rows.length }));
  return { ...connected, nodes };
};

const resumeSteps = (
  world: World,
  at: number,
  resume: Resume,
  { headBeforeStates }: Rules,
): Record<string, () => World> => {
  const { after, head, states } = resume;
  const set = (more: Partial<Resume>) =>
    replace(world, at, (client) => ({ ...client, resume: { ...resume, ...more } }));
  const readHead = () => set({ head: world.rows.length });
  const readStates = () => set({ states: statesBetween(world, after, head ?? world.rows.length) });
  if (head === undefined && (headBeforeStates || states !== undefined)) return { [`head for client ${at}`]: readHead };
  if (states === undefined) return { [`states for client ${at}`]: readStates };
  return { [`client ${at} is resumed`]: () => finish(world, at, { after, to: head ?? 0, changes: states }) };
};

const finish = (world: World, at: number, resumed: Push): World =>
  replace(world, at, (client) => {
    const fresh = take(world, { ...client, resume: undefined, held: [] }, resumed);
    return client.held.reduce((taking, push) => take(world, taking, push), fresh);
  });

/** Protocol.md: `to ≤ have` drop; `after ≤ have` apply and `have = to`; else fetch. */
export const take = (world: World, client: Client, push: Push): Client => {
  if (client.resume) return { ...client, held: [...client.held, push] };
  if (push.to <= client.have) return client;
  const { have } = client;
  const changes = push.after <= have ? push.changes : statesBetween(world, have, world.rows.length);
  const to = push.after <= have ? push.to : world.rows.length;
  const known = new Set(client.timeline.map(({ rev }) => rev));
  return { ...client, have: to, timeline: [...client.timeline, ...changes.filter(({ rev }) => !known.has(rev))] };
};

const send = (world: World, at: number): World => {
  const clientId = `${at}.${world.clients[at]?.sent ?? 0}`;
  const sent = replace(world, at, (client) => ({ ...client, sent: client.sent + 1, waitsFor: clientId }));
  return enqueue(sent, at, clientId);
};

const enqueue = (world: World, at: number, clientId: string | undefined): World => {
  const { node, connection = 0 } = world.clients[at] ?? {};
  if (node === undefined || clientId === undefined) return world;
  const entry = { entry: world.nextEntry, clientId, sender: at, origin: { node, client: at, connection } };
  return { ...world, stream: [...world.stream, entry], nextEntry: world.nextEntry + 1 };
};

/** The asking connection, where it is still there, hears that its command is saved. */
export const answer = (world: World, { client, connection }: Origin, clientId: string): World =>
  replace(world, client, (asking) =>
    asking.connection === connection && asking.node !== undefined && asking.waitsFor === clientId
      ? { ...asking, waitsFor: undefined, acked: [...asking.acked, clientId] }
      : asking,
  );
