/** How Redis knows what an issuer calls its own, a session id or a token's: hashed, and with the issuer's alias, because two issuers may use the same. */
export const hashedIssuerName = async (alias: string, name: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${alias} ${name}`));
  return new Uint8Array(digest).toBase64({ alphabet: 'base64url', omitPadding: true });
};
