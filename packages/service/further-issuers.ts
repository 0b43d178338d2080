import { type Static, t } from 'elysia';
import { jsonList, optional } from './config.ts';

const word = { pattern: '^[a-z0-9][a-z0-9-]{0,31}$' };

/**
 * An issuer beside the main one. It vouches for people only: machines sign in at the main one. `alias` is part of every id of its people and never
 * changes. What begins at `name` is read by the BFF alone; each has the meaning of its variable for the main issuer.
 */
export const FurtherIssuer = t.Object(
  {
    alias: t.String(word),
    issuer: t.String({ pattern: '^https?://[^\\s?#]+$' }),
    accessTokenTyp: t.Optional(t.String({ minLength: 1 })),
    apiAudience: t.Optional(t.String({ minLength: 1 })),
    /** What people choose it by. */
    name: t.String({ minLength: 1, maxLength: 60 }),
    clientId: t.String({ minLength: 1 }),
    clientKeyFile: t.Optional(t.String({ minLength: 1 })),
    clientSecretFile: t.Optional(t.String({ minLength: 1 })),
    scope: t.Optional(t.String({ minLength: 1 })),
    audienceParameter: t.Optional(
      t.Union([t.Literal('both'), t.Literal('resource'), t.Literal('audience'), t.Literal('none')]),
    ),
    logoutTokenTyp: t.Optional(t.String({ minLength: 1 })),
    endSessionUrl: t.Optional(t.String({ pattern: '^https?://[^\\s]+$' })),
    stepUpAcr: t.Optional(t.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);
export type FurtherIssuer = Static<typeof FurtherIssuer>;

const asWritten = jsonList('OIDC_FURTHER_ISSUERS', FurtherIssuer, {
  about: 'issuers beside the main one, for people only, as a JSON list',
});

/** Each issuer without the slash that some have at the end of their names, as the main one is read. */
export const furtherIssuersSetting = optional({
  ...asWritten,
  read: (value) => {
    const found = asWritten.read(value);
    if ('fault' in found) return found;
    return { value: found.value.map((one) => ({ ...one, issuer: one.issuer.replace(/\/+$/, '') })) };
  },
});
