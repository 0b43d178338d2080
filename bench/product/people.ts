import { join } from 'node:path';
import { userIdOf } from '@chatapp/contract/ids';
import { apiAudience } from '@chatapp/contract/scopes';
import { importJWK, type JWK, SignJWT } from 'jose';
import { openDatabase } from '../../dev/issuer/database.ts';
import { createKeyStore } from '../../dev/issuer/key-store.ts';

const subOf = (place: number): string => `bench-${place}`;

/** The id that every service derives for the person at a place. */
export const personId = (place: number): Promise<string> =>
  userIdOf({ issuerAlias: 'local', kind: 'user', sub: subOf(place) });

/**
 * Access tokens as the embedded issuer gives them, signed with its key: thousands of people sign in within a second, and the services verify
 * what they verify always.
 */
export class PeopleTokens {
  readonly #tokens = new Map<number, Promise<string>>();
  #key: Promise<{ key: CryptoKey | Uint8Array; kid: string }> | undefined;

  constructor(
    readonly issuer: string,
    /** The issuer's data. */
    readonly folder: string,
  ) {}

  of(place: number): Promise<string> {
    const known = this.#tokens.get(place) ?? this.#sign(place);
    this.#tokens.set(place, known);
    return known;
  }

  async #sign(place: number): Promise<string> {
    this.#key ??= this.#read();
    const { key, kid } = await this.#key;
    return new SignJWT({ client_id: 'bff', scope: 'openid profile email offline_access' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(this.issuer)
      .setSubject(subOf(place))
      .setAudience(apiAudience)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime('6h')
      .sign(key);
  }

  async #read(): Promise<{ key: CryptoKey | Uint8Array; kid: string }> {
    const database = openDatabase(join(this.folder));
    const [jwk] = (await createKeyStore(database).signingKeys()) as [JWK];
    database.close();
    return { key: await importJWK(jwk, 'ES256'), kid: jwk.kid ?? '' };
  }
}
