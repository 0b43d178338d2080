import { describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import { payloads } from './hostile-payloads.ts';

const bytesOf = async (what: string) => {
  const payload = payloads(true).find((one) => one.what === what);
  return await new Response(payload?.body()).bytes();
};

describe('payloads', () => {
  it('stand at the limit of what is read, and one byte over it', async () => {
    expect(await bytesOf('the longest body that is read')).toHaveLength(limits.httpBodyBytesMax);
    expect(await bytesOf('one byte more')).toHaveLength(limits.httpBodyBytesMax + 1);
    expect(await bytesOf('JSON as deep as is read')).toHaveLength(limits.httpBodyBytesMax);
  });

  it('are the same in chunks', async () => {
    expect(await bytesOf('5 MB in chunks')).toHaveLength(5_000_000);
    expect(Buffer.from(await bytesOf('5 MB in chunks')).toString()).toMatch(/^\{"clientId":.*x"\}$/);
  });

  it('hide fifty megabytes in fewer bytes than are read', async () => {
    const packed = await bytesOf('a zip bomb');
    expect(packed.length).toBeLessThan(limits.httpBodyBytesMax);
    expect(Bun.gunzipSync(packed)).toHaveLength(50_000_000);
  });

  it('are heavier in the whole form', () => {
    expect(payloads(false).map(({ what }) => what)).toContain('200 MB in chunks');
  });
});
