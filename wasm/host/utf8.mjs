// utf8.mjs: text of a program, which is UTF-8, to strings. A byte order mark is a character like others: it stays.

/**
 * A whole text. What is no UTF-8 becomes U+FFFD.
 * @param {Uint8Array} bytes also in shared memory
 */
export function decode(bytes) {
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice(); // a decoder takes no shared memory
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(own);
}

/** A decoder of text that comes in pieces, whose ends need not be those of characters. */
export const streamDecoder = () => new TextDecoder('utf-8', { ignoreBOM: true });
