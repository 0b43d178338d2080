import { describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import { createConversationsApi } from './conversations-api.ts';
import type { Http } from './http.ts';

/** So many conversations, a hundred a page; after each page somebody writes in the last of them. */
const start = (count: number) => {
  let all = Array.from({ length: count }, (_, at) => ({ id: `c${at}` }) as Conversation);
  const asked: string[] = [];
  const request = async (_method: string, path: string) => {
    const query = new URLSearchParams(path.split('?')[1]);
    if (query.get('archived') === 'true') return { items: [], next: null };
    asked.push(query.get('cursor') ?? 'first');
    const from = Number(query.get('cursor') ?? 0);
    const items = all.slice(from, from + 100);
    const next = from + 100 < all.length ? String(from + 100) : null;
    all = [...all.slice(-1), ...all.slice(0, -1)];
    return { items, next };
  };
  return { api: createConversationsApi({ request } as unknown as Http), asked };
};

describe('the list of conversations', () => {
  it('has those that went to its first page while the others were read', async () => {
    const { api, asked } = start(150);
    const ids = new Set((await api.conversations()).map(({ id }) => id));
    expect(ids.size).toBe(150);
    expect(asked).toEqual(['first', '100', 'first']);
  });

  it('is asked for once where it is one page', async () => {
    const { api, asked } = start(100);
    expect(await api.conversations()).toHaveLength(100);
    expect(asked).toEqual(['first']);
  });
});
