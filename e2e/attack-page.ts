/** What an attack came to: `refused` by the browser or with an answer that cannot be read, else what was got. */
export type Outcomes = Record<string, string>;

/** What the attacker has: whom to attack, and a ticket of the person's that nobody has used, by whatever leak. */
export interface Booty {
  readonly target: string;
  readonly ticket: string;
}

/**
 * The page of an attacker, who wants what the cookie of a signed-in person opens at `target`. It tries everything that a page can do without a click,
 * and leaves the outcomes in `document.title` as JSON.
 */
export const attackPage = ({ target, ticket }: Booty): string => `<!doctype html><title>attacking</title><body>
<iframe name="sink" hidden></iframe>
<script>
const target = ${JSON.stringify(target)};
const body = JSON.stringify({ name: 'pwned' });
const conversations = target + '/api/conversations/conversations';
const json = { 'content-type': 'application/json' };
const csrf = { 'x-csrf': '1' };
const requests = {
  'read who it is': ['/bff/user', { headers: csrf }],
  'read without the header': ['/bff/user', {}],
  'read unseen': ['/bff/user', { mode: 'no-cors' }],
  'read the conversations': ['/api/conversations/conversations', { headers: csrf }],
  'create by JSON': ['/api/conversations/conversations', { method: 'POST', headers: { ...csrf, ...json }, body }],
  'create by text': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body }],
  'create by a form': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ name: 'pwned' }) }],
  'create by a blob': ['/api/conversations/conversations', { method: 'POST', mode: 'no-cors', body: new Blob([body], { type: 'text/plain' }) }],
  'take a ticket': ['/bff/realtime-ticket', { method: 'POST', mode: 'no-cors' }],
  'take a ticket aloud': ['/bff/realtime-ticket', { method: 'POST', headers: csrf }],
  'end the other sessions': ['/bff/sessions?others=true', { method: 'DELETE', headers: csrf }],
  'sign out': ['/bff/logout', { mode: 'no-cors', redirect: 'manual' }],
  'send a logout token': ['/bff/backchannel-logout', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ logout_token: 'x' }) }],
};
const ask = async ([path, init]) => {
  try {
    const response = await fetch(target + path, { credentials: 'include', ...init });
    const text = await response.text();
    return text === '' ? 'refused' : text;
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
  const outcomes = {};
  for (const [name, request] of Object.entries(requests)) outcomes[name] = await ask(request);
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
export const sandboxedPage = ({ target, ticket }: Booty): string => `<!doctype html><title>attacking</title><body>
<script>addEventListener('message', ({ data }) => { document.title = data; });</script>
<iframe sandbox="allow-scripts allow-forms" src="/attack?ticket=${ticket}"></iframe>
<p hidden>${target}</p>`;

/** The target in a frame, under a button of the attacker's. */
export const framingPage = ({ target }: Booty): string =>
  `<!doctype html><title>framing</title><body><iframe src="${target}/"></iframe>`;
