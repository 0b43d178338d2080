import type { Conversation } from '@chatapp/contract/shapes';
import { type JSX, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { askToDelete, askToLeave, setArchived } from '../conversations/end-conversation.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { mayArchive, mayDeleteConversation, mayReadAudit } from '../members/rights.ts';

/** The log of who did what, and the ways to end a conversation: for everybody, or for me. */
export const EndSettings = (props: { conversation: Conversation }) => {
  const app = useApp();
  const words = { ...text.ending, ...dialogText.ending };
  const isArchived = () => props.conversation.archivedAt !== null;
  const archive = () => {
    app.openDialog(undefined);
    void setArchived(app, props.conversation, !isArchived());
  };
  return (
    <section class="section" aria-label={words.title}>
      <Show when={mayReadAudit(props.conversation)}>
        <Row help={dialogText.audit.help}>
          <button
            type="button"
            class="button"
            onClick={() => app.openDialog({ kind: 'audit', conversationId: props.conversation.id })}
          >
            {dialogText.audit.open}
          </button>
        </Row>
      </Show>
      <Show when={mayArchive(props.conversation)}>
        <Row help={isArchived() ? words.unarchiveHelp : words.archiveHelp}>
          <button type="button" class="button" onClick={archive}>
            {isArchived() ? words.unarchive : words.archive}
          </button>
        </Row>
      </Show>
      <Row help={words.leaveHelp}>
        <button type="button" class="button" onClick={() => askToLeave(app, props.conversation)}>
          {words.leave}
        </button>
      </Row>
      <Show when={mayDeleteConversation(props.conversation)}>
        <Row help={words.deleteHelp}>
          <button type="button" class="button button-warn" onClick={() => askToDelete(app, props.conversation)}>
            {words.delete}
          </button>
        </Row>
      </Show>
    </section>
  );
};

const Row = (props: { help: string; children: JSX.Element }) => (
  <div class="act-row">
    <p class="form-help">{props.help}</p>
    {props.children}
  </div>
);
