import { type Id, isId } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import type { Page } from '@chatapp/contract/shapes';
import { decodeCursor, encodeCursor } from '@chatapp/service/cursor';

/** Where a page begins: after the item with this instant and id. */
interface Place {
  readonly at: Date;
  readonly id: Id;
}

/** What a store is asked for: up to `limit` items after a place. */
export interface PageRequest {
  readonly after: Place | undefined;
  readonly limit: number;
}

/** Reads the query of a list that is ordered by an instant and an id. Throws `invalid` on a cursor that is not ours. */
export const pageRequest = (query: { cursor?: string | undefined; limit?: number | undefined }): PageRequest => ({
  after: query.cursor === undefined ? undefined : placeOf(decodeCursor(query.cursor, isPlaceKey)),
  limit: query.limit ?? limits.pageSizeDefault,
});

/** The page of what was asked for with one more than `limit`, which only says whether there is a next page. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  { limit }: { limit: number },
  shape: { item: (row: Row) => Item; key: (row: Row) => readonly (string | number)[] },
): Page<Item> => {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(shape.item),
    next: rows.length > limit && last !== undefined ? encodeCursor(shape.key(last)) : null,
  };
};

// PostgreSQL knows no year 0.
const instant = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const isPlaceKey = (key: unknown): key is [string, string] =>
  Array.isArray(key) &&
  key.length === 2 &&
  typeof key[0] === 'string' &&
  instant.test(key[0]) &&
  !Number.isNaN(Date.parse(key[0])) &&
  typeof key[1] === 'string' &&
  isId(key[1]);

const placeOf = ([at, id]: [string, string]): Place => ({ at: new Date(at), id });
