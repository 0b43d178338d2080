import { describe, expect, it } from 'bun:test';
import { createRoot, createSignal } from 'solid-js';
import { tellPresence } from './presence.ts';

const start = (visibilityState: DocumentVisibilityState) => {
  const page = Object.assign(document.createElement('div'), { visibilityState });
  const [ready, setReady] = createSignal(true);
  const told: string[] = [];
  const tell = (_op: string, { status }: { status?: string }) => void told.push(status ?? '');
  const stop = createRoot((dispose) => {
    tellPresence(page as unknown as Document, { ready, tell });
    return dispose;
  });
  const turn = (to: DocumentVisibilityState) => {
    page.visibilityState = to;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const reconnect = () => {
    setReady(false);
    setReady(true);
  };
  return { told, stop, turn, reconnect };
};

describe('whether the page is looked at', () => {
  it('is told when it changes, until the page stops', () => {
    const { told, stop, turn } = start('visible');
    turn('hidden');
    turn('visible');
    stop();
    turn('hidden');
    expect(told).toEqual(['away', 'online']);
  });

  it('is told to each new connection while it is hidden', () => {
    const { told, stop, turn, reconnect } = start('hidden');
    expect(told).toEqual(['away']);
    reconnect();
    expect(told).toEqual(['away', 'away']);
    turn('visible');
    reconnect();
    expect(told).toEqual(['away', 'away', 'online']);
    stop();
  });
});
