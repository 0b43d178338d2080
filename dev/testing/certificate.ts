/** A certificate that vouches for itself: for `localhost` and 127.0.0.1, a day long, in PEM. Nobody trusts it who is not told to. */
export const selfSignedCertificate = async (now: number): Promise<{ readonly cert: string; readonly key: string }> => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), text('localhost'))));
  const alternatives = sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])));
  const facts = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    signedWith,
    name,
    sequence(time(now - 3_600_000), time(now + 86_400_000)),
    name,
    Buffer.from(await crypto.subtle.exportKey('spki', keys.publicKey)),
    tagged(0xa3, sequence(sequence(oid(0x55, 0x1d, 0x11), tagged(0x04, alternatives)))),
  );
  const raw = Buffer.from(
    await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, new Uint8Array(facts)),
  );
  const signature = sequence(unsigned(raw.subarray(0, 32)), unsigned(raw.subarray(32)));
  const whole = sequence(facts, signedWith, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const privateKey = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { cert: pem('CERTIFICATE', whole), key: pem('PRIVATE KEY', privateKey) };
};

// DER (X.690), as much of it as a certificate (RFC 5280) needs.
const tagged = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts);
const oid = (...bytes: readonly number[]): Buffer => tagged(0x06, Buffer.from(bytes));
const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value));
const integer = (value: number): Buffer => tagged(0x02, Buffer.from([value]));
const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
/** ecdsa-with-SHA256. */
const signedWith = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/** Without leading zeros, but one where the number would look negative. */
const unsigned = (bytes: Buffer): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first);
  return tagged(0x02, (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits);
};

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
