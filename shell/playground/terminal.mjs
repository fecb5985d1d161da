// What a terminal shows of a line: a carriage return or a backspace goes back and what follows writes over it; colours
// and weights are those of ECMA-48's SGR sequences ("\x1b[31m"); other sequences show nothing.

/** Colour classes (a0 to a15, their names in styles.mjs), or a colour itself for the 240 others and true colours. */
/** @typedef {{color: string, ground: string, marks: string}} Look marks: classes, with spaces between */
/** @typedef {{text: string, look: Look}} Run */

/** @type {Look} */
const PLAIN = { color: '', ground: '', marks: '' };
/** Anything that is not shown as it stands. */
const SPECIAL = /[\r\b\x1b]/;
// Also one whose end has not come yet. Texts for the terminal itself, titles for one, end by a bell or a sequence.
const SEQUENCE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?/y;
/** By its number: what turns it on. */
const MARKS = new Map([[1, 'bold'], [2, 'dim'], [3, 'italic'], [4, 'under'], [7, 'reverse'], [9, 'struck']]);
/** Off: those of the number. */
const OFF = new Map([[22, ['bold', 'dim']], [23, ['italic']], [24, ['under']], [27, ['reverse']], [29, ['struck']]]);
/** Of a line's runs so many have a look of their own; what follows is drawn plain. */
const MOST_RUNS = 200;
/** Of each of three parts of the 216 colours. */
const CUBE = [0, 95, 135, 175, 215, 255];

/** A stream's: what is set at the end of a line holds for the next. */
export class Terminal {
  #look = PLAIN;

  /** @param {string} line without its end @param {boolean} [isWhole] false: more of it may come @returns {Run[]} */
  show(line, isWhole = true) {
    let look = this.#look;
    if (!SPECIAL.test(line)) return line ? [{ text: line, look }] : [];
    const cells = new Cells();
    for (let at = 0; at < line.length;) {
      const char = String.fromCodePoint(/** @type {number} */ (line.codePointAt(at)));
      if (char === '\x1b') {
        SEQUENCE.lastIndex = at;
        const [all, parameters = '', end] = /** @type {RegExpExecArray} */ (SEQUENCE.exec(line));
        if (end === 'm') look = lookAfter(look, parameters);
        else if (end === 'K') cells.erase(Number(parameters));
        at += all.length;
        continue;
      }
      if (char === '\r') cells.column = 0;
      else if (char === '\b') cells.column = Math.max(0, cells.column - 1);
      else cells.put(char, look);
      at += char.length;
    }
    if (isWhole) this.#look = look;
    return cells.runs();
  }
}

/** A line of a terminal. */
class Cells {
  column = 0;
  /** @type {string[]} */ #chars = [];
  /** @type {Look[]} */ #looks = [];

  /** @param {string} char @param {Look} look */
  put(char, look) {
    while (this.#chars.length < this.column) this.#set(this.#chars.length, ' ', PLAIN);
    this.#set(this.column++, char, look);
  }

  /** @param {number} at @param {string} char @param {Look} look */
  #set(at, char, look) {
    this.#chars[at] = char;
    this.#looks[at] = look;
  }

  /** @param {number} which 0: to the end, 1: from the beginning, 2: all */
  erase(which) {
    if (which === 1) for (let i = 0; i <= this.column && i < this.#chars.length; i++) this.#set(i, ' ', PLAIN);
    else this.#looks.length = this.#chars.length = which === 2 ? 0 : Math.min(this.column, this.#chars.length);
  }

  /** @returns {Run[]} */
  runs() {
    /** @type {Run[]} */
    const runs = [];
    for (const [i, text] of this.#chars.entries()) {
      const last = runs.at(-1), look = runs.length < MOST_RUNS ? this.#looks[i] : PLAIN;
      if (last?.look === look) last.text += text;
      else runs.push({ text, look });
    }
    return runs;
  }
}

/** The same look is the same object. @type {Map<string, Look>} */
const looks = new Map([['||', PLAIN]]);
const MOST_LOOKS = 10_000;

/** @param {Look} look */
function same(look) {
  const name = `${look.color}|${look.ground}|${look.marks}`, known = looks.get(name);
  if (!known && looks.size < MOST_LOOKS) looks.set(name, look);
  return known ?? look;
}

/** @param {Look} look @param {string} parameters of an SGR sequence @returns {Look} */
function lookAfter(look, parameters) {
  let { color, ground } = look;
  const marks = new Set(look.marks.split(' ').filter(Boolean));
  if (/^[<-?]/.test(parameters)) return look; // a program's own way with its terminal
  const items = parameters.split(';'), codes = items.map((item) => parseInt(item, 10) || 0);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i], on = MARKS.get(code), [, ...sub] = items[i].split(':').map(Number);
    if (sub.length > 0) { // what belongs to it stands behind colons
      const parts = sub.slice(sub.length > 4 ? 2 : 1); // a colour space may stand before the three
      const named = sub[0] === 5 ? numbered(sub[1]) : sub[0] === 2 ? rgb(parts.slice(0, 3)) : '';
      if (code === 38) color = named;
      else if (code === 48) ground = named;
      else if (code === 4) marks[sub[0] ? 'add' : 'delete']('under');
    } else if (code === 0) {
      color = ground = '';
      marks.clear();
    } else if (on) marks.add(on);
    else if (OFF.has(code)) for (const mark of /** @type {string[]} */ (OFF.get(code))) marks.delete(mark);
    else if (code === 38 || code === 48 || code === 58) { // 58: of an underline
      const isNumbered = codes[i + 1] === 5;
      const named = isNumbered ? numbered(codes[i + 2]) : codes[i + 1] === 2 ? rgb(codes.slice(i + 2, i + 5)) : '';
      if (code === 38) color = named;
      else if (code === 48) ground = named;
      i += isNumbered ? 2 : 4;
    } else if (code === 39) color = '';
    else if (code === 49) ground = '';
    else if (code >= 30 && code <= 37) color = `a${code - 30}`;
    else if (code >= 90 && code <= 97) color = `a${code - 82}`;
    else if (code >= 40 && code <= 47) ground = `a${code - 40}`;
    else if (code >= 100 && code <= 107) ground = `a${code - 92}`;
  }
  return same({ color, ground, marks: [...marks].join(' ') });
}

/** Of the 256 colours. @param {number} n */
function numbered(n) {
  if (!(n >= 0 && n < 256)) return '';
  if (n < 16) return `a${n}`;
  if (n >= 232) return rgb(Array(3).fill(8 + 10 * (n - 232)));
  return rgb([CUBE[Math.floor((n - 16) / 36)], CUBE[Math.floor((n - 16) / 6) % 6], CUBE[(n - 16) % 6]]);
}

/** @param {number[]} parts */
function rgb(parts) {
  return parts.length === 3 && parts.every((part) => part >= 0 && part < 256) ? `rgb(${parts.join(' ')})` : '';
}

/** The same without colours. @param {Run[]} runs @returns {Run[]} */
export function plain(runs) {
  return runs.length > 0 ? [{ text: runs.map(({ text }) => text).join(''), look: PLAIN }] : [];
}

/** Where a sequence ends that stands across a place, else the place. @param {string} line @param {number} at */
export function afterSequence(line, at) {
  const begin = line.lastIndexOf('\x1b', at);
  if (begin < 0) return at;
  SEQUENCE.lastIndex = begin;
  return Math.max(at, begin + (SEQUENCE.exec(line)?.[0].length ?? 0));
}

/** @param {Run} run @returns {Node | string} */
export function nodeOf({ text, look }) {
  if (!look.color && !look.ground && !look.marks) return text;
  const node = document.createElement('span');
  node.className = ['ansi', look.marks].join(' ').trim();
  // By property: a page's policy may forbid style attributes.
  if (look.color) node.style.setProperty('--ansi-ink', colorOf(look.color));
  if (look.ground) node.style.setProperty('--ansi-ground', colorOf(look.ground));
  node.textContent = text;
  return node;
}

/** @param {string} color */
function colorOf(color) {
  return color.startsWith('a') ? `var(--${color})` : color;
}
