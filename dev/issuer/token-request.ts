import { readFile } from 'node:fs/promises';
import { importJWK, type JWK, SignJWT } from 'jose';

/** The issuer, or who sent the person there, refused; `code` is OAuth's where there is one, `status` the last answer's. */
export class SignInRefused extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, text: string, status: number) {
    super(`${code}: ${text}`);
    this.name = 'SignInRefused';
    this.code = code;
    this.status = status;
  }
}

/** Asks an endpoint of the issuer as a client that signs for itself; throws `SignInRefused` with the error's code. */
export async function tokenRequest(options: {
  issuer: string;
  clientId: string;
  keyFile: string;
  parameters: Record<string, string>;
  /** Which endpoint; `/token` unless said. */
  path?: string;
}): Promise<Record<string, unknown>> {
  const { issuer, clientId, keyFile, parameters, path = '/token' } = options;
  const response = await fetch(`${issuer}${path}`, {
    method: 'POST',
    body: new URLSearchParams({
      ...parameters,
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await clientAssertion(issuer, clientId, keyFile),
    }),
  });
  const body = response.headers.get('content-type')?.includes('json') ? await response.json() : {};
  const answer = body as Record<string, unknown>;
  if (!response.ok) throw new SignInRefused(String(answer.error), String(answer.error_description), response.status);
  return answer;
}

async function clientAssertion(issuer: string, clientId: string, keyFile: string): Promise<string> {
  const jwk = JSON.parse(await readFile(keyFile, 'utf8')) as JWK;
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', ...(jwk.kid ? { kid: jwk.kid } : {}) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(await importJWK(jwk, 'ES256'));
}

/** A token out of the issuer's answer. */
export function tokenOf(answer: Record<string, unknown>, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw new SignInRefused('invalid_response', `no ${name}`, 200);
  return value;
}
