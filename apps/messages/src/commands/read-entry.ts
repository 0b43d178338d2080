import { normalizeBody } from '@chatapp/contract/body';
import { Command } from '@chatapp/contract/commands';
import type { StreamEntry } from '@chatapp/service/event-stream';
import { parseJson } from '@chatapp/service/json';
import { compileSchema } from '@chatapp/service/schema';

const schema = compileSchema(Command);

/** What cannot be read as a command, as it came. */
export interface Unreadable {
  readonly reason: string;
  readonly payload: string;
}

export interface ReadEntry {
  readonly commands: readonly Command[];
  readonly unreadable: readonly Unreadable[];
}

/** The commands of a stream entry. What is malformed, or of another version, is set apart and never blocks the others. */
export const readEntry = (entry: StreamEntry): ReadEntry => {
  const { v, commands: text = '' } = entry.fields;
  if (v !== '1') return unreadable('version', JSON.stringify(entry.fields));
  const list = tryParse(text);
  if (!Array.isArray(list)) return unreadable('malformed', JSON.stringify(entry.fields));
  const commands: Command[] = [];
  const refused: Unreadable[] = [];
  for (const item of list) {
    const command = toCommand(item);
    if (command) commands.push(command);
    else refused.push({ reason: 'malformed', payload: JSON.stringify(item) });
  }
  return { commands, unreadable: refused };
};

const unreadable = (reason: string, payload: string): ReadEntry => ({
  commands: [],
  unreadable: [{ reason, payload }],
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
