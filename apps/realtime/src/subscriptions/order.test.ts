import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { Order } from './order.ts';

const begun = (head: number) => {
  const order = new Order();
  order.begin(head);
  return order;
};

describe('Order', () => {
  it('hands on what is in turn and drops what was handed on', () => {
    const order = begun(3);
    expect(order.accept(4, 'four')).toEqual(['four']);
    expect(order.accept(4, 'four again')).toEqual([]);
    expect(order.accept(3, 'old')).toEqual([]);
    expect(order.position).toBe(4);
    expect(order.isMissing).toBe(false);
  });

  it('holds a change until the one before it has come', () => {
    const order = begun(0);
    expect(order.accept(3, 'three')).toEqual([]);
    expect(order.accept(2, 'two')).toEqual([]);
    expect(order.isMissing).toBe(true);
    expect(order.accept(1, 'one')).toEqual(['one', 'two', 'three']);
    expect(order.isMissing).toBe(false);
  });

  it('holds everything until the head is read, and then drops what the head covers', () => {
    const order = new Order();
    expect(order.accept(8, 'eight')).toEqual([]);
    expect(order.accept(7, 'seven')).toEqual([]);
    expect(order.isMissing).toBe(false);
    expect(order.begin(7)).toEqual(['eight']);
    expect(order.position).toBe(8);
  });

  it('knows that a change is missing whose number only the head tells', () => {
    const order = begun(5);
    order.expect(6);
    expect(order.isMissing).toBe(true);
    expect(order.fill(6)).toEqual([]);
    expect(order.isMissing).toBe(false);
  });

  it('still knows of the hole when more came than it holds', () => {
    const order = begun(0);
    for (let rev = 2; rev <= 1500; rev++) order.accept(rev, `${rev}`);
    expect(order.fill(1)).toHaveLength(1000);
    expect(order.position).toBe(1001);
    expect(order.isMissing).toBe(true);
  });

  it('hands on every change once and in order, whatever arrives in whatever order, once holes are filled', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 80 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 30 }), (revs, head) => {
        const order = begun(head);
        const seen = revs.flatMap((rev) => order.accept(rev, `${rev}`)).map(Number);
        expect(seen).toEqual(seen.map((_, index) => head + 1 + index));
        const highest = Math.max(head, ...revs);
        expect(order.isMissing).toBe((order.position ?? 0) < highest);
        order.fill(highest);
        expect(order.position).toBe(highest);
      }),
    );
  });
});
