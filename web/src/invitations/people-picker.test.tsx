import { afterEach, describe, expect, it } from 'bun:test';
import type { User } from '@chatapp/contract/shapes';
import { createSignal, Suspense } from 'solid-js';
import { ann, bob, eve } from '../../test/people.ts';
import { show } from '../../test/render.ts';
import { type AppContext, AppContextProvider } from '../context.ts';
import { PeoplePicker } from './people-picker.tsx';

const userOf = (id: string, name: string): User => ({ id, name, avatarUrl: null });

/** The picker of ann, who knows bob; the directory answers when the test says so. */
const start = () => {
  const asked: { name: string; answer: (users: User[]) => void }[] = [];
  const client = {
    me: userOf(ann, 'Ann'),
    people: { all: () => [userOf(ann, 'Ann'), userOf(bob, 'Bob')] },
    conversationsApi: { usersLike: (name: string) => new Promise((answer) => asked.push({ name, answer })) },
  };
  const app = { client } as unknown as AppContext;
  const [chosen, setChosen] = createSignal<User[]>([]);
  const page = show(() => (
    <AppContextProvider.Provider value={app}>
      <Suspense fallback="suspended">
        <PeoplePicker chosen={chosen()} onChange={setChosen} isMember={(id) => id === eve} />
      </Suspense>
    </AppContextProvider.Provider>
  ));
  const type = (text: string) => {
    const field = page.find<HTMLInputElement>('input');
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const until = async (condition: () => boolean) => {
    for (const deadline = Date.now() + 10_000; !condition(); ) {
      if (Date.now() > deadline) throw new Error('it did not come to that');
      await Bun.sleep(5);
    }
  };
  return { page, type, asked, chosen, until, names: () => page.texts('.option-name') };
};
let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

describe('PeoplePicker', () => {
  it('offers people whom one knows, but not oneself', () => {
    const started = start();
    page = started.page;
    expect(started.names()).toEqual(['Bob']);
  });

  it('adds those of the directory, and stays in the page while it asks', async () => {
    const started = start();
    page = started.page;
    const field = started.page.find('input');
    started.type('e');
    await started.until(() => started.asked.length === 1);
    expect(field.isConnected).toBe(true);
    started.asked[0]?.answer([userOf(eve, 'Eve')]);
    await started.until(() => started.names().length === 1);
    expect(started.names()).toEqual(['Eve']);
  });

  it('says when nobody is found, only once that is known', async () => {
    const started = start();
    page = started.page;
    started.type('x');
    await started.until(() => started.asked.length === 1);
    expect(started.page.texts('.picker-note')).toEqual([]);
    started.asked[0]?.answer([]);
    await started.until(() => started.page.texts('.picker-note').length === 1);
  });

  it('ignores the answer to what is no longer asked', async () => {
    const started = start();
    page = started.page;
    started.type('e');
    await started.until(() => started.asked.length === 1);
    started.type('');
    started.asked[0]?.answer([userOf(eve, 'Eve')]);
    await Promise.resolve();
    expect(started.names()).toEqual(['Bob']);
  });

  it('takes people and lets them go, but no member', async () => {
    const started = start();
    page = started.page;
    started.page.find('[role="option"]').click();
    expect(started.chosen().map(({ name }) => name)).toEqual(['Bob']);
    started.type('eve');
    await started.until(() => started.asked.length === 1);
    started.asked[0]?.answer([userOf(eve, 'Eve')]);
    await started.until(() => started.names().length === 1);
    started.page.find('[role="option"]').click();
    expect(started.chosen()).toHaveLength(1);
    started.page.find('.chip-remove').click();
    expect(started.chosen()).toEqual([]);
  });
});
