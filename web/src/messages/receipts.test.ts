import { describe, expect, it } from 'bun:test';
import type { Receipt } from '@chatapp/contract/http-messages';
import { ann, bob, eve } from '../../test/people.ts';
import { createReceipts, showsReceipts } from './receipts.ts';

const c = 'harbour';
const start = (...answers: Receipt[][]) => createReceipts({ receiptsOf: async () => answers.shift() ?? [] });

describe('receipts', () => {
  it('name who has read up to a message, but neither me nor its sender', async () => {
    const receipts = start([
      { userId: ann, seq: 9 },
      { userId: bob, seq: 7 },
      { userId: eve, seq: 3 },
    ]);
    await receipts.load(c);
    expect(receipts.readers(c, 7, [ann])).toEqual([bob]);
    expect(receipts.readers(c, 3, [ann, bob])).toEqual([eve]);
  });

  it('only grow: a push that was overtaken, or an older answer, takes nothing back', async () => {
    const receipts = start([{ userId: bob, seq: 3 }], [{ userId: bob, seq: 4 }]);
    await receipts.load(c);
    receipts.read(c, bob, 8);
    receipts.read(c, bob, 5);
    await receipts.load(c);
    expect(receipts.readers(c, 8, [])).toEqual([bob]);
  });

  it('are kept only of conversations that were opened', () => {
    const receipts = start();
    receipts.read(c, bob, 8);
    expect(receipts.readers(c, 1, [])).toEqual([]);
  });

  it('are shown where the conversation says so and is not too large', () => {
    expect(showsReceipts({ receipts: true, memberCount: 200 })).toBe(true);
    expect(showsReceipts({ receipts: true, memberCount: 201 })).toBe(false);
    expect(showsReceipts({ receipts: false, memberCount: 2 })).toBe(false);
  });
});
