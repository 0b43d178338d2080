import type { User } from '@chatapp/contract/shapes';

/** In the field a mention reads `@Name`; on the wire it is `<@userId>`. */

const onWire = /<@([0-9a-f-]{36})>/g;

/** A message's text as it is edited. */
export const draftOf = (body: string, nameOf: (userId: string) => string): string =>
  body.replace(onWire, (_, userId: string) => `@${nameOf(userId)}`);

/** Whom a message's text mentions. */
export const mentionedIn = (body: string): string[] => Array.from(body.matchAll(onWire), ([, userId]) => userId ?? '');

/** A draft as it is sent: every `@Name` of one of these people becomes a mention, the longest name first; earlier people win. */
export const bodyOf = (draft: string, people: readonly User[]): string => {
  const byName = new Map<string, string>();
  for (const { name, id } of people) if (!byName.has(name)) byName.set(name, id);
  if (byName.size === 0) return draft;
  const names = [...byName.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const mention = new RegExp(`(?<![\\p{L}\\p{N}])@(${names.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  return draft.replace(mention, (_, name: string) => `<@${byName.get(name)}>`);
};

/** The beginning of a name that is being typed at `caret`, and where its `@` stands. */
export const mentionAt = (draft: string, caret: number): { start: number; query: string } | undefined => {
  const match = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u.exec(draft.slice(0, caret));
  const query = match?.[1];
  return query === undefined ? undefined : { start: caret - query.length - 1, query };
};

/** Who could be meant: names of which a word begins like that, at most six. */
export const candidates = (people: readonly User[], query: string): User[] => {
  const begun = query.toLocaleLowerCase();
  return people
    .filter(({ name }) =>
      name
        .toLocaleLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(begun)),
    )
    .slice(0, 6);
};
