/** Whether bytes are one or more whole, masked, final text frames (RFC 6455 §5.2), so that they may be sent once more. */
export const holdsWholeTextFrames = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.byteLength) {
    if (bytes.byteLength - at < 6 || bytes[at] !== 0x81) return false;
    const second = bytes[at + 1] ?? 0;
    if ((second & 0x80) === 0) return false;
    const short = second & 0x7f;
    // A frame of 64 KB and more is refused anyway.
    if (short === 127 || (short === 126 && bytes.byteLength - at < 8)) return false;
    at += short === 126 ? 8 + view.getUint16(at + 2) : 6 + short;
  }
  return at === bytes.byteLength && at > 0;
};
