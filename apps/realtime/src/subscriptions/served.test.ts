import { describe, expect, it } from 'bun:test';
import { Person } from '../connection/people.ts';
import { Served } from './served.ts';

describe('ServedConversation', () => {
  it('has typing and presence up to two hundred members, whether all are here or conversations told so', () => {
    const served = new Served();
    const conversation = served.join('c', new Person('0'));
    for (let count = 1; count < 200; count++) served.join('c', new Person(String(count)));
    expect(conversation.isSmall).toBe(true);
    served.join('c', new Person('200'));
    expect(conversation.isSmall).toBe(false);

    const big = served.join('d', new Person('ann'));
    big.noteMemberCount(201);
    expect(big.isSmall).toBe(false);
    big.noteMemberCount(undefined);
    expect(big.isSmall).toBe(false);
    big.noteMemberCount(200);
    expect(big.isSmall).toBe(true);
  });

  it('is forgotten with its position when the last person left', () => {
    const served = new Served();
    const [ann, bob] = [new Person('ann'), new Person('bob')];
    served.join('c', ann).order.begin(7);
    expect(served.join('c', bob).order.position).toBe(7);
    served.leave('c', ann);
    expect(served.get('c')?.order.position).toBe(7);
    served.leave('c', bob);
    expect(served.get('c')).toBeUndefined();
    expect(served.join('c', ann).order.position).toBeUndefined();
  });
});
