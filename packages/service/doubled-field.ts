/** Fields of which a message has one (RFC 9112 §3.2 and §6.3), and which say whose it is and where it ends. */
const single = ['host', 'content-length'] as const;

/**
 * Whether a request says twice whose it is or where it ends, which its values show as a comma. Bun refuses lengths that differ and takes equal ones;
 * who is in front of us may have read the one or the other, or see the end elsewhere.
 */
export const hasDoubledField = (headers: Headers): boolean => single.some((name) => headers.get(name)?.includes(','));
