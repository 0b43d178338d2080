import type { Conversation } from '@chatapp/contract/shapes';
import { createMemo, createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { pathOf } from '../ui/route.ts';
import { avatarOf, nameOf } from './conversation-name.ts';

const shownMax = 8;

/** Jumps to a conversation by a part of its name. */
const FindDialog = () => {
  const { client, route, openDialog } = useApp();
  const [query, setQuery] = createSignal('');
  const close = () => openDialog(undefined);
  const found = createMemo(() =>
    client.conversations
      .list()
      .filter((conversation) => nameOf(conversation).toLocaleLowerCase().includes(query().trim().toLocaleLowerCase()))
      .slice(0, shownMax),
  );
  const take = ({ id }: Conversation) => {
    close();
    route.go(pathOf(id));
  };
  return (
    <Dialog title={dialogText.find.title} onClose={close} plain>
      <Combobox
        label={dialogText.find.title}
        placeholder={dialogText.find.placeholder}
        query={query()}
        onQuery={setQuery}
        items={found()}
        onTake={take}
        autofocus
        option={(conversation) => (
          <>
            <Avatar {...avatarOf(conversation)} size="small" />
            <span class="option-name">{nameOf(conversation)}</span>
          </>
        )}
      />
      <Show when={found().length === 0}>
        <p class="picker-note">{dialogText.find.nothing}</p>
      </Show>
    </Dialog>
  );
};
export default FindDialog;
