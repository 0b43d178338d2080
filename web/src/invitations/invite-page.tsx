import type { Invitation } from '@chatapp/contract/shapes';
import { createEffect, createSignal, Match, on, Show, Switch } from 'solid-js';
import { codeOf, type FailureCode } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText, text } from '../i18n/text.ts';
import { pathOf } from '../ui/route.ts';
import { InvitationPreview } from './invitation-preview.tsx';

type Look = { at: 'loading' } | { at: 'found'; invitation: Invitation } | { at: 'refused'; code: FailureCode };

/** What a link or an e-mail invites to, before joining; or why it no longer does and what to do then. */
const InvitePage = (props: { token: string }) => {
  const { client, route } = useApp();
  const [look, setLook] = createSignal<Look>({ at: 'loading' });
  const [busy, setBusy] = createSignal(false);
  const refuse = (error: unknown) => setLook({ at: 'refused', code: codeOf(error) });
  const load = async (token: string) => {
    setLook({ at: 'loading' });
    try {
      const invitation = await client.invitationsApi.preview(token);
      if (token === props.token) setLook({ at: 'found', invitation });
    } catch (error) {
      if (token === props.token) refuse(error);
    }
  };
  createEffect(on(() => props.token, load));
  const join = async ({ id }: Invitation) => {
    setBusy(true);
    try {
      const { conversation } = await client.invitationsApi.acceptByToken(props.token);
      client.invitations.remove(id);
      client.conversations.put(conversation);
      route.go(pathOf(conversation.id), { replace: true });
    } catch (error) {
      setBusy(false);
      refuse(error);
    }
  };
  const of = <At extends Look['at']>(at: At) => {
    const now = look();
    return now.at === at ? (now as Extract<Look, { at: At }>) : undefined;
  };
  return (
    <main class="room room-none">
      <h1 class="hidden">{dialogText.invitation.title}</h1>
      <Switch>
        <Match when={of('loading')}>
          <div class="skeleton skeleton-lines" role="status" aria-label={text.loading} />
        </Match>
        <Match when={of('found')}>
          {(found) => (
            <InvitationPreview invitation={found().invitation}>
              <Answers invitation={found().invitation} busy={busy()} onJoin={() => void join(found().invitation)} />
            </InvitationPreview>
          )}
        </Match>
        <Match when={of('refused')}>
          {(refused) => <Refused code={refused().code} onAgain={() => void load(props.token)} />}
        </Match>
      </Switch>
    </main>
  );
};
export default InvitePage;

const Answers = (props: { invitation: Invitation; busy: boolean; onJoin: () => void }) => {
  const { client, route } = useApp();
  const words = { ...text.invitations, ...dialogText.invitation };
  const id = () => props.invitation.conversation.id;
  return (
    <Show
      when={!client.conversations.get(id())}
      fallback={
        <button type="button" class="button button-primary" onClick={() => route.go(pathOf(id()), { replace: true })}>
          {words.openConversation}
        </button>
      }
    >
      <button type="button" class="button button-primary" disabled={props.busy} onClick={() => props.onJoin()}>
        {words.join}
      </button>
      <button type="button" class="button" disabled={props.busy} onClick={() => route.go('/', { replace: true })}>
        {words.later}
      </button>
    </Show>
  );
};

/** A wrong token answers `invalid`: to a person that is the same as none. */
const known = (code: FailureCode): FailureCode => (code === 'invalid' || code === 'malformed' ? 'not-found' : code);

const Refused = (props: { code: FailureCode; onAgain: () => void }) => {
  const { client, route } = useApp();
  const words = { ...text.invitations, ...dialogText.invitation };
  const why = () => words.refused[known(props.code)];
  return (
    <div class="empty" role="alert">
      <h2>{why()?.title ?? words.failed}</h2>
      <p>{why()?.help ?? failureText(props.code)}</p>
      <Show when={!why()}>
        <button type="button" class="button button-primary" onClick={() => props.onAgain()}>
          {words.again}
        </button>
      </Show>
      <Show when={props.code === 'invitation-not-for-you'}>
        <button type="button" class="button button-primary" onClick={() => window.location.assign(client.logoutUrl)}>
          {words.somebodyElse}
        </button>
      </Show>
      <button type="button" class="button" onClick={() => route.go('/', { replace: true })}>
        {words.toList}
      </button>
    </div>
  );
};
