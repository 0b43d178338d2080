import { describe, expect, it } from 'bun:test';
import { browserGone } from './browser-gone.ts';

const aborting = (init: RequestInit = {}) => {
  const controller = new AbortController();
  return { controller, request: new Request('http://localhost/', { ...init, signal: controller.signal }) };
};

describe('the signal of a browser that goes', () => {
  it('is the request’s own as soon as somebody listens', () => {
    const { controller, request } = aborting();
    const signal = browserGone(request);
    let heard = 0;
    signal.addEventListener('abort', () => heard++, { once: true });
    expect(signal.aborted).toBe(false);
    controller.abort(new Error('gone'));
    expect([heard, signal.aborted, signal.reason]).toEqual([1, true, new Error('gone')]);
    expect(() => signal.throwIfAborted()).toThrow('gone');
  });

  it('says to who listens late that it has gone', () => {
    const { controller, request } = aborting();
    const signal = browserGone(request);
    controller.abort();
    expect(signal.aborted).toBe(false);
    signal.addEventListener('abort', () => undefined);
    expect(signal.aborted).toBe(true);
  });

  it('calls nobody who has stopped listening', () => {
    const { controller, request } = aborting();
    const signal = browserGone(request);
    const listener = () => expect.unreachable();
    signal.addEventListener('abort', listener);
    signal.removeEventListener('abort', listener);
    controller.abort();
  });

  it('is known at once where a body is still to come', () => {
    const { controller, request } = aborting({ method: 'POST', body: 'x' });
    const signal = browserGone(request);
    controller.abort();
    expect(signal.aborted).toBe(true);
  });
});
