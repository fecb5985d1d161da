// What was written in a playground outlives a reload: a draft in the tab's session storage, which goes with the tab.
//
// It is the page's program only, edited, and belongs to that: where the page has another one by now it is left alone.
// What a link brings stands in the link. What storage holds may come from anybody; where it throws, or is full, all
// goes on without.
import { readLines } from './attributes.mjs';
import { linesText } from './locked.mjs';
import { nameOf } from './share.mjs';
import { SOURCE } from './sources.mjs';

/** @typedef {import('./sources.mjs').Sources} Sources */
/** @typedef {import('./sources.mjs').Version} Version */

const KEY = 'goroscope-draft';

/** @param {() => string | null | void} use of the storage */
function tried(use) {
  try {
    return use() ?? null;
  } catch {
    return null; // it is not to be had, or full
  }
}

export class Draft {
  #key;
  /** It has been brought back, or there is a newer one: from then on only what is written here counts. */
  #isBegun = false;

  /** @param {Element} element a playground; one that is not in the page's own tree has no name there, so no draft */
  constructor(element) {
    this.#key = element.getRootNode() === document
      ? `${KEY} ${location.pathname}${location.search} ${nameOf(element) ?? 1}` : null;
  }

  /**
   * What was written before, to the same program.
   * @param {Sources} sources as they came @returns {Version | null}
   */
  take({ own }) {
    const key = this.#key;
    if (key === null || this.#isBegun) return null;
    const version = checked(tried(() => sessionStorage.getItem(key)), own);
    this.#isBegun = version !== null;
    return version;
  }

  /** What was written before does not come back. */
  forget() {
    const key = this.#key;
    if (key !== null) tried(() => sessionStorage.removeItem(key));
    this.#isBegun = true;
  }

  /** Keeps what is written by now, or nothing where that is what came. @param {Sources} sources */
  keep({ isOriginal, isLinked, own, now }) {
    const key = this.#key;
    if (key === null || isLinked) return;
    if (!isOriginal) {
      this.#isBegun = true;
      const draft = JSON.stringify({ ...plain(now), of: textOf(own) });
      // Where the new one has no room the old one is none any more.
      tried(() => (sessionStorage.removeItem(key), sessionStorage.setItem(key, draft)));
    } else if (this.#isBegun) tried(() => sessionStorage.removeItem(key));
  }
}

/** @param {Version} version the program's file first */
const plain = ({ texts, locked }) => ({ texts: [...texts], locked: linesText(locked) });

/** @param {Version} version */
const textOf = (version) => JSON.stringify(plain(version));

/**
 * @param {string | null} text out of the storage @param {Version} own what it has to belong to
 * @returns {Version | null}
 */
function checked(text, own) {
  if (text === null) return null;
  /** @type {any} */ let draft;
  try {
    draft = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof draft !== 'object' || draft === null || draft.of !== textOf(own)) return null;
  const { texts, locked } = draft;
  const isTexts = Array.isArray(texts) && texts.length > 0 && texts.every((pair) => Array.isArray(pair)
    && pair.length === 2 && pair.every((part) => typeof part === 'string')
    && (SOURCE.test(pair[0]) || own.texts.has(pair[0])));
  const lines = locked === '' ? [] : typeof locked === 'string' ? readLines(locked) : undefined;
  return isTexts && Array.isArray(lines) ? { texts: new Map(texts), locked: lines } : null;
}
