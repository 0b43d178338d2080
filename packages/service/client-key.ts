import type { JWK } from 'jose';

/** Reads a client's private JWK from its file, at each call: a rotated key is used without a restart. */
export const clientKeyFile = (path: string) => async (): Promise<JWK> => {
  const key: unknown = await Bun.file(path)
    .json()
    .catch((cause) => {
      throw new Error('the file of OIDC_CLIENT_KEY_FILE cannot be read as JSON', { cause });
    });
  if (typeof key !== 'object' || key === null || !('kty' in key)) throw new Error('OIDC_CLIENT_KEY_FILE holds no JWK');
  return key as JWK;
};

/** Reads a client's secret from its file, at each call. */
export const clientSecretFile = (path: string) => async (): Promise<string> => {
  const secret = (await Bun.file(path).text()).trim();
  if (secret === '') throw new Error('the file of OIDC_CLIENT_SECRET_FILE is empty');
  return secret;
};
