// errors.mjs: what a pass says when it cannot go on: a sentence for the person whose program is built.

/**
 * A symbol that nobody defines, and the object that wants it.
 * @typedef {{ symbol: string, object: string }} MissingSymbol
 */

/** A program that cannot be built. Its message is one sentence. */
export class BuildError extends Error {
  /**
   * @param {string} message
   * @param {{ file?: string, line?: number, symbol?: string, undefinedSymbols?: MissingSymbol[] }} [where]
   */
  constructor(message, where = {}) {
    super(message);
    this.name = 'BuildError';
    /** The object or source it is about. */
    this.file = where.file;
    this.line = where.line;
    /** The function or variable it is about. */
    this.symbol = where.symbol;
    /** All symbols that nobody defines, if that is what is wrong. @type {MissingSymbol[]} */
    this.undefinedSymbols = where.undefinedSymbols ?? [];
  }
}
