/**
 * What a cookie holds: 256 random bits that only the browser has. Two things are derived from it by HKDF: an id, under which the
 * server keeps a record and which may be known, and a key, which seals that record. So a dump of Redis opens nothing and leads to no cookie.
 */
export interface Vault {
  /** 128 bits in base64url; says nothing about the secret. */
  readonly id: string;
  /** AES-256-GCM over the value as JSON, bound to `id`. */
  seal(value: unknown): Promise<string>;
  /** The sealed value; rejects when it was sealed with another secret or changed. */
  open(box: string): Promise<unknown>;
}

const base64url = { alphabet: 'base64url', omitPadding: true } as const;
const nonceBytes = 12;

export const newSecret = (): string => crypto.getRandomValues(new Uint8Array(32)).toBase64(base64url);

const isSecret = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** Whether a text has the form of a vault's `id`: in a key it names nothing else. */
export const isVaultId = (text: string): boolean => /^[\w-]{22}$/.test(text);

/** The vault of a cookie's value; undefined where that cannot be one of ours. `purpose` keeps the kinds of cookies apart. */
export const vaultOf = async (secret: string, purpose: 'session' | 'login'): Promise<Vault | undefined> => {
  if (!isSecret(secret)) return undefined;
  const bytes = Uint8Array.fromBase64(secret, { alphabet: 'base64url' });
  const material = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const id = new Uint8Array(await crypto.subtle.deriveBits(hkdf(`${purpose} id`), material, 128)).toBase64(base64url);
  const bound = new TextEncoder().encode(`${purpose}:${id}`);
  let derived: Promise<CryptoKey> | undefined;
  const key = () => {
    derived ??= crypto.subtle.deriveKey(hkdf(`${purpose} key`), material, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    return derived;
  };
  return {
    id,
    async seal(value) {
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const text = new TextEncoder().encode(JSON.stringify(value));
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound }, await key(), text);
      return Buffer.concat([iv, new Uint8Array(sealed)]).toBase64(base64url);
    },
    async open(box) {
      const data = Uint8Array.fromBase64(box, { alphabet: 'base64url' });
      const iv = data.subarray(0, nonceBytes);
      const parameters = { name: 'AES-GCM', iv, additionalData: bound };
      const text = await crypto.subtle.decrypt(parameters, await key(), data.subarray(nonceBytes));
      return JSON.parse(new TextDecoder().decode(text));
    },
  };
};

const hkdf = (info: string): HkdfParams => ({
  name: 'HKDF',
  hash: 'SHA-256',
  // The input is uniformly random already, so no salt is needed (RFC 5869 §3.1).
  salt: new Uint8Array(),
  info: new TextEncoder().encode(`chatapp ${info}`),
});
