import { clientKeyFile, clientSecretFile } from '@chatapp/service/client-key';
import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import type { IssuerSettings } from './issuer-settings.ts';

/** How this client proves itself to an issuer: by a signature, else by its secret. Read anew each time, so that either rotates without a restart. */
export const clientAuthentication = async (
  { clientKeyFile: keyFile, clientSecretFile: secretFile }: IssuerSettings,
  server: oauth.AuthorizationServer,
): Promise<oauth.ClientAuth> => {
  if (keyFile !== undefined) {
    const jwk = await clientKeyFile(keyFile)();
    const key = (await importJWK(jwk, jwk.alg ?? 'ES256')) as CryptoKey;
    return oauth.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : { key });
  }
  if (secretFile === undefined) throw new Error('the client has neither a key nor a secret');
  const secret = await clientSecretFile(secretFile)();
  const methods = server.token_endpoint_auth_methods_supported;
  const basicRefused = methods !== undefined && !methods.includes('client_secret_basic');
  return basicRefused && methods.includes('client_secret_post')
    ? oauth.ClientSecretPost(secret)
    : oauth.ClientSecretBasic(secret);
};
