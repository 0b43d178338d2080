import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Sent } from '@chatapp/contract/http-messages';
import { type ChatSocket, okOf } from '../../../dev/testing/chat-socket.ts';
import { hostileIds, hostileTexts } from '../../../dev/testing/hostile-input.ts';
import { createConversation } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

let chat: Chat;
let socket: ChatSocket;
let conversationId: string;
let first: number;
beforeAll(async () => {
  chat = await startChat({ env: { COMMANDS_PER_MINUTE: '60000', CONVERSATION_COMMANDS_PER_MINUTE: '60000' } });
  const ann = await chat.signIn('ann');
  conversationId = (await createConversation(ann, 'hostile')).id;
  socket = await chat.connect(ann);
  okOf(await socket.request('resume', { conversations: [] }));
  first = okOf<Sent>(await socket.request('message.send', { ...command(), body: 'the first' })).seq;
}, 60_000);
afterAll(async () => {
  socket.close();
  await chat.stop();
});

const command = () => ({ conversationId, clientId: crypto.randomUUID() });
/** As texts of messages are kept. */
const kept = (text: string) => text.replace(/\r\n?/g, '\n').normalize('NFC');

describe('a frame', () => {
  it('S39: with a hostile text is refused, or its message kept as it came', async () => {
    for (const text of hostileTexts) {
      const sent = await socket.request('message.send', { ...command(), body: text });
      const edited = await socket.request('message.edit', { ...command(), seq: first, body: text });
      if ('error' in sent) {
        expect([text, sent, edited]).toMatchObject([text, ...Array(2).fill({ error: { code: 'invalid' } })]);
        continue;
      }
      const { seq } = okOf<Sent>(sent);
      okOf(edited);
      const { message } = await socket.push('message', (push) => push.message.seq === seq);
      expect(message.body).toBe(kept(text));
    }
  });

  it('S39, S40: with a hostile text as id or emoji is refused, and the socket stays', async () => {
    const hostile = [...hostileTexts, ...hostileIds];
    for (const id of hostile) {
      const replies = [
        await socket.request('message.send', { ...command(), conversationId: id, body: 'x' }),
        await socket.request('message.send', { ...command(), clientId: id, body: 'x' }),
        await socket.request('read', { conversationId: id, seq: 1 }),
        await socket.request('typing', { conversationId: id, on: true }),
        await socket.request('resume', { conversations: [[id, 0]] }),
      ];
      for (const reply of replies) expect([id, reply]).toMatchObject([id, { error: { code: 'invalid' } }]);
    }
    for (const emoji of hostile.filter((text) => !/^\p{RGI_Emoji}$/v.test(text))) {
      const reply = await socket.request('reaction.set', { ...command(), seq: first, emoji, on: true });
      expect([emoji, reply]).toMatchObject([emoji, { error: { code: 'invalid' } }]);
    }
    okOf(await socket.request('ping', {}));
  });
});
