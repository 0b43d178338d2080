import { templates } from 'virtual:trusted-templates';
import { render } from 'solid-js/web';
import { createBffApi } from './api/bff-api.ts';
import { createHttp } from './api/http.ts';
import { App } from './app.tsx';
import { browserClock } from './realtime/clock.ts';
import { createSession } from './session/session.ts';
import { createTheme } from './session/theme.ts';
import { allowTemplates } from './trusted-types.ts';
import './ui/styles.css';

if (import.meta.env.PROD) {
  allowTemplates(templates, (window as Window & { trustedTypes?: Parameters<typeof allowTemplates>[1] }).trustedTypes);
}

const clock = browserClock;
const random = Math.random;
const theme = createTheme(document, localStorage);
const http = createHttp({
  fetch: (url, init) => fetch(url, init),
  clock,
  random,
  onSignedOut: () => session.load(),
});
const session = createSession({ user: createBffApi(http).user, clock, random });
void session.load();

const root = document.getElementById('root');
if (root) render(() => <App session={session} http={http} theme={theme} clock={clock} random={random} />, root);
