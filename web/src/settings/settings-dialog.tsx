import type { Conversation } from '@chatapp/contract/shapes';
import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { mayUpdate } from '../members/rights.ts';
import { Dialog } from '../ui/dialog.tsx';
import { EndSettings } from './end-settings.tsx';
import { MySettings } from './my-settings.tsx';
import { NameSettings } from './name-settings.tsx';
import { PictureSettings } from './picture-settings.tsx';
import { SharedSettings } from './shared-settings.tsx';

/** What can be set about a conversation: by me for me, and by its admins for everybody. */
const SettingsDialog = (props: { conversationId: string }) => {
  const { client, openDialog } = useApp();
  const conversation = (): Conversation | undefined => client.conversations.get(props.conversationId);
  return (
    <Show when={conversation()}>
      {(known) => (
        <Dialog title={nameOf(known())} onClose={() => openDialog(undefined)}>
          <div class="sections">
            <Show when={mayUpdate(known())}>
              <PictureSettings conversation={known()} />
              <NameSettings conversation={known()} />
            </Show>
            <MySettings conversation={known()} />
            <Show when={mayUpdate(known())}>
              <SharedSettings conversation={known()} />
            </Show>
            <Show when={known().kind === 'group'}>
              <EndSettings conversation={known()} />
            </Show>
          </div>
        </Dialog>
      )}
    </Show>
  );
};
export default SettingsDialog;
