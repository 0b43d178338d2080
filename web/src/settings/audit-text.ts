import type { AuditEntry } from '@chatapp/contract/http-conversations';
import type { Role } from '@chatapp/contract/roles';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';

/** What an entry of the audit says. An act that this client does not know is named as the server does. */
export const auditText = ({ actor, act, subject, details }: AuditEntry, me: string): string => {
  const words = dialogText.audit;
  const known = words.acts[act];
  if (act === 'conversation.updated') return words.updated(nameOf(actor, me), fieldsOf(details));
  return known ? known(nameOf(actor, me), objectOf(subject, me), roleOf(details)) : `${nameOf(actor, me)}: ${act}`;
};

type Person = AuditEntry['actor'];

/** Nobody: it was done by the clock. */
const nameOf = (person: Person, me: string): string =>
  person === null ? dialogText.audit.nobody : person.id === me ? text.system.You : person.name;

const objectOf = (person: Person, me: string): string | undefined =>
  person === null ? undefined : person.id === me ? text.system.you : person.name;

const roleOf = ({ role }: AuditEntry['details']): string | undefined => text.system.roles[role as Role];

const fieldsOf = (details: AuditEntry['details']): readonly string[] =>
  Object.keys(details).map((field) => dialogText.audit.fields[field] ?? field);
