import type { InvitationView } from '../invitations/invitation.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The mail of an invitation to an address. `url` holds the secret, which stands nowhere else. */
export const invitationMail = ({ invitation, conversation, inviter }: InvitationView, url: string): Mail => {
  const what = `${inviter.name} invites you to the conversation “${conversation.name}”.`;
  const until =
    invitation.expiresAt === null
      ? 'The invitation does not expire.'
      : `It can be accepted until ${invitation.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  const whose = 'It is for this address only: sign in with it. If you do not know who sent it, ignore this mail.';
  return {
    to: invitation.email ?? '',
    subject: `${inviter.name} invites you to “${conversation.name}”`,
    text: `${what}\n\n${url}\n\n${until}\n${whose}\n`,
    html: [
      '<!doctype html><html lang="en"><body style="font-family: sans-serif; line-height: 1.5">',
      `<p>${escapeHtml(what)}</p>`,
      `<p><a href="${escapeHtml(url)}">See the invitation</a></p>`,
      `<p>${escapeHtml(until)}<br>${escapeHtml(whose)}</p>`,
      '</body></html>',
    ].join('\n'),
  };
};

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Names come from people. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
