// The sources of a playground: their names and texts as they are by now and as they came, which lines of the program
// nobody changes by hand, and whether a link brought it. No DOM: what shows of it is the element's matter.
import { readLines } from './attributes.mjs';
import { hasLocked } from './locked.mjs';

/** @typedef {import('./editor.mjs').Lines} Lines */
/** @typedef {import('./inside.mjs').File} File */
/** @typedef {{ texts: ReadonlyMap<string, string>, locked: Lines[] }} Version the program first; its read-only lines */

/** Names of what the compiler reads, and the editor shows. */
export const SOURCE = /\.(c|h|cc|cpp|cxx|hh|hpp|hxx|inc)$/i;

export class Sources {
  /** The program's file. */
  #main = 'prog.c';
  /** As they are now, the program's first. @type {Map<string, string>} */
  #texts = new Map();
  /** The same as they came. @type {Map<string, string>} */
  #original = new Map();
  /** Lines of the program as it came that are read-only. @type {Lines[]} */
  #ownLocked = [];
  /** Those of the program as it is, where they are by now. @type {Lines[]} */
  locked = [];
  /** A link has put a stranger's program in; undo may bring it back after restore(). */
  isLinked = false;
  /** What is there now, edited or not, came by a link. */
  isFromLink = false;

  /** The program's file. */
  get main() {
    return this.#main;
  }

  /** The program's text. */
  get text() {
    return this.#texts.get(this.#main) ?? '';
  }

  /** The program's first. @returns {ReadonlyMap<string, string>} */
  get texts() {
    return this.#texts;
  }

  /** The same, which later changes do not change. @returns {ReadonlyMap<string, string>} */
  copy() {
    return new Map(this.#texts);
  }

  names() {
    return this.#texts.keys();
  }

  /** All but the program. @returns {Record<string, string>} */
  others() {
    return Object.fromEntries([...this.#texts].filter(([name]) => name !== this.#main));
  }

  /** Whether they are as they came. */
  get isOriginal() {
    return this.are(this.#original);
  }

  /** Whether they are just these. @param {ReadonlyMap<string, string>} texts */
  are(texts) {
    return this.#texts.size === texts.size && [...this.#texts].every(([name, text]) => texts.get(name) === text);
  }

  /** As they came. @returns {Version} */
  get own() {
    return { texts: this.#original, locked: this.#ownLocked };
  }

  /** As they are. @returns {Version} */
  get now() {
    return { texts: this.#texts, locked: this.locked };
  }

  /** Whether the program is the page's own, edited or not. */
  get isOwn() {
    return !this.isLinked || this.isOriginal;
  }

  /** Whether the page has brought a program that restore() can bring back. */
  get canRestore() {
    const [own = ''] = this.#original.values();
    return own.trim() !== '' && !this.isOriginal;
  }

  /**
   * The page's own have come.
   * @param {File} program
   * @param {Record<string, string | Uint8Array>} files those of them that are sources are taken
   */
  arrive({ name, text }, files) {
    this.#main = name;
    this.#texts = new Map([[name, text]]);
    for (const [other, content] of Object.entries(files))
      if (typeof content === 'string' && SOURCE.test(other)) this.#texts.set(other, content);
    this.#original = new Map(this.#texts);
    this.isLinked = this.isFromLink = false;
  }

  /** @param {string} name of one that there is, or of a new one @param {string} text */
  set(name, text) {
    this.#texts.set(name, text);
  }

  /** The program's file is called so from now on. @param {string} main */
  rename(main) {
    const [[, text], ...others] = this.#texts;
    this.#main = main;
    this.#texts = new Map([[main, text], ...others.filter(([name]) => name !== main)]);
  }

  /** These lines are read-only in the program as it is now. @param {Lines[]} lines */
  lock(lines) {
    this.locked = lines;
    if (this.isOriginal) this.#ownLocked = lines;
  }

  /**
   * Where the page's own read-only lines are in a link's program.
   * @param {string} [locked] as the link has them
   * @returns {boolean} whether that program has them
   */
  lockLinked(locked) {
    const [own] = this.#original.values(), lines = locked ? readLines(locked) : this.#ownLocked;
    if (!Array.isArray(lines) || !hasLocked({ text: own, lines: this.#ownLocked }, { text: this.text, lines }))
      return false;
    this.locked = lines;
    return true;
  }

  /** As they came, read-only lines too. @returns {[name: string, text: string][]} those that were others */
  restore() {
    return this.become(this.own);
  }

  /** @param {Version} version @returns {[name: string, text: string][]} those that were others */
  become({ texts, locked }) {
    const before = this.#texts, [main = this.#main] = texts.keys();
    this.#main = main;
    this.#texts = new Map(texts);
    this.locked = locked;
    return [...texts].filter(([name, text]) => before.get(name) !== text);
  }
}
