import type { Role } from '@chatapp/contract/roles';
import type { Conversation, Member } from '@chatapp/contract/shapes';
import type { AppContext } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { failureText, text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { pathOf } from '../ui/route.ts';
import type { GivenRole } from './rights.ts';

type Needs = Pick<AppContext, 'client' | 'notices' | 'route' | 'openDialog'>;

const words = text.members;

/** Opens the conversation of two. */
export const talkTo = async (app: Needs, userId: string): Promise<void> => {
  await createAttempt(app.notices.fail, (code) => (code === 'cool-down' ? words.noTalk : failureText(code))).run(
    async () => {
      const conversation = await app.client.conversationsApi.direct(userId);
      app.client.conversations.put(conversation);
      app.route.go(pathOf(conversation.id));
    },
  );
};

/** Gives a role, and offers the one before back. */
export const giveRole = async (app: Needs, c: string, { user, role }: Member, next: GivenRole): Promise<void> => {
  const given = await setRole(app, c, user.id, next);
  if (!given || role === 'owner') return;
  const undo = { label: text.ending.undo, run: () => void setRole(app, c, user.id, role) };
  app.notices.tell(words.given(user.name, text.system.roles[next]), undo);
};

const setRole = (app: Needs, c: string, userId: string, role: Role): Promise<boolean> =>
  createAttempt(app.notices.fail).run(async () => {
    const member = await app.client.membersApi.setRole(c, userId, role);
    app.client.members.change(c, member, 'role');
  });

/** Keeps a person's invitations and new direct conversations away, and offers to take that back. They are not told. */
export const block = async (app: Needs, { id, name }: Member['user']): Promise<void> => {
  const { accountApi } = app.client;
  const isDone = await createAttempt(app.notices.fail).run(() => accountApi.block(id));
  if (!isDone) return;
  const unblock = () => void createAttempt(app.notices.fail).run(() => accountApi.unblock(id));
  app.notices.tell(text.invitations.blocked(name), { label: text.ending.undo, run: unblock });
};

/** Asks once more: a new invitation is the only way back. */
export const askToRemove = (app: Needs, conversation: Conversation, member: Member): void => {
  const { id } = conversation;
  app.openDialog({
    kind: 'confirm',
    confirmation: {
      title: words.removeTitle(member.user.name, nameOf(conversation)),
      help: words.removeHelp,
      keep: words.keep,
      submit: words.remove,
      run: async () => {
        await app.client.membersApi.removeMember(id, member.user.id);
        app.client.members.change(id, member, 'removed');
      },
    },
  });
};

/** Asks once more: no invitation and no link brings a banned person back until the ban ends. */
export const askToBan = (app: Needs, conversation: Conversation, member: Member): void => {
  const { id } = conversation;
  const { user } = member;
  app.openDialog({
    kind: 'confirm',
    confirmation: {
      title: words.banTitle(user.name, nameOf(conversation)),
      help: words.banHelp,
      keep: words.keep,
      submit: words.ban,
      run: async () => {
        const ban = await app.client.membersApi.ban(id, user.id);
        app.client.members.change(id, member, 'banned');
        app.client.bans.add(id, ban);
      },
    },
  });
};
