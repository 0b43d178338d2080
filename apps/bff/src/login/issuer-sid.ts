/** How Redis knows the issuer's own session id: hashed, because it is worth something at the issuer. */
export const hashedIssuerSid = async (sid: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sid));
  return new Uint8Array(digest).toBase64({ alphabet: 'base64url', omitPadding: true });
};
