import { describe, expect, it } from 'bun:test';
import { keptOpen } from './kept-open.ts';

/** A browser that opens databases; each connection has a number. */
const start = () => {
  const connections: { id: number; isClosed: boolean; close: () => void; terminate: () => void }[] = [];
  let refusals = 0;
  const inDatabase = keptOpen(async (onClosed) => {
    if (refusals-- > 0) throw new DOMException('no storage', 'UnknownError');
    const connection = {
      id: connections.length + 1,
      isClosed: false,
      close: () => {
        connection.isClosed = true;
      },
      terminate: onClosed,
    };
    connections.push(connection);
    return connection;
  });
  const refuse = (times: number) => {
    refusals = times;
  };
  return { inDatabase, connections, refuse };
};
const failing = (name: string) => {
  const seen: number[] = [];
  const step = async ({ id }: { id: number }) => {
    seen.push(id);
    if (seen.length === 1) throw new DOMException('the step failed', name);
    return id;
  };
  return { step, seen };
};

describe('a database that is kept open', () => {
  it('is opened once', async () => {
    const { inDatabase, connections } = start();
    await Promise.all([inDatabase(async () => 1), inDatabase(async () => 2)]);
    await inDatabase(async () => 3);
    expect(connections).toHaveLength(1);
  });

  it.each(['InvalidStateError', 'UnknownError', 'AbortError'])(
    'is opened anew after %s, for the same step',
    async (name) => {
      const { inDatabase, connections } = start();
      const { step, seen } = failing(name);
      expect(await inDatabase(step)).toBe(2);
      expect(seen).toEqual([1, 2]);
      expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, false]);
      expect(await inDatabase(async ({ id }) => id)).toBe(2);
    },
  );

  it('is opened anew when the browser says that it closed it', async () => {
    const { inDatabase, connections } = start();
    await inDatabase(async () => 1);
    connections[0]?.terminate();
    expect(await inDatabase(async ({ id }) => id)).toBe(2);
    connections[0]?.terminate();
    expect(await inDatabase(async ({ id }) => id)).toBe(2);
  });

  it('repeats a step once, and none that failed for another reason', async () => {
    const { inDatabase, connections } = start();
    const asks: number[] = [];
    const step = async ({ id }: { id: number }) => {
      asks.push(id);
      throw new DOMException('closed', 'InvalidStateError');
    };
    await expect(inDatabase(step)).rejects.toThrow('closed');
    expect(asks).toEqual([1, 2]);
    const full = failing('QuotaExceededError');
    await expect(inDatabase(full.step)).rejects.toThrow('the step failed');
    expect(full.seen).toHaveLength(1);
    expect(connections).toHaveLength(2);
  });

  it('is opened by a later step where it could not be opened before', async () => {
    const { inDatabase, refuse } = start();
    refuse(1);
    await expect(inDatabase(async () => 1)).rejects.toThrow('no storage');
    expect(await inDatabase(async ({ id }) => id)).toBe(1);
  });
});
