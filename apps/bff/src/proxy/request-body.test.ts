import { describe, expect, it } from 'bun:test';
import { ProblemError } from '@chatapp/service/problem';
import { receiveBody } from './request-body.ts';

const held = 100_000;
const piecesOf = (sizes: readonly number[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const size of sizes) controller.enqueue(new Uint8Array(size));
      controller.close();
    },
  });
/** What each attempt in turn finds: all of it, or why not. */
const attemptsAt = async (sizes: readonly number[], bytesMax: number) => {
  const body = await receiveBody(piecesOf(sizes), bytesMax);
  if (body.kind !== 'stream') return expect.unreachable();
  const attempt = async () => {
    let bytes = 0;
    try {
      for await (const { byteLength } of body.open()) bytes += byteLength;
      return bytes;
    } catch (error) {
      return error instanceof ProblemError ? error.code : error;
    }
  };
  return [await attempt(), await attempt()];
};

describe('a body that streams', () => {
  it('is the same for a second attempt', async () => {
    expect(await attemptsAt([held, 5], held + 5)).toEqual([held + 5, held + 5]);
  });

  it('is too large for a second attempt too, which must not take what was allowed for all of it', async () => {
    expect(await attemptsAt([held, 5, 1], held + 5)).toEqual(['too-large', 'too-large']);
  });
});
