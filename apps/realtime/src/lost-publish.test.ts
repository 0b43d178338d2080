import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Sent } from '@chatapp/contract/http-messages';
import { eventually } from '../../../dev/testing/eventually.ts';
import { conversationOf, expectStatus, type Person } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

setDefaultTimeout(60_000);

let chat: Chat;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  chat = await startChat({ env: { HEADS_SWEEP_SECONDS: '1' } });
  [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
}, 60_000);
afterAll(() => chat.stop());

describe('the last change of a conversation, whose publish was lost', () => {
  it('is shown by the next look at the heads, though Redis was there all the time', async () => {
    const { id } = await conversationOf('quiet', ann, bob);
    await eventually(async () => (await chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id}`).length === 2);
    const path = `/conversations/${id}/messages`;
    const before = await ann.call<Sent>('POST', `/api/messages${path}`, message('before'));
    const socket = await chat.connect(bob, { positions: [[id, expectStatus(before, 201).body.rev]] });

    // Dies with the commit behind it and the publish before it. No stream holds what came over HTTP, and nobody sends it again.
    const lost = message('never published');
    const authorization = `Bearer ${await chat.issuer.personToken('ann')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const saved = () =>
      chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id} AND client_id = ${lost.clientId}`;
    // More than once where an event is saved first, and it dies of that.
    await eventually(
      async () => {
        chat.messages.kill();
        await chat.messages.start({ FAILPOINT: 'after-commit' });
        const body = JSON.stringify(lost);
        await fetch(`${chat.messages.url}${path}`, { method: 'POST', headers, body }).catch(() => undefined);
        return (await saved()).length === 1;
      },
      { timeoutMs: 30_000 },
    );
    expect(socket.pushes.filter(({ e }) => e === 'message' || e === 'changes')).toEqual([]);
    await chat.messages.start();

    const healed = await socket.push('changes', ({ c }) => c === id, 10_000);
    expect(healed).toMatchObject({ after: before.body.rev, to: before.body.rev + 1, changes: [{ body: lost.body }] });
    // Said after every new subscription: there was none.
    expect(socket.pushes.some(({ e }) => e === 'lists')).toBe(false);
    expect(socket.isOpen).toBe(true);
    socket.close();
  });
});

const message = (body: string) => ({ clientId: crypto.randomUUID(), body });
