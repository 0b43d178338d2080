import { limits } from '@chatapp/contract/limits';
import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { whenOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { previewOf } from '../messages/preview.ts';
import { PresenceWord } from '../presence/presence-word.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { pathOf } from '../ui/route.ts';
import { avatarOf, nameOf } from './conversation-name.ts';

/** One conversation in the list: picture, name, the last message, when, and how much of it is unread. */
export const ConversationRow = (props: { id: string }) => {
  const { client, route, now } = useApp();
  const conversation = () => client.conversations.get(props.id);
  const row = () => client.unread.of(props.id);
  const status = () => {
    const peer = conversation()?.peer;
    return peer ? client.presence.of(peer.id) : undefined;
  };
  const isUnread = () => row().unread > 0 || row().markedUnread;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    route.go(pathOf(props.id));
  };
  let item: HTMLLIElement | undefined;
  const isInView = createInView(() => item);
  createEffect(() => isInView() && client.previews.want(props.id));
  return (
    <li ref={item}>
      <Show when={conversation()}>
        {(known) => (
          <a
            class="conversation"
            href={pathOf(props.id)}
            aria-current={route.conversationId() === props.id ? 'page' : undefined}
            data-unread={isUnread() || undefined}
            data-muted={known().muted || undefined}
            onClick={open}
          >
            <Avatar {...avatarOf(known())} status={status()} />
            <span class="conversation-main">
              <span class="conversation-line">
                <span class="conversation-name">{nameOf(known())}</span>
                <PresenceWord status={status()} />
                <Show when={known().pinned}>
                  <Mark icon="pin" label={text.side.pinned} />
                </Show>
                <Show when={known().muted}>
                  <Mark icon="mute" label={text.side.muted} />
                </Show>
                <time class="conversation-when" datetime={known().lastActivityAt}>
                  {whenOf(Date.parse(known().lastActivityAt), now())}
                </time>
              </span>
              <span class="conversation-line">
                <span class="conversation-preview">
                  {previewOf(client.previews.of(props.id), client, known().kind)}
                </span>
                <UnreadCount unread={row().unread} mentions={row().mentions} marked={row().markedUnread} />
              </span>
            </span>
          </a>
        )}
      </Show>
    </li>
  );
};

const Mark = (props: { icon: IconName; label: string }) => (
  <span class="conversation-mark">
    <Icon name={props.icon} />
    <span class="hidden">{props.label}</span>
  </span>
);

const UnreadCount = (props: { unread: number; mentions: number; marked: boolean }) => {
  const count = () => {
    if (props.unread >= limits.unreadCountMax) return text.side.unreadMax(limits.unreadCountMax - 1);
    return props.unread > 0 ? String(props.unread) : '';
  };
  return (
    <Show when={props.unread > 0 || props.marked}>
      <span class="count" data-mention={props.mentions > 0 || undefined} data-dot={props.unread === 0 || undefined}>
        <span aria-hidden="true">{count()}</span>
        <span class="hidden">
          {text.side.unread(props.unread)}
          {props.mentions > 0 && `, ${text.side.mentions(props.mentions)}`}
        </span>
      </span>
    </Show>
  );
};

/** Whether the element is in view. */
const createInView = (element: () => Element | undefined): (() => boolean) => {
  const [isInView, setInView] = createSignal(false);
  onMount(() => {
    const observer = new IntersectionObserver((entries) => setInView(entries.at(-1)?.isIntersecting ?? false));
    const observed = element();
    if (observed) observer.observe(observed);
    onCleanup(() => observer.disconnect());
  });
  return isInView;
};
