// The attributes of <goroscope-playground>, each with what may stand there and what holds without it. Properties of
// the same names show them.
import { MAX_PROCS } from './typed.mjs';

/**
 * @template T
 * @typedef {object} Attribute
 * @property {T} otherwise without it, or with nonsense there
 * @property {string} must what it must be, for the sentence
 * @property {(text: string) => T | undefined} read undefined: nonsense
 */

/** @template T @param {T} otherwise @param {string} must @param {(text: string) => T | undefined} read */
const attribute = (otherwise, must, read) => /** @type {Attribute<T>} */ ({ otherwise, must, read });

/** @template {string} T @param {readonly T[]} words the first holds without it */
const oneOf = (words) => attribute(words[0], `one of ${words.join(', ')}`, (text) => words.find((w) => w === text));

/** @param {string} otherwise */
const any = (otherwise) => attribute(otherwise, 'text', (text) => text);

/** @template {number | null} O @param {O} otherwise @param {number} least @param {number} most */
const whole = (otherwise, least, most) => attribute(/** @type {number | O} */ (otherwise),
  `a whole number from ${least} to ${most}`, (text) => {
    const n = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    return n >= least && n <= most ? n : undefined;
  });

const flag = attribute(false, 'there or not', () => /** @type {boolean} */ (true));

/** What can be shown. */
const PARTS = /** @type {const} */ (['editor', 'timeline', 'output', 'goroutines', 'input', 'settings', 'share']);

/** The least memory a program has, in MiB; what wasm has at most. */
const LEAST_MEMORY = 64, MOST_MEMORY = 4096;

export const ATTRIBUTES = {
  src: any(''),
  wasm: any(''),
  procs: whole(null, 1, MAX_PROCS),
  mode: oneOf(/** @type {const} */ (['auto', 'threads', 'sim'])),
  seed: whole(1, 0, Number.MAX_SAFE_INTEGER),
  clock: oneOf(/** @type {const} */ (['measured', 'virtual'])),
  args: any(''),
  input: any(''),
  layout: oneOf(/** @type {const} */ (['split', 'stack'])),
  height: whole(560, 200, 10_000),
  show: attribute([...PARTS], `some of ${PARTS.join(', ')}, with spaces between`, (text) => {
    const words = text.split(/\s+/).filter(Boolean), known = PARTS.filter((p) => words.includes(p));
    return known.length && known.length === new Set(words).size ? known : undefined;
  }),
  readonly: attribute(/** @type {import('./editor.mjs').Lines[] | 'all'} */ ([]),
    'empty, or lines such as 1-5, 9', readLines),
  expect: attribute(/** @type {string | null} */ (null), 'text', (text) => text),
  theme: oneOf(/** @type {const} */ (['auto', 'light', 'dark'])),
  memory: whole(null, LEAST_MEMORY, MOST_MEMORY),
  timeout: attribute(/** @type {number | null} */ (null), 'a number of seconds above 0', (text) => {
    const n = Number(text);
    return n > 0 && n < Infinity ? n : undefined;
  }),
  autorun: flag,
  check: flag,
  messages: attribute(/** @type {string | null} */ (null), 'origins', (text) => text),
};

/** @typedef {typeof ATTRIBUTES} Table */
/** @typedef {{ [name in keyof Table]: Table[name]['otherwise'] }} Values */

/** @param {string} text @returns {import('./editor.mjs').Lines[] | 'all' | undefined} */
export function readLines(text) {
  if (text.trim() === '') return 'all';
  const ranges = text.split(',').map((part) => /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part));
  const lines = ranges.map((m) => ({ from: Number(m?.[1]), to: Number(m?.[2] ?? m?.[1]) }));
  return lines.every(({ from, to }) => from >= 1 && to >= from) ? lines : undefined;
}

/** @param {string} name @returns {name is keyof Table} */
export const isAttribute = (name) => Object.hasOwn(ATTRIBUTES, name);

/** Tells on the console what is wrong with attributes, each thing once. */
export function complainOnce() {
  /** @type {Set<string>} */
  const told = new Set();
  return (/** @type {string} */ sentence) => {
    if (told.has(sentence)) return;
    told.add(sentence);
    console.warn(`<goroscope-playground>: ${sentence}`);
  };
}

/**
 * @param {Element} element
 * @param {(sentence: string) => void} complain about nonsense
 * @returns {Values}
 */
export function valuesOf(element, complain) {
  const values = Object.entries(ATTRIBUTES).map(([name, { otherwise, must, read }]) => {
    const text = element.getAttribute(name);
    const value = text === null ? otherwise : read(text);
    if (value === undefined)
      complain(`${name}="${text}" makes no sense: it must be ${must}. What holds without it holds.`);
    return [name, value ?? otherwise];
  });
  return /** @type {Values} */ (Object.fromEntries(values));
}

/**
 * Properties that show attributes: text, or null without one; those that are there or not are true or false.
 * @param {HTMLElement} prototype
 */
export function reflect(prototype) {
  for (const [name, kind] of Object.entries(ATTRIBUTES)) {
    Object.defineProperty(prototype, name, {
      configurable: true, enumerable: true,
      get() {
        return kind === flag ? this.hasAttribute(name) : this.getAttribute(name);
      },
      set(value) {
        if (value === null || value === undefined || value === false) this.removeAttribute(name);
        else this.setAttribute(name, value === true ? '' : String(value));
      },
    });
  }
}
