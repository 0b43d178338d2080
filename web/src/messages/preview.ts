import type { Message } from '@chatapp/contract/shapes';
import type { Client } from '../client.ts';
import { text } from '../i18n/text.ts';
import { plainText } from './body-parts.ts';
import { systemText } from './system-text.ts';

type Known = Pick<Client, 'me' | 'people'>;

/** The name of a person, as far as it is known by now. */
export const personName = ({ people }: Known, userId: string): string =>
  people.find(userId)?.name ?? text.timeline.unknown;

/** The last message in one line. */
export const previewOf = (message: Message | undefined, known: Known): string => {
  if (!message) return '';
  const nameOf = (userId: string) => personName(known, userId);
  if (message.system) return systemText(message, known.me.id, nameOf);
  const who = message.senderId === known.me.id ? text.side.you : nameOf(message.senderId);
  return `${who}: ${message.deletedAt ? text.side.deleted : plainText(message.body, nameOf)}`;
};
