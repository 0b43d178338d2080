import type { Conversation, Message } from '@chatapp/contract/shapes';
import type { Client } from '../client.ts';
import { text } from '../i18n/text.ts';
import { plainText } from './body-parts.ts';
import { systemText } from './system-text.ts';

type Known = Pick<Client, 'me' | 'people'>;

/** The name of a person, as far as it is known by now. */
export const personName = ({ people }: Known, userId: string): string =>
  people.find(userId)?.name ?? text.timeline.unknown;

/** The last message in one line; between two, the other's needs no name. */
export const previewOf = (message: Message | undefined, known: Known, kind: Conversation['kind']): string => {
  if (!message) return '';
  const nameOf = (userId: string) => personName(known, userId);
  if (message.system) return systemText(message, known.me.id, nameOf);
  const said = message.deletedAt ? text.side.deleted : plainText(message.body, nameOf);
  if (message.senderId === known.me.id) return `${text.side.you}: ${said}`;
  return kind === 'direct' ? said : `${nameOf(message.senderId)}: ${said}`;
};
