import type { Conversation } from '@chatapp/contract/shapes';
import { For, Match, Show, Switch } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { InvitationCard } from '../invitations/invitation-card.tsx';
import { AccountMenu } from '../session/account-menu.tsx';
import { Icon } from '../ui/icon.tsx';
import { ConversationRow } from './conversation-row.tsx';

/** The left column: find, new, invitations, conversations, and who I am. */
export const Side = () => {
  const { openDialog, route, client } = useApp();
  return (
    <nav class="side" aria-label={text.side.conversations}>
      <Show when={!route.conversationId() && route.inviteToken() === undefined}>
        <h1 class="hidden">{text.appName}</h1>
      </Show>
      <div class="side-head">
        <button type="button" class="find-button" onClick={() => openDialog({ kind: 'find' })}>
          <span>{text.side.find}</span>
          <kbd>{text.side.findKeys}</kbd>
        </button>
        <button
          type="button"
          class="icon-button icon-button-framed"
          aria-label={text.side.create}
          title={text.side.create}
          onClick={() => openDialog({ kind: 'create' })}
        >
          <Icon name="plus" />
        </button>
      </div>
      <div class="side-scroll">
        <UnsentStrip />
        <InvitationCards />
        <h2 class="side-title">{text.side.conversations}</h2>
        <ConversationList />
        <Apart title={text.side.archived} ids={ids(client.conversations.archived())} />
        <Apart title={text.side.deletedOnes} ids={ids(client.conversations.deleted())} />
      </div>
      <AccountMenu />
    </nav>
  );
};

/** Failed messages are shown in their conversation; this leads to those of the others. */
const UnsentStrip = () => {
  const { client, route, openDialog } = useApp();
  const elsewhere = () =>
    client.outbox
      .items()
      .filter(({ phase, conversationId }) => phase === 'failed' && conversationId !== route.conversationId()).length;
  return (
    <Show when={elsewhere() > 0}>
      <button type="button" class="unsent-strip" onClick={() => openDialog({ kind: 'unsent' })}>
        {text.unsent.title(elsewhere())}
      </button>
    </Show>
  );
};

const InvitationCards = () => {
  const { invitations } = useApp().client;
  return (
    <Show when={invitations.pending().length > 0}>
      <section class="invitations" aria-label={text.invitations.label}>
        <For each={invitations.pending()}>{(invitation) => <InvitationCard invitation={invitation} />}</For>
      </section>
    </Show>
  );
};

const ConversationList = () => {
  const { client } = useApp();
  const listed = () => ids(client.conversations.list());
  return (
    <Switch>
      <Match when={client.conversations.status() === 'loading'}>
        <ListSkeleton />
      </Match>
      <Match when={client.conversations.status() === 'failed'}>
        <div class="side-empty">
          <p>{text.side.failed}</p>
          <button type="button" class="button" onClick={client.loadLists}>
            {text.side.again}
          </button>
        </div>
      </Match>
      <Match when={listed().length === 0}>
        <p class="side-empty">{text.side.emptyHelp}</p>
      </Match>
      <Match when={true}>
        <ul class="conversations" aria-label={text.side.conversations}>
          <For each={listed()}>{(id) => <ConversationRow id={id} />}</For>
        </ul>
      </Match>
    </Switch>
  );
};

const ids = (conversations: readonly Conversation[]): string[] => conversations.map(({ id }) => id);

/** Conversations that are not part of the day, folded away. */
const Apart = (props: { title: string; ids: readonly string[] }) => (
  <Show when={props.ids.length > 0}>
    <details class="apart">
      <summary class="side-title">
        {props.title} <span class="apart-count">{props.ids.length}</span>
      </summary>
      <ul class="conversations" aria-label={props.title}>
        <For each={props.ids}>{(id) => <ConversationRow id={id} />}</For>
      </ul>
    </details>
  </Show>
);

const ListSkeleton = () => (
  <div class="skeleton-list" role="status" aria-label={text.loading}>
    <For each={[0, 1, 2, 3, 4]}>
      {() => (
        <div class="skeleton-row">
          <div class="skeleton skeleton-avatar" />
          <div class="skeleton skeleton-lines" />
        </div>
      )}
    </For>
  </div>
);
