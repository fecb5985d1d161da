// text.mjs: text that becomes bytes in pieces.

const encoder = new TextEncoder();

export class TextPieces {
  constructor() {
    /** @type {string[]} */ this.parts = [];
    this.size = 0;
  }

  /** @param {string} text */
  put(text) {
    this.parts.push(text);
    this.size += text.length;
  }

  /** @returns {Uint8Array} what came since the last call */
  take() {
    const bytes = encoder.encode(this.parts.join(''));
    this.parts.length = 0;
    this.size = 0;
    return bytes;
  }
}
