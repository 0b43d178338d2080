import { describe, expect, it } from 'bun:test';
import { createNodeId, seatOf } from './node-id.ts';

const idAt = (address?: string) => createNodeId(address, () => crypto.randomUUID());

describe('createNodeId', () => {
  it('gives each process an id of its own, and those of one address the same seat', () => {
    const [before, after] = [idAt('host:3003'), idAt('host:3003')];
    expect(after).not.toBe(before);
    expect(seatOf(after)).toBe(seatOf(before));
  });

  it.each([
    ['host:3003', 'host:3004'],
    ['host:3003', 'other:3003'],
    [undefined, undefined],
  ])('gives other seats to %p and %p', (one, other) => {
    expect(seatOf(idAt(one))).not.toBe(seatOf(idAt(other)));
  });

  it('does not say where the node runs: clients see it', () => {
    expect(idAt('host:3003')).toMatch(/^[0-9a-z]+-[0-9a-f]{8}$/);
    expect(idAt('host:3003')).not.toMatch(/host|3003-/);
  });
});
