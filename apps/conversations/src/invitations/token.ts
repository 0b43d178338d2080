/** A new secret of an invitation: 32 random bytes as base64url. */
export const newInvitationToken = (): string =>
  crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: 'base64url', omitPadding: true });

/** What is kept of it. No salt: the secret itself is 256 random bits. */
export const hashOfToken = (token: string): string => new Bun.CryptoHasher('sha256').update(token).digest('hex');

/** Where a browser opens the invitation: a page of the web client, which shows it and lets the person join. */
export const invitationUrl = (publicUrl: string, token: string): string => `${publicUrl}/invite/${token}`;
