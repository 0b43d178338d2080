import { lazy, Match, Suspense, Switch } from 'solid-js';
import type { Http } from './api/http.ts';
import type { Clock } from './realtime/clock.ts';
import type { Session } from './session/session.ts';
import { SignedOutPage } from './session/signed-out-page.tsx';
import type { createTheme } from './session/theme.ts';
import { UnloadedPage } from './session/unloaded-page.tsx';
import { UnreachablePage } from './session/unreachable-page.tsx';

export type AppProps = {
  session: Session;
  http: Http;
  theme: ReturnType<typeof createTheme>;
  clock: Clock;
  random: () => number;
};

const loadShell = () => import('./shell.tsx');
// Asked for at once, beside the question who is signed in; a signed-out visitor loses a small request, everybody else a wait.
loadShell().catch(() => undefined);

/** The page: signed out, or the conversations of who is signed in. */
export const App = (props: AppProps) => {
  const signedIn = () => {
    const state = props.session.state();
    return state.at === 'signed-in' ? state.signedIn : undefined;
  };
  return (
    <Suspense>
      <Switch>
        <Match when={signedIn()} keyed>
          {(user) => {
            const Shell = lazy(() => loadShell().catch(() => ({ default: UnloadedPage })));
            return (
              <Shell
                signedIn={user}
                http={props.http}
                theme={props.theme}
                clock={props.clock}
                random={props.random}
                onSignedOut={props.session.load}
              />
            );
          }}
        </Match>
        <Match when={props.session.state().at === 'signed-out'}>
          <SignedOutPage onAsk={props.session.load} />
        </Match>
        <Match when={props.session.state().at === 'unreachable'}>
          <UnreachablePage onAgain={() => void props.session.load()} />
        </Match>
      </Switch>
    </Suspense>
  );
};
