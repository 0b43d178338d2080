import { describe, expect, it } from 'bun:test';
import { callerAddress } from './address.ts';

describe('callerAddress', () => {
  it.each([
    // No proxy of ours: what the caller writes is nothing to us.
    ['10.0.0.1', '1.2.3.4', 0, '10.0.0.1'],
    ['10.0.0.1', null, 0, '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4', 1, '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4', 1, '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', 2, '1.2.3.4'],
    ['10.0.0.1', '1.2.3.4', 2, '10.0.0.1'],
    ['10.0.0.1', null, 2, '10.0.0.1'],
    ['10.0.0.1', '', 1, '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4:55', 1, '1.2.3.4'],
    ['10.0.0.1', '[2001:db8::1]:55', 1, '2001:db8:0:0::/64'],
    ['10.0.0.1', 'unknown\r\nx', 1, 'unknown'],
    ['10.0.0.1', '1'.repeat(5000), 1, 'unknown'],
    ['::ffff:10.0.0.1', null, 0, '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', null, 0, '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', null, 0, '2001:db8:1:2::/64'],
    ['::1', null, 0, '0:0:0:0::/64'],
    ['', null, 0, 'unknown'],
  ] as const)('S43: of the socket %s and the header %s behind %i proxies is %s', (socket, header, hops, address) => {
    expect(callerAddress(socket, header, hops)).toBe(address);
  });
});
