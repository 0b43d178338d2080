import { Html, html } from './html.ts';
import type { Mail } from './mails.ts';
import { type Person, people } from './people.ts';

/** What the sign-in page shows. */
export type SignInView = {
  /** Where the form is posted to. */
  action: string;
  /** The login to start with: of the person who was picked, or as it was typed. */
  login: string;
  error?: string;
  /** Whether there is a page with the mails to these people. */
  hasMails?: boolean;
};

/** The sign-in page: a form with the fields `login` and `password` that needs no script, and people to pick from. */
export function signInPage({ action, login, error, hasMails }: SignInView): string {
  const picked = people.find((person) => person.login === login);
  return page(
    'Sign in',
    html`<h1>Sign in</h1>
      <p class="lead">Pick a person, or type a login.</p>
      <nav class="people" aria-label="People">${people.map((person) => personLink(action, person, person === picked))}</nav>
      <form method="post" action="${action}">
        ${error !== undefined && html`<p class="error" role="alert" id="error">${error}</p>`}
        <label for="login">Login</label>
        <input id="login" name="login" value="${login}" required autocomplete="username" autocapitalize="none"
          spellcheck="false"${focusHere(!login)}>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" required autocomplete="current-password"
          aria-describedby="${error === undefined ? 'hint' : 'error hint'}"${focusHere(Boolean(login))}>
        <p class="hint" id="hint">${passwordHint(picked)}</p>
        <button>Sign in</button>
      </form>`,
    html`These people live on this machine only. To use your own sign-in, set <code>OIDC_ISSUER</code>.${
      hasMails && html` <a href="/mails">Mails to them</a> stay here too.`
    }`,
  );
}

/** The page that asks before it signs out a person whom the request does not prove to be the asker. */
export function signOutPage(form: string): string {
  return page(
    'Sign out',
    html`<h1>Sign out?</h1>
      <p class="lead">You will have to sign in again on this device.</p>
      ${new Html(form)}
      <button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
      <button form="op.logoutForm" class="quiet">Stay signed in</button>`,
  );
}

/** The mails that no server sends, the newest first. Addresses in them can be followed. */
export function mailsPage(mails: readonly Mail[]): string {
  const list = html`<ol class="mails">${mails.map(
    ({ to, subject, text, at }) => html`<li>
        <article class="mail">
          <h2>${subject}</h2>
          <p class="hint">To ${to}${at && html` · <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`}</p>
          <p class="mail-text">${withLinks(text)}</p>
        </article>
      </li>`,
  )}</ol>`;
  return page(
    'Mails',
    html`<h1>Mails</h1>
      <p class="lead">${mails.length === 0 ? 'No mail was sent yet.' : 'What a mail server would have sent.'}</p>
      ${mails.length > 0 && list}`,
    html`They are files in the data folder. To send them, set <code>SMTP_URL</code>.`,
  );
}

const address = /(https?:\/\/[^\s<>"]+)/;

/** Every second part of a text that is split at its addresses is one. */
function withLinks(text: string): Html[] {
  return text
    .trim()
    .split(address)
    .map((part, at) => (at % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}

/** A page that says one thing and where to go from here. */
export function messagePage({
  title,
  text,
  link,
}: {
  title: string;
  text: string;
  link: { href: string; text: string };
}): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p class="lead">${text}</p>
      <a class="button" href="${link.href}">${link.text}</a>`,
  );
}

function personLink(action: string, person: Person, picked: boolean): Html {
  return html`<a class="person hue-${String(person.hue)}" href="${action}?login=${person.login}"${picked && html` aria-current="true"`}>
    <span class="avatar" aria-hidden="true">${person.name.slice(0, 1)}</span>${person.name}</a>`;
}

function passwordHint(picked: Person | undefined): Html {
  return picked
    ? html`${picked.name}’s password is <code>${picked.login}</code>.`
    : html`Everybody’s password is their login.`;
}

function focusHere(focused: boolean): Html {
  return new Html(focused ? ' autofocus' : '');
}

function page(title: string, content: Html, foot?: Html): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · ChatApp</title>
    <link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/look.css">
  </head>
  <body>
    <main>
      <p class="brand"><img src="/assets/mark.svg" alt="" width="28" height="28">ChatApp</p>
      <section class="card">${content}</section>
      ${foot && html`<footer>${foot}</footer>`}
    </main>
  </body>
</html>
`.text;
}
