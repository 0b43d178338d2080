import type { JoinRequest } from '@chatapp/contract/shapes';
import { createEffect, createMemo, For, on, Show } from 'solid-js';
import { codeOf } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Avatar } from '../ui/avatar.tsx';
import { mayAnswerRequests } from './rights.ts';

/** Who asks to be let in, for those who may answer. */
export const JoinRequestList = () => {
  const { client } = useApp();
  const room = useRoom();
  const isMine = createMemo(() => mayAnswerRequests(room.conversation()));
  createEffect(on(isMine, (mine) => mine && client.joinRequests.load(room.id).catch(() => undefined)));
  return (
    <Show when={isMine() && client.joinRequests.of(room.id).length > 0}>
      <section class="requests" aria-label={text.members.requests}>
        <h3 class="members-title">{text.members.requests}</h3>
        <For each={client.joinRequests.of(room.id)}>{(request) => <Request request={request} />}</For>
      </section>
    </Show>
  );
};

const Request = (props: { request: JoinRequest }) => {
  const { client, notices } = useApp();
  const room = useRoom();
  const user = () => props.request.user;
  const attempt = createAttempt(notices.fail);
  const answer = (act: (c: string, userId: string) => Promise<unknown>) =>
    attempt.run(async () => {
      try {
        await act(room.id, user().id);
      } catch (error) {
        // Taken back, or answered by another.
        if (codeOf(error) !== 'not-found') throw error;
      }
      client.joinRequests.remove(room.id, user().id);
    });
  return (
    <article class="request" aria-label={text.members.asks(user().name)}>
      <div class="request-who">
        <Avatar id={user().id} name={user().name} kind="person" avatarUrl={user().avatarUrl} size="small" />
        <span class="member-name">{user().name}</span>
      </div>
      <div class="invitation-answers">
        <button
          type="button"
          class="button button-primary"
          disabled={attempt.busy()}
          onClick={() => void answer(client.membersApi.letIn)}
        >
          {text.members.letIn}
        </button>
        <button
          type="button"
          class="button"
          disabled={attempt.busy()}
          onClick={() => void answer(client.membersApi.turnAway)}
        >
          {text.members.turnAway}
        </button>
      </div>
    </article>
  );
};
