import { type Static, t } from 'elysia';

/**
 * The closed list of problem codes, in HTTP answers and socket errors alike, each with its status and a title for people.
 * Tests and clients switch on the code, never on the text.
 */
export const problems = {
  malformed: { status: 400, title: 'The request cannot be read.' },
  'login-failed': { status: 400, title: 'Signing in did not work.' },
  'signed-out': { status: 401, title: 'You are signed out.' },
  'token-invalid': { status: 401, title: 'The access token is not valid here.' },
  csrf: { status: 403, title: 'The request lacks the X-CSRF header.' },
  origin: { status: 403, title: 'Requests from this origin are not accepted.' },
  scope: { status: 403, title: 'The access token lacks the scope.' },
  forbidden: { status: 403, title: 'Your role does not allow this.' },
  banned: { status: 403, title: 'You are banned from this conversation.' },
  'invitation-not-for-you': { status: 403, title: 'This invitation is for somebody else.' },
  'not-found': { status: 404, title: 'There is no such thing, or it is not yours to see.' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here.' },
  'client-id-reused': { status: 409, title: 'The client id was used for something else.' },
  'last-owner': { status: 409, title: 'The last owner cannot leave. Hand the conversation over first.' },
  conflict: { status: 409, title: 'This does not fit the present state.' },
  'invitation-expired': { status: 410, title: 'The invitation has expired.' },
  'invitation-revoked': { status: 410, title: 'The invitation was revoked.' },
  'invitation-used-up': { status: 410, title: 'The invitation was used up.' },
  'invitation-declined': { status: 410, title: 'The invitation was declined.' },
  'message-deleted': { status: 410, title: 'The message was deleted.' },
  'too-large': { status: 413, title: 'The request is too large.' },
  'media-type': { status: 415, title: 'Send application/json.' },
  invalid: { status: 422, title: 'A field is not valid.' },
  'rate-limited': { status: 429, title: 'Too many requests. Wait a moment.' },
  'cool-down': { status: 429, title: 'This was declined not long ago. Wait before you ask again.' },
  internal: { status: 500, title: 'Something went wrong on our side.' },
  'upstream-unreachable': { status: 502, title: 'A part of the service cannot be reached.' },
  unavailable: { status: 503, title: 'The service is not available now.' },
  'upstream-timeout': { status: 504, title: 'A part of the service did not answer in time.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

export const problemCodes = Object.keys(problems) as ProblemCode[];

export const ProblemCodeSchema = t.Union(problemCodes.map((code) => t.Literal(code)));

/** One field that is not valid: `path` as a JSON pointer, `code` a word for the rule. */
export const FieldError = t.Object({ path: t.String(), code: t.String() });
export type FieldError = Static<typeof FieldError>;

/** RFC 9457 problem details, `application/problem+json`. */
export const Problem = t.Object({
  type: t.String(),
  title: t.String(),
  status: t.Integer(),
  code: ProblemCodeSchema,
  detail: t.String(),
  requestId: t.String(),
  retryAfterMs: t.Optional(t.Integer({ minimum: 0 })),
  errors: t.Optional(t.Array(FieldError)),
});
export type Problem = Omit<Static<typeof Problem>, 'code'> & { code: ProblemCode };

/** An error as a socket frame carries it. `temporary`: the same command may succeed later. */
export const FrameError = t.Object({
  code: ProblemCodeSchema,
  temporary: t.Boolean(),
  retryAfterMs: t.Optional(t.Integer({ minimum: 0 })),
});
export type FrameError = { code: ProblemCode; temporary: boolean; retryAfterMs?: number };
