import { For } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { themes } from './theme.ts';

/** Who is signed in, at the foot of the list; opens appearance, the account, shortcuts and signing out. */
export const AccountMenu = () => {
  const app = useApp();
  const { client } = app;
  const state = () => {
    const { at } = client.connection.state();
    if (at === 'ready') return text.account.online;
    return at === 'connecting' ? text.account.connecting : text.account.offline;
  };
  let menu: HTMLDivElement | undefined;
  const open = (kind: 'account' | 'keys') => {
    menu?.hidePopover();
    app.openDialog({ kind });
  };
  return (
    <div class="account">
      <button type="button" class="account-button" popovertarget="account-menu">
        <span class="hidden">{text.account.menu}</span>{' '}
        <Avatar
          id={client.me.id}
          name={client.me.name}
          kind="person"
          avatarUrl={client.me.avatarUrl}
          status={client.connection.ready() ? 'online' : 'offline'}
        />
        <span class="account-names">
          <span class="account-name">{client.me.name}</span>
          <span class="account-state">{state()}</span>
        </span>
        <Icon name="more" />
      </button>
      <div id="account-menu" class="menu" popover="auto" ref={menu}>
        <ThemeChoice />
        <button type="button" class="menu-item" onClick={() => open('account')}>
          <Icon name="person" />
          {text.account.open}
        </button>
        <button type="button" class="menu-item" onClick={() => open('keys')}>
          <Icon name="keys" />
          {text.account.keys}
        </button>
        <button type="button" class="menu-item" onClick={() => window.location.assign(client.logoutUrl)}>
          <Icon name="leave" />
          {text.account.signOut}
        </button>
      </div>
    </div>
  );
};

const ThemeChoice = () => {
  const { theme } = useApp();
  return (
    <fieldset class="themes">
      <legend>{text.account.theme}</legend>
      <For each={themes}>
        {(name) => (
          <label class="theme">
            <input type="radio" name="theme" checked={theme.theme() === name} onChange={() => theme.choose(name)} />
            <span>{text.account.themes[name]}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
};
