import type { AttackedRoute } from './attacked-routes.ts';

/** What an attack came to: `refused` by the browser or with an answer that cannot be read, else what was got. */
export type Outcomes = Record<string, string>;

/** What the attacker has: whom to attack and where, and a ticket of the person's that nobody has used, by whatever leak. */
export interface Booty {
  readonly target: string;
  readonly routes: readonly AttackedRoute[];
  readonly ticket: string;
}

/** Which of the page's requests to what the cookie opens, the socket among it, are not in the audit log: by name, as often as they miss. */
export const untraced = (routes: readonly AttackedRoute[], audited: readonly string[]): string[] => {
  const left = [...audited];
  return tracesOf(routes).filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

const tracesOf = (routes: readonly AttackedRoute[]): string[] => [
  // Without the header the browser sends these at once; before all others it asks whether it may.
  ...routes.map(({ method, name, preflight }) => (['GET', 'HEAD', 'POST'].includes(method) ? name : preflight)),
  ...routes.map(({ preflight }) => preflight),
  // Unseen, as a script, as an image.
  ...Array<string>(3).fill('GET /bff/user'),
  // By fetch and by forms, of three content types each.
  ...Array<string>(6).fill('POST /api/conversations/*'),
  'POST /bff/realtime-ticket',
  ...Array<string>(3).fill('GET /realtime'),
];

/**
 * The page of an attacker, who wants what the cookie of a signed-in person opens at `target`. It tries everything that a page can do without a click,
 * and leaves the outcomes in `document.title` as JSON.
 */
export const attackPage = ({ target, routes, ticket }: Booty): string => `<!doctype html><title>attacking</title><body>
<iframe name="sink" hidden></iframe>
<script>
const target = ${JSON.stringify(target)};
const conversations = target + '/api/conversations/conversations';
const body = JSON.stringify({ name: 'pwned' });
const requests = {
  'read unseen': ['/bff/user', { mode: 'no-cors' }],
  'create by text': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body }],
  'create by a form': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ name: 'pwned' }) }],
  'create by a blob': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body: new Blob([body], { type: 'text/plain' }) }],
  'take a ticket': ['/bff/realtime-ticket', { method: 'POST', mode: 'no-cors' }],
  'sign out': ['/bff/logout', { mode: 'no-cors', redirect: 'manual' }],
  'send a logout token': ['/bff/backchannel-logout', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ logout_token: 'x' }) }],
};
for (const { method, path } of ${JSON.stringify(routes)}) {
  const plain = ['GET', 'HEAD'].includes(method) ? { method } : { method, body };
  requests[method + ' ' + path] = [path, plain];
  requests[method + ' ' + path + ', with the header'] = [path, { ...plain, headers: { 'x-csrf': '1', 'content-type': 'application/json' } }];
}
const ask = async ([path, init]) => {
  try {
    const response = await fetch(target + path, { credentials: 'include', ...init });
    return response.type.startsWith('opaque') ? 'refused' : response.status + ' ' + await response.text();
  } catch { return 'refused'; }
};
const socket = (query) => new Promise((resolve) => {
  const socket = new WebSocket(target.replace('http', 'ws') + '/realtime' + query);
  socket.onmessage = ({ data }) => resolve('heard ' + data);
  socket.onopen = () => resolve('open');
  socket.onerror = () => resolve('refused');
});
const load = (tag, path) => new Promise((resolve) => {
  const element = document.createElement(tag);
  element.onload = () => resolve('loaded');
  element.onerror = () => resolve('refused');
  element.src = target + path;
  document.body.append(element);
});
const submit = (enctype) => {
  const form = document.createElement('form');
  Object.assign(form, { method: 'POST', enctype, action: conversations, target: 'sink' });
  const input = document.createElement('input');
  Object.assign(input, { name: enctype === 'text/plain' ? '{"name":"pwned","x":"' : 'name', value: enctype === 'text/plain' ? '"}' : 'pwned' });
  form.append(input);
  document.body.append(form);
  form.submit();
};
(async () => {
  const asked = Object.entries(requests).map(async ([name, request]) => [name, await ask(request)]);
  const outcomes = Object.fromEntries(await Promise.all(asked));
  outcomes['open the socket'] = await socket('');
  outcomes['open the socket with a guess'] = await socket('?ticket=' + 'A'.repeat(43));
  outcomes['open the socket with a good ticket'] = await socket('?ticket=' + ${JSON.stringify(ticket)});
  outcomes['run an answer as a script'] = await load('script', '/bff/user');
  outcomes['show an answer as an image'] = await load('img', '/bff/user');
  for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
    submit(enctype);
    await new Promise((resolve) => { document.querySelector('[name=sink]').onload = resolve; });
  }
  try { outcomes['read the cookie'] = document.cookie || 'refused'; } catch { outcomes['read the cookie'] = 'refused'; }
  document.title = JSON.stringify(outcomes);
  parent.postMessage(JSON.stringify(outcomes), '*');
})();
</script>`;

/** The same from a sandbox, whose origin is \`null\`; the outcomes reach the title of the page around it. */
export const sandboxedPage = ({ target }: Booty): string => `<!doctype html><title>attacking</title><body>
<script>addEventListener('message', ({ data }) => { document.title = data; });</script>
<iframe sandbox="allow-scripts allow-forms" src="/attack"></iframe>
<p hidden>${target}</p>`;

/** The target in a frame, under a button of the attacker's. */
export const framingPage = ({ target }: Booty): string =>
  `<!doctype html><title>framing</title><body><iframe src="${target}/"></iframe>`;
