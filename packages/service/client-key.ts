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
