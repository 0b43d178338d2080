import { base64url, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

type Json = Record<string, unknown>;

/** What a good access token is made of; each forged one differs from it in what its name says. */
export interface GoodToken {
  /** The issuer's own key, ES256, and its public half. */
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  /** With `iss` and `aud`, and what the route asks for; the times are added. */
  readonly claims: Json & { readonly iss: string; readonly aud: string };
  /** The audience of another service. */
  readonly elsewhere: string;
  /** ms since the epoch. */
  readonly now: number;
}

const encoded = (part: Json): string => base64url.encode(JSON.stringify(part));

/** A token of these claims that is good but for what is said, signed by the issuer's key unless another is given. */
export const signedToken = (
  { privateKey, publicJwk, claims, now }: GoodToken,
  more: Json = {},
  header: Json = {},
  key: CryptoKey | Uint8Array = privateKey,
): Promise<string> => {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({ ...claims, iat: seconds, exp: seconds + 300, ...more })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: publicJwk.kid ?? '', ...header })
    .sign(key);
};

/** Access tokens that nobody may take (RFC 8725 §3, RFC 9068 §4), by what is wrong with each. */
export const forgedTokens = async (good: GoodToken): Promise<Readonly<Record<string, string>>> => {
  const { claims, elsewhere, publicJwk } = good;
  const [other, ps256, edDsa] = await Promise.all(
    ['ES256', 'PS256', 'EdDSA'].map((alg) => generateKeyPair(alg, { extractable: true })),
  );
  if (!other || !ps256 || !edDsa) throw new Error('there are no keys');
  const otherJwk = { ...(await exportJWK(other.publicKey)), kid: publicJwk.kid, alg: 'ES256' };
  const sign = (more: Json = {}, header: Json = {}, key?: CryptoKey | Uint8Array) =>
    signedToken(good, more, header, key);
  const seconds = Math.floor(good.now / 1000);
  const token = await sign();
  const [head = '', payload = '', signature = ''] = token.split('.');
  const headed = (header: Json) => `${encoded(header)}.${payload}.${signature}`;
  const unsigned = (alg: string) => `${encoded({ alg, typ: 'at+jwt', kid: publicJwk.kid })}.${payload}.`;
  const { kid } = publicJwk;
  return {
    'the algorithm none': unsigned('none'),
    'the algorithm None': unsigned('None'),
    'the algorithm none over a signature': headed({ alg: 'none', typ: 'at+jwt', kid }),
    'HS256 by the public key': await sign({}, { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(publicJwk))),
    'HS256 by the point of the public key': await sign({}, { alg: 'HS256' }, base64url.decode(publicJwk.x ?? '')),
    'another key by the same id': await sign({}, {}, other.privateKey),
    'another key, PS256': await sign({}, { alg: 'PS256' }, ps256.privateKey),
    'another key, EdDSA': await sign({}, { alg: 'EdDSA' }, edDsa.privateKey),
    'another key that is embedded': await sign({}, { jwk: otherJwk }, other.privateKey),
    'another key at a jku': await sign({}, { jku: 'http://evil.test/jwks', kid: 'evil' }, other.privateKey),
    'another key at an x5u': await sign({}, { x5u: 'http://evil.test/chain', kid: 'evil' }, other.privateKey),
    'another key in an x5c': await sign({}, { x5c: ['MIIB'], kid: 'evil' }, other.privateKey),
    'an unknown kid': await sign({}, { kid: 'nobody' }),
    'a huge kid': await sign({}, { kid: 'k'.repeat(5000) }),
    'a kid that is a path': await sign({}, { kid: `../../${kid}` }),
    'a kid that is SQL': await sign({}, { kid: `${kid}' OR '1'='1` }),
    'the audience of another service': await sign({ aud: elsewhere }),
    'audiences of others': await sign({ aud: [elsewhere, 'urn:elsewhere'] }),
    'no audience': await sign({ aud: [] }),
    'an audience in capitals': await sign({ aud: claims.aud.toUpperCase() }),
    'another issuer': await sign({ iss: 'http://evil.test' }),
    'an issuer below ours': await sign({ iss: `${claims.iss}/other` }),
    'our issuer by https': await sign({ iss: claims.iss.replace('http:', 'https:') }),
    'an end a second beyond the skew': await sign({ exp: seconds - 31 }),
    'a beginning beyond the skew': await sign({ nbf: seconds + 90 }),
    'no end': await sign({ exp: undefined }),
    'an end that is text': await sign({ exp: '9999999999' }),
    'a beginning that is text': await sign({ nbf: 'now' }),
    'no subject': await sign({ sub: undefined }),
    'an ID token': await sign({ aud: claims.client_id, nonce: 'n' }, { typ: 'JWT' }),
    'a typ of ID tokens': await sign({}, { typ: 'JWT' }),
    'a logout token': await sign({ events: {} }, { typ: 'logout+jwt' }),
    'no typ': await sign({}, { typ: undefined }),
    'a token in a token': await sign({}, { cty: 'JWT', typ: 'JWT' }),
    'an extension that is critical': headed({ alg: 'ES256', typ: 'at+jwt', kid, crit: ['x'], x: 1 }),
    'a payload that is not encoded': headed({ alg: 'ES256', typ: 'at+jwt', kid, b64: false, crit: ['b64'] }),
    'a packed payload': headed({ alg: 'ES256', typ: 'at+jwt', kid, zip: 'DEF' }),
    'a changed payload': `${head}.${encoded({ ...claims, exp: seconds + 9999 })}.${signature}`,
    'a changed signature': `${token.slice(0, -4)}AAAA`,
    'no signature': `${head}.${payload}`,
    'an empty payload': `${head}..${signature}`,
    'a fourth part': `${token}.`,
    'an empty first part': `.${token}`,
    'two in one': `${token}.${token}`,
    'a blank before it': ` ${token}`,
    'all of it encoded': base64url.encode(token),
    'one letter': 'x',
    nothing: '',
  };
};
