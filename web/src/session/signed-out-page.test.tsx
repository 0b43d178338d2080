import { afterEach, describe, expect, it, spyOn } from 'bun:test';
import { createSignal, Show } from 'solid-js';
import { show } from '../../test/render.ts';
import { SignedOutPage } from './signed-out-page.tsx';

let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

/** The page while nobody is signed in; `signIn` is what another tab does. */
const start = () => {
  const [isSignedOut, setSignedOut] = createSignal(true);
  let hasSession = false;
  const onAsk = async () => void setSignedOut(!hasSession);
  const went = spyOn(window.location, 'assign').mockImplementation(() => undefined);
  page = show(() => (
    <Show when={isSignedOut()} fallback={<p>Signed in</p>}>
      <SignedOutPage onAsk={onAsk} />
    </Show>
  ));
  const signIn = () => {
    hasSession = true;
  };
  return { page, went, signIn };
};
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

describe('SignedOutPage', () => {
  it('goes to sign in', async () => {
    const { page, went } = start();
    page.find('button').click();
    await settle();
    expect(went.mock.calls.at(-1)).toEqual(['/bff/login?returnTo=%2F']);
    went.mockRestore();
  });

  it.each([
    ['the button is pressed', (shown: ReturnType<typeof show>) => shown.find('button').click()],
    ['the person comes back to it', () => window.dispatchEvent(new Event('focus'))],
  ])('signs nobody in a second time when another tab has, and %s', async (_name, act) => {
    const { page, went, signIn } = start();
    signIn();
    act(page);
    await settle();
    expect(page.root.textContent).toBe('Signed in');
    expect(went).not.toHaveBeenCalled();
    went.mockRestore();
  });
});
