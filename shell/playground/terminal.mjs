// What a terminal shows of a line: a carriage return or a backspace goes back and what follows writes over it; colours
// and weights are those of ECMA-48's SGR sequences ("\x1b[31m"); other sequences show nothing.

/** Colour classes (a0 to a15, their names in styles.mjs), or a colour itself for the 240 others and true colours. */
/** @typedef {{color: string, ground: string, marks: string}} Look marks: classes, with spaces between */
/** @typedef {{text: string, look: Look}} Run */

/** @type {Look} */
const PLAIN = { color: '', ground: '', marks: '' };
/** Anything that is not shown as it stands. */
const SPECIAL = /[\r\b\x1b]/;
const SEQUENCE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?/y;
/** By its number: what turns it on. */
const MARKS = new Map([[1, 'bold'], [2, 'dim'], [3, 'italic'], [4, 'under'], [7, 'reverse'], [9, 'struck']]);
/** Off: those of the number. */
const OFF = new Map([[22, ['bold', 'dim']], [23, ['italic']], [24, ['under']], [27, ['reverse']], [29, ['struck']]]);
/** Of each of three parts of the 216 colours. */
const CUBE = [0, 95, 135, 175, 215, 255];

/** A stream's: what is set at the end of a line holds for the next. */
export class Terminal {
  #look = PLAIN;

  /** @param {string} line without its end @param {boolean} [isWhole] false: more of it may come @returns {Run[]} */
  show(line, isWhole = true) {
    let look = this.#look;
    if (!SPECIAL.test(line)) return line ? [{ text: line, look }] : [];
    /** @type {Array<{char: string, look: Look}>} */
    const cells = [];
    let column = 0;
    for (let at = 0; at < line.length;) {
      const char = String.fromCodePoint(/** @type {number} */ (line.codePointAt(at)));
      if (char === '\x1b') {
        SEQUENCE.lastIndex = at;
        const [all, parameters = '', end] = /** @type {RegExpExecArray} */ (SEQUENCE.exec(line));
        if (end === 'm') look = lookAfter(look, parameters);
        else if (end === 'K') erase(cells, column, Number(parameters));
        at += all.length;
        continue;
      }
      if (char === '\r') column = 0;
      else if (char === '\b') column = Math.max(0, column - 1);
      else {
        while (cells.length < column) cells.push({ char: ' ', look: PLAIN });
        cells[column++] = { char, look };
      }
      at += char.length;
    }
    if (isWhole) this.#look = look;
    return runsOf(cells);
  }
}

/**
 * Erase in line. @param {Array<{char: string, look: Look}>} cells @param {number} column
 * @param {number} which 0: to the end, 1: from the beginning, 2: all
 */
function erase(cells, column, which) {
  if (which !== 1) cells.length = which === 2 ? 0 : Math.min(column, cells.length);
  else for (let i = 0; i <= column && i < cells.length; i++) cells[i] = { char: ' ', look: PLAIN };
}

/** @param {Array<{char: string, look: Look}>} cells */
function runsOf(cells) {
  /** @type {Run[]} */
  const runs = [];
  for (const { char, look } of cells) {
    const last = runs.at(-1);
    if (last?.look === look) last.text += char;
    else runs.push({ text: char, look });
  }
  return runs;
}

/** @param {Look} look @param {string} parameters of an SGR sequence @returns {Look} */
function lookAfter(look, parameters) {
  let { color, ground } = look;
  const marks = new Set(look.marks.split(' ').filter(Boolean));
  const codes = parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i], on = MARKS.get(code);
    if (code === 0) {
      color = ground = '';
      marks.clear();
    } else if (on) marks.add(on);
    else if (OFF.has(code)) for (const mark of /** @type {string[]} */ (OFF.get(code))) marks.delete(mark);
    else if (code === 38 || code === 48) {
      const isNumbered = codes[i + 1] === 5;
      const named = isNumbered ? numbered(codes[i + 2]) : codes[i + 1] === 2 ? rgb(codes.slice(i + 2, i + 5)) : '';
      if (code === 38) color = named;
      else ground = named;
      i += isNumbered ? 2 : 4;
    } else if (code === 39) color = '';
    else if (code === 49) ground = '';
    else if (code >= 30 && code <= 37) color = `a${code - 30}`;
    else if (code >= 90 && code <= 97) color = `a${code - 82}`;
    else if (code >= 40 && code <= 47) ground = `a${code - 40}`;
    else if (code >= 100 && code <= 107) ground = `a${code - 92}`;
  }
  return { color, ground, marks: [...marks].join(' ') };
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
