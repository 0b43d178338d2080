import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';
import { holdShards } from './hold-shards.ts';
import { createMessages } from './messages.ts';

/** What messages answers, one after another; the last one for ever. */
const messagesThatAnswer = (...answers: (object | Error)[]) => {
  const others: number[] = [];
  const asked: unknown[] = [];
  const client = (async ({ body }: { body?: unknown }) => {
    asked.push(body);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer;
  }) as ServiceClient;
  const messages = createMessages(client, { shards: 16, onOtherShards: (theirs) => others.push(theirs) });
  return { messages, asked, others };
};

describe('the shards of messages', () => {
  it.each([
    ['the same', { items: [], shards: 16 }, []],
    ['others', { items: [], shards: 32 }, [32]],
    ['not told by an older instance', { items: [] }, []],
  ])('are %s', async (_name, answer, expected) => {
    const { messages, others } = messagesThatAnswer(answer);
    await messages.heads([crypto.randomUUID()]);
    expect(others).toEqual(expected);
  });

  it('are asked for at the start, until messages answers', async () => {
    const clock = fakeClock();
    const away = new ProblemError('unavailable');
    const { messages, asked, others } = messagesThatAnswer(away, away, { items: [], shards: 32 });
    const held = holdShards(messages, clock, new AbortController().signal);
    for (let second = 0; second < 3; second++) await clock.advance(1000);
    await held;
    expect([asked, others]).toEqual([[{ ids: [] }, { ids: [] }, { ids: [] }], [32]]);
  });
});
