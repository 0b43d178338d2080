import { normalizeBody } from '@chatapp/contract/body';
import { Changed, EditMessage, Emoji, SendMessage, Sent } from '@chatapp/contract/http-messages';
import { Id, Position } from '@chatapp/contract/ids';
import { type Authentication, person } from '@chatapp/service/authenticate';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia, type Static, t } from 'elysia';
import { idempotencyKey } from './idempotency-key.ts';
import type { RunCommand } from './run-command.ts';

const tags = ['messages'];
const security = [{ bearer: [] }];
const InConversation = t.Object({ id: Id });
const OfMessage = t.Object({ id: Id, seq: Position });
const OfReaction = t.Object({ id: Id, seq: Position, emoji: Emoji });

export interface CommandRoutesOptions {
  readonly auth: Authentication;
  readonly run: RunCommand;
  readonly newId: () => string;
}

/** Commands over HTTP: the same transaction as over the socket, answered after the commit, also while Redis is down. */
export const commandRoutes = ({ auth, run, newId }: CommandRoutesOptions) =>
  new Elysia({ prefix: '/conversations/:id/messages' })
    .use(person(auth))
    .post(
      '',
      async ({ person, params: { id }, body, set }) => {
        const { clientId, replyTo = null } = body;
        const text = normalizeBody(body.body);
        const { ok, repeated } = await run({
          ...{ op: 'send', conversationId: id, actorId: person.id, clientId, body: text, replyTo },
        });
        set.status = repeated ? 200 : 201;
        return ok as Static<typeof Sent>;
      },
      {
        params: InConversation,
        body: SendMessage,
        response: { 200: Sent, 201: Sent },
        detail: { tags, security, summary: 'Sends a message; 200 where this clientId was sent before.' },
      },
    )
    .patch(
      '/:seq',
      async ({ person, params: { id, seq }, body, request }) => {
        const clientId = idempotencyKey(request) ?? newId();
        const text = normalizeBody(body.body);
        const { ok } = await run({ op: 'edit', conversationId: id, actorId: person.id, clientId, seq, body: text });
        return ok as Static<typeof Changed>;
      },
      {
        params: OfMessage,
        body: EditMessage,
        response: { 200: Changed },
        detail: { tags, security, summary: 'Edits an own message. Takes Idempotency-Key.' },
      },
    )
    .delete(
      '/:seq',
      async ({ person, params: { id, seq }, request }) => {
        const clientId = idempotencyKey(request) ?? newId();
        await run({ op: 'delete', conversationId: id, actorId: person.id, clientId, seq });
        return new Response(null, { status: 204 });
      },
      {
        params: OfMessage,
        detail: { tags, security, summary: 'Deletes an own message, or any as an admin. Takes Idempotency-Key.' },
      },
    )
    .put(
      '/:seq/reactions/:emoji',
      async ({ person, params: { id, seq, emoji }, request }) => {
        const clientId = idempotencyKey(request) ?? newId();
        const { ok } = await run({
          ...{ op: 'react', conversationId: id, actorId: person.id, clientId, seq, emoji, on: true },
        });
        return ok as Static<typeof Changed>;
      },
      {
        params: OfReaction,
        beforeHandle: refuseBody,
        response: { 200: Changed },
        detail: { tags, security, summary: 'Sets an own reaction. Takes Idempotency-Key.' },
      },
    )
    .delete(
      '/:seq/reactions/:emoji',
      async ({ person, params: { id, seq, emoji }, request }) => {
        const clientId = idempotencyKey(request) ?? newId();
        await run({ op: 'react', conversationId: id, actorId: person.id, clientId, seq, emoji, on: false });
        return new Response(null, { status: 204 });
      },
      {
        params: OfReaction,
        detail: { tags, security, summary: 'Takes an own reaction back. Takes Idempotency-Key.' },
      },
    );
