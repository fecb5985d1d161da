// frames.mjs: what asyncify saves says whose it is: with it the runtime walks the stack of a goroutine that has left
// its own, at no cost while that runs (wasm/port/frames.c).
//
// Asyncify saves of each frame the index of the call that it was left by, then its locals. Where the index is stored
// the pass adds a number to it, so that the word is
//     (MOST_WORDS - words of the locals) << SITE_BITS | block << INDEX_BITS | index
// of which the first part keeps it from being an address: a collector takes what it finds there for one, and with the
// words themselves in front the frames of a few calls would point to all of the first 200 MB.
// A function has a block of call sites, or several if it has more than 256 calls. Where the index is loaded, eight bits
// are loaded instead of the word; only of a function of several blocks the number is taken off again. The first
// blocks are for frames of the runtime and libc, which nobody tells apart.
import { BuildError } from './errors.mjs';
import { sleb } from './bytes.mjs';
import { OP } from './instructions.mjs';
import { plainName } from './names.mjs';
import { RowReader, rowsOf } from './places.mjs';

/** wasm/port/frames.c has these, too. */
const INDEX_BITS = 8, SITE_BITS = 22, FIRST_BLOCK = 16;
const MOST_WORDS = 2 ** (32 - SITE_BITS) - 1, BLOCK = 2 ** INDEX_BITS, BLOCKS = 2 ** (SITE_BITS - INDEX_BITS);

/** @typedef {import('./unwind.mjs').Save} Save */

/**
 * @param {import('./instructions.mjs').Edits} edits @param {Save} save
 * @param {number} indices how many there may be
 * @param {number} block the first
 */
function mark(edits, { push, pop, bytes }, indices, block) {
  // Behind a frame of more locals than the word can say the walk ends.
  const words = Math.min(bytes / 4, MOST_WORDS);
  const number = [OP.I32_CONST, ...sleb((MOST_WORDS - words) * 2 ** SITE_BITS + block * BLOCK | 0)];
  edits.insert(push.start, [...number, OP.I32_ADD]);
  if (indices <= BLOCK) edits.replace(pop.start, pop.end, [OP.I32_LOAD8_U, 0, 0]);
  else edits.insert(pop.end, [...number, OP.I32_SUB]);
}

/** Marks the frames of the prebuilt runtime. */
export class KitFrames {
  /** @param {import('./instructions.mjs').Edits} edits @param {Save} save */
  mark(edits, save) {
    if (save.calls > FIRST_BLOCK * BLOCK) {
      throw new BuildError(`${save.name} has ${save.calls} calls, more than its frames can tell apart`,
        { symbol: save.name });
    }
    mark(edits, save, save.calls, 0);
  }
}

/** Marks the frames of a program and knows its call sites. */
export class ProgramFrames {
  /** Of each call site its function and its place, -1: not known. @type {{ func: string, place: number }[]} */
  sites = [];
  /** Of each block, from FIRST_BLOCK on, the number of its first call site. @type {number[]} */
  blocks = [];

  /** @param {import('./instructions.mjs').Edits} edits @param {Save} save */
  mark(edits, save) {
    const { name, body, leaves } = save, rows = rowsOf(body);
    const byIndex = leaves.slice().sort((a, b) => a.index - b.index), n = Math.ceil(byIndex.length / BLOCK);
    if (n === 0 || byIndex.some(({ index, call }, i) => index !== i || call < 0)) {
      throw new BuildError(`asyncify leaves ${name} in a way that is not known here: by the calls ` +
        leaves.map((l) => l.index).join(', '), { symbol: name });
    }
    const block = FIRST_BLOCK + this.blocks.length;
    if (block + n > BLOCKS) {
      throw new BuildError(`the program has more than ${BLOCKS - FIRST_BLOCK} functions that may park`,
        { symbol: name });
    }
    for (let i = 0; i < n; i++) this.blocks.push(this.sites.length + i * BLOCK);
    for (const { call } of byIndex) {
      this.sites.push({ func: plainName(name), place: rows ? new RowReader(rows).at(call) : -1 });
    }
    mark(edits, save, byIndex.length, block);
  }

  /**
   * What the runtime reads of them, Sites in wasm/port/frames.c: how many blocks, sites and places there are; of each
   * block its first site; of each site the number of its place; of each place function, file (where their texts begin
   * in all this), line, and the place that called the function, which was inlined there, plus 1, 0: it was not; the
   * texts, each with a NUL.
   * @param {import('./dwarf.mjs').Place[]} places
   * @returns {Uint8Array}
   */
  table(places) {
    /** @type {Map<string, number>} */ const numbers = new Map();
    /** @type {{ func: string, file: string, line: number, parent: number }[]} */ const used = [];
    /** @param {string} key @param {typeof used[number]} place */
    const add = (key, place) => {
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, used.length);
      return used.push(place) - 1;
    };
    /** @param {number} place @returns {number} */
    const numberOf = (place) => {
      const { func, file, line, parent } = places[place];
      return add(String(place), { func: plainName(func), file, line, parent: parent < 0 ? 0 : numberOf(parent) + 1 });
    };
    const sites = this.sites.map(({ func, place }) =>
      (place >= 0 ? numberOf(place) : add(`${func}()`, { func, file: '', line: 0, parent: 0 })));
    const words = [this.blocks.length, sites.length, used.length, ...this.blocks, ...sites];
    const textsAt = 4 * (words.length + 4 * used.length);
    /** @type {Map<string, number>} */ const texts = new Map();
    let end = textsAt;
    /** @type {Uint8Array[]} */ const bytes = [];
    const textAt = (/** @type {string} */ text) => {
      const known = texts.get(text);
      if (known !== undefined) return known;
      const utf8 = new TextEncoder().encode(`${text}\0`);
      texts.set(text, end);
      bytes.push(utf8);
      end += utf8.length;
      return end - utf8.length;
    };
    for (const { func, file, line, parent } of used) words.push(textAt(func), textAt(file), line, parent);
    const all = new Uint8Array(end), view = new DataView(all.buffer);
    words.forEach((word, i) => view.setUint32(4 * i, word, true));
    let at = textsAt;
    for (const text of bytes) {
      all.set(text, at);
      at += text.length;
    }
    return all;
  }
}
