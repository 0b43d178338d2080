import type { SignedInUser } from '@chatapp/contract/http-bff';
import {
  createEffect,
  createResource,
  createSignal,
  ErrorBoundary,
  lazy,
  Match,
  onCleanup,
  Show,
  Suspense,
  Switch,
} from 'solid-js';
import type { Http } from './api/http.ts';
import { createClient } from './client.ts';
import { type AppContext, AppContextProvider, type OpenDialog } from './context.ts';
import { nameOf } from './conversations/conversation-name.ts';
import { newsOf } from './conversations/news.ts';
import { NoRoom } from './conversations/no-room.tsx';
import { Room } from './conversations/room.tsx';
import { Side } from './conversations/side.tsx';
import { Dialogs } from './dialogs.tsx';
import { text } from './i18n/text.ts';
import { InviteUnloaded } from './invitations/invite-unloaded.tsx';
import { createMembersShown } from './members/members-shown.ts';
import { memoryOutboxStore, type OutboxStore, openOutboxStore } from './outbox/outbox-store.ts';
import { browserTabs } from './outbox/tabs.ts';
import { tellPresence } from './presence/presence.ts';
import type { Clock } from './realtime/clock.ts';
import { openBrowserSocket } from './realtime/connection.ts';
import { ConnectionBanner } from './realtime/connection-banner.tsx';
import type { createTheme } from './session/theme.ts';
import { listenForKeys } from './ui/keys.ts';
import { createMinute } from './ui/minute.ts';
import { NoticeList } from './ui/notice-list.tsx';
import { createNotices } from './ui/notices.ts';
import { createRoute } from './ui/route.ts';

export type ShellProps = {
  signedIn: SignedInUser;
  http: Http;
  theme: ReturnType<typeof createTheme>;
  clock: Clock;
  random: () => number;
  /** Asks anew who is signed in. */
  onSignedOut: () => Promise<void>;
};

/** When a socket comes back that was closed as signed out, while the session lives. */
const backAfterMs = 5_000;

const InvitePage = lazy(() => import('./invitations/invite-page.tsx'));

/** The signed-in page: opens the outbox, then everything else. */
const Shell = (props: ShellProps) => {
  const [store] = createResource(() => openOutboxStore().catch(memoryOutboxStore));
  return <Show when={store()}>{(opened) => <SignedIn {...props} outboxStore={opened()} />}</Show>;
};
export default Shell;

const SignedIn = (props: ShellProps & { outboxStore: OutboxStore }) => {
  const app = createApp(props);
  const { client, route } = app;
  const isOpen = () => route.conversationId() !== undefined || route.inviteToken() !== undefined;
  client.start();
  onCleanup(client.stop);
  onCleanup(route.stop);
  watchThePage(app);
  createEffect(() => {
    if (client.connection.isSignedOut()) void props.onSignedOut().then(comeBack);
  });
  // Another session has another page, and this one's connection is stopped.
  const comeBack = () =>
    props.clock.after(backAfterMs, () => client.connection.isSignedOut() && client.connection.start());
  createEffect(() => {
    document.title = titleOf(app);
  });
  return (
    <AppContextProvider.Provider value={app}>
      <div
        class="shell"
        // While no conversation is open the list is what the page is about.
        role={isOpen() ? undefined : 'main'}
        data-open={isOpen() ? 'room' : 'list'}
        data-members={app.membersShown() || undefined}
      >
        <ConnectionBanner />
        <Side />
        <Switch fallback={<NoRoom />}>
          <Match when={route.conversationId()} keyed>
            {(id) => <Room id={id} />}
          </Match>
          <Match when={route.inviteToken() !== undefined}>
            <ErrorBoundary
              fallback={(error, again) => {
                reportError(error);
                return <InviteUnloaded onAgain={again} />;
              }}
            >
              <Suspense fallback={<main class="room" />}>
                <InvitePage token={route.inviteToken() ?? ''} />
              </Suspense>
            </ErrorBoundary>
          </Match>
        </Switch>
        <Dialogs />
        <NoticeList notices={app.notices} />
      </div>
    </AppContextProvider.Provider>
  );
};

const createApp = (props: ShellProps & { outboxStore: OutboxStore }): AppContext => {
  const notices = createNotices(props.clock);
  const route = createRoute(window);
  const minute = createMinute(props.clock);
  onCleanup(minute.stop);
  const [dialog, openDialog] = createSignal<OpenDialog>();
  const client = createClient({
    signedIn: props.signedIn,
    http: props.http,
    outboxStore: props.outboxStore,
    openTabs: browserTabs(`outbox:${props.signedIn.user.id}`, props.clock),
    openSocket: openBrowserSocket,
    clock: props.clock,
    random: props.random,
    newId: () => crypto.randomUUID(),
    looking: () => document.visibilityState === 'visible' && document.hasFocus(),
    online: () => navigator.onLine,
    onSignedOut: props.onSignedOut,
    onRemoved: (name) => notices.tell(text.room.removed(name)),
  });
  return { client, route, notices, theme: props.theme, now: minute.now, dialog, openDialog, ...createMembersShown() };
};

/** Ties the browser's own events to the client: the network, the focus, the keyboard. */
const watchThePage = (app: AppContext): void => {
  const { connection, outbox, readMarker } = app.client;
  const stopped = new AbortController();
  const on = { signal: stopped.signal };
  const back = () => {
    connection.hurry();
    outbox.hurry();
  };
  window.addEventListener('online', back, on);
  window.addEventListener('offline', connection.offline, on);
  window.addEventListener('focus', () => readMarker.lookAgain(), on);
  document.addEventListener(
    'visibilitychange',
    () => {
      readMarker.lookAgain();
      if (document.visibilityState === 'visible') connection.hurry();
    },
    on,
  );
  tellPresence(document, connection);
  onCleanup(listenForKeys(app));
  onCleanup(() => stopped.abort());
};

const titleOf = ({ client, route }: AppContext): string => {
  const news = client.conversations.list().reduce((sum, one) => sum + newsOf(one, client.unread.of(one.id)), 0);
  const open = client.conversations.get(route.conversationId() ?? '');
  const name = open ? `${nameOf(open)} · ${text.appName}` : text.appName;
  return news > 0 ? `(${news}) ${name}` : name;
};
