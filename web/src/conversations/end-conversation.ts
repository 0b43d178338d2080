import type { Conversation } from '@chatapp/contract/shapes';
import type { AppContext } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { mustHandOver } from '../members/rights.ts';
import { createAttempt } from '../ui/attempt.ts';
import { pathOf } from '../ui/route.ts';
import { nameOf } from './conversation-name.ts';

type Needs = Pick<AppContext, 'client' | 'notices' | 'route' | 'openDialog' | 'now'>;

const words = text.ending;

/** Asks once more before leaving: there is no way back without an invitation. Its owner hands it over first. */
export const askToLeave = (app: Needs, conversation: Conversation): void => {
  const { id } = conversation;
  if (mustHandOver(conversation)) app.openDialog({ kind: 'transfer', conversationId: id, next: 'leave' });
  else
    app.openDialog({
      kind: 'confirm',
      confirmation: {
        title: words.leaveTitle(nameOf(conversation)),
        help: words.leaveHelp,
        keep: words.stay,
        submit: words.leave,
        textOf: (code) => (code === 'last-owner' ? words.lastOwner : failureText(code)),
        run: async () => {
          await app.client.leave(id);
          app.route.go('/', { replace: true });
        },
      },
    });
};

/** Asks once more before deleting; afterwards it can still be restored. */
export const askToDelete = (app: Needs, conversation: Conversation): void => {
  const { id } = conversation;
  const { conversations, conversationsApi } = app.client;
  app.openDialog({
    kind: 'confirm',
    confirmation: {
      title: words.deleteTitle(nameOf(conversation)),
      help: words.deleteHelp,
      keep: words.keep,
      submit: words.delete,
      run: async () => {
        await conversationsApi.remove(id);
        conversations.change(id, conversation.version, { deletedAt: new Date(app.now()).toISOString() });
        app.route.go('/', { replace: true });
        const undo = { label: words.undo, run: () => void restore(app, id) };
        app.notices.tell(words.deleted(nameOf(conversation)), undo);
      },
    },
  });
};

/** Brings a deleted conversation back and opens it. */
export const restore = async (app: Needs, id: string): Promise<void> => {
  const restored = async () => {
    app.client.conversations.put(await app.client.conversationsApi.restore(id));
    app.route.go(pathOf(id));
  };
  await createAttempt(app.notices.fail).run(restored);
};

/** Archives or unarchives; both can be undone. */
export const setArchived = async (app: Needs, conversation: Conversation, archived: boolean): Promise<void> => {
  const { conversations, conversationsApi } = app.client;
  const changed = await createAttempt(app.notices.fail).run(async () =>
    conversations.put(await conversationsApi.update(conversation.id, { archived })),
  );
  if (!changed || !archived) return;
  const undo = { label: words.undo, run: () => void setArchived(app, conversation, false) };
  app.notices.tell(words.archived(nameOf(conversation)), undo);
};
