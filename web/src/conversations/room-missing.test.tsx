import { afterEach, describe, expect, it } from 'bun:test';
import { harbour } from '../../test/people.ts';
import { show } from '../../test/render.ts';
import { type AppContext, AppContextProvider } from '../context.ts';
import { RoomMissing } from './room-missing.tsx';

const start = (askToJoin: () => Promise<void>) => {
  const client = { outbox: { items: () => [] }, membersApi: { askToJoin } };
  const app = { client } as unknown as AppContext;
  return show(() => (
    <AppContextProvider.Provider value={app}>
      <RoomMissing id={harbour} />
    </AppContextProvider.Provider>
  ));
};
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};
let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

describe('asking to join', () => {
  it('can be tried again after a failure, which is no longer shown meanwhile', async () => {
    let asked = 0;
    page = start(() => (++asked === 1 ? Promise.reject(new Error('no network')) : new Promise(() => {})));
    page.find('.button-primary').click();
    await settle();
    expect(page.texts('[role="alert"]')).toHaveLength(1);
    page.find('.button-primary').click();
    expect(asked).toBe(2);
    expect(page.texts('[role="alert"]')).toEqual([]);
  });
});
