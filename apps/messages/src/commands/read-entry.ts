import { normalizeBody } from '@chatapp/contract/body';
import { Command } from '@chatapp/contract/commands';
import type { StreamEntry } from '@chatapp/service/event-stream';
import { parseJson } from '@chatapp/service/json';
import { compileSchema } from '@chatapp/service/schema';

const schema = compileSchema(Command);

/** What cannot be read as a command or an event, or is never taken by the database, as it came. */
export interface Unsavable {
  /** Its entry's, and its place in it where that holds several; or its event's. */
  readonly id: string;
  readonly reason: string;
  readonly payload: string;
}

export interface ReadEntry {
  readonly commands: readonly Command[];
  readonly unreadable: readonly Unsavable[];
}

/** The commands of a stream entry. What is malformed, or of another version, is set apart and never blocks the others. */
export const readEntry = (entry: StreamEntry): ReadEntry => {
  const { v, commands: text = '' } = entry.fields;
  if (v !== '1') return unreadable('version', entry);
  const list = tryParse(text);
  if (!Array.isArray(list)) return unreadable('malformed', entry);
  const commands: Command[] = [];
  const refused: Unsavable[] = [];
  for (const [index, item] of list.entries()) {
    const command = toCommand(item);
    if (command) commands.push(command);
    else refused.push({ id: `${entry.id} ${index}`, reason: 'malformed', payload: JSON.stringify(item) });
  }
  return { commands, unreadable: refused };
};

const unreadable = (reason: string, { id, fields }: StreamEntry): ReadEntry => ({
  commands: [],
  unreadable: [{ id, reason, payload: JSON.stringify(fields) }],
});

const tryParse = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** Unknown fields are let be: a newer version of realtime may send more. */
const toCommand = (item: unknown): Command | undefined => {
  if (!schema.check(item) || !hasPlainOrigin(item)) return undefined;
  return 'body' in item ? { ...item, body: normalizeBody(item.body) } : item;
};

/** A tab or a line feed would end a field of the header that carries the answer back. */
const hasPlainOrigin = ({ origin }: Command): boolean =>
  origin === null || !/[\t\n]/.test(origin.node + origin.connection);
