import { createEffect, createSignal, Match, on, onMount, Show, Switch } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { InviteByEmail } from './invite-by-email.tsx';
import { InviteByLink } from './invite-by-link.tsx';
import { InviteByPerson } from './invite-by-person.tsx';
import { createSentInvitations } from './sent-invitations.ts';

type Way = 'person' | 'email' | 'link';

const ways = [
  { id: 'person', label: dialogText.invite.ways.person },
  { id: 'email', label: dialogText.invite.ways.email },
  { id: 'link', label: dialogText.invite.ways.link },
] as const satisfies { id: Way; label: string }[];

/** Three ways to let somebody in: a person who is known here, an address, or a link for whoever has it. */
const InviteDialog = (props: { conversationId: string }) => {
  const { client, openDialog } = useApp();
  const [way, choose] = createSignal<Way>('person');
  const sent = createSentInvitations(client.invitationsApi, props.conversationId);
  onMount(() => void sent.load().catch(() => undefined));
  createEffect(on(client.invitations.sent, (invitation) => invitation && sent.take(invitation), { defer: true }));
  const close = () => openDialog(undefined);
  return (
    <Show when={client.conversations.get(props.conversationId)}>
      {(conversation) => {
        const common = { sent, onClose: close };
        return (
          <Dialog title={dialogText.invite.title(nameOf(conversation()))} onClose={close}>
            <Tabs label={dialogText.invite.how} tabs={ways} chosen={way()} onChoose={choose}>
              <Switch>
                <Match when={way() === 'person'}>
                  <InviteByPerson {...common} conversation={conversation()} />
                </Match>
                <Match when={way() === 'email'}>
                  <InviteByEmail {...common} conversation={conversation()} />
                </Match>
                <Match when={way() === 'link'}>
                  <InviteByLink {...common} conversation={conversation()} />
                </Match>
              </Switch>
            </Tabs>
          </Dialog>
        );
      }}
    </Show>
  );
};
export default InviteDialog;
