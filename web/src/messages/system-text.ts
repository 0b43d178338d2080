import type { Message } from '@chatapp/contract/shapes';
import { text } from '../i18n/text.ts';

/** What a system message says, in words about people. */
export const systemText = ({ system, senderId }: Message, me: string, nameOf: (userId: string) => string): string => {
  if (!system) return '';
  const words = text.system;
  const called = (userId: string) => (userId === me ? words.you : nameOf(userId));
  const first = (userId: string) => (userId === me ? words.You : nameOf(userId));
  const whom = system.userId;
  switch (system.type) {
    case 'created':
      return words.created(first(senderId));
    case 'joined':
      return words.joined(first(whom));
    case 'left':
      return words.left(first(whom));
    case 'removed':
      return words.removed(first(whom), called(senderId), whom === me);
    case 'role':
      return words.role(first(senderId), called(whom), words.roles[system.role ?? 'member']);
    case 'renamed':
      return words.renamed(first(senderId), system.name ?? '');
    default:
      return system.type satisfies never;
  }
};
