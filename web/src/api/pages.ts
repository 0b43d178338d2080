import type { Page } from '@chatapp/contract/shapes';

/** All items of a paged list, page after page, at most `pagesMax` of them. */
export const allItems = async <T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
  pagesMax = 20,
): Promise<T[]> => {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < pagesMax; count++) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (answer.next === null) break;
    cursor = answer.next;
  }
  return items;
};

/** A query string of what is not undefined, with its question mark. */
export const queryOf = (fields: Record<string, string | number | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
};
