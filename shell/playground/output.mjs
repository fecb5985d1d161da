// The program's output: stdout and stderr told apart, the newest lines kept, drawn a few times a second.
import { plural } from '../../viewer/view/numbers.mjs';

const MAX_LINES = 500;
/** Between two drawings: a program that prints without end must not keep the page from anything else. */
const DRAW_MS = 100;
const MAX_LINE_CHARS = 10_000;

export class OutputPane {
  /** @type {Array<{error: boolean, text: string}>} lines that are not drawn yet */
  #waiting = [];
  #dropped = 0;
  /** A line was longer than what is shown of it. */
  #isCut = false;
  #timer = 0;

  /**
   * @param {HTMLElement} box scrolls @param {HTMLElement} note says what is not shown any more
   * @param {(line: string) => (Node | string)[]} [errorLine] a line of stderr as it is shown; default: as it is
   */
  constructor(box, note, errorLine = (line) => [line]) {
    this.box = box;
    this.note = note;
    this.errorLine = errorLine;
    this.clear();
  }

  clear() {
    this.#waiting = [];
    this.#dropped = 0;
    this.#isCut = false;
    this.box.replaceChildren();
    this.note.hidden = true;
  }

  /** @param {'stdout' | 'stderr'} stream @param {string} text whole lines */
  write(stream, text) {
    const { lines, dropped } = newest(text.endsWith('\n') ? text.slice(0, -1) : text);
    this.#dropped += dropped;
    for (const line of lines) {
      this.#waiting.push({ error: stream === 'stderr', text: end(line) });
      this.#isCut ||= line.length > MAX_LINE_CHARS;
    }
    // Twice as many before they are cut, so that the cutting costs little a line.
    if (this.#waiting.length > 2 * MAX_LINES) this.#cut();
    this.#timer ||= window.setTimeout(() => this.#draw(), DRAW_MS);
  }

  /** Draws at once. */
  flush() {
    this.#draw();
  }

  /** Drops waiting lines that would be pushed out at once. */
  #cut() {
    if (this.#waiting.length > MAX_LINES)
      this.#dropped += this.#waiting.splice(0, this.#waiting.length - MAX_LINES).length;
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#cut();
    const { box } = this;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    box.append(...this.#waiting.map(({ error, text }) => {
      const line = document.createElement('div');
      if (error) line.className = 'err';
      line.append(...(error && text ? this.errorLine(text) : [text || '\u00a0']));
      return line;
    }));
    this.#waiting = [];
    while (box.childElementCount > MAX_LINES) {
      box.firstElementChild?.remove();
      this.#dropped++;
    }
    this.note.hidden = this.#dropped === 0 && !this.#isCut;
    const what = this.#dropped ? plural(this.#dropped, 'earlier line') : 'Earlier output';
    this.note.textContent = `${what} ${this.#dropped > 1 ? 'are' : 'is'} not shown any more`;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}

/** As much of a line as is shown, its newest; no character of two units is cut in half. @param {string} line */
function end(line) {
  return line.length <= MAX_LINE_CHARS ? line : line.slice(-MAX_LINE_CHARS).replace(/^[\udc00-\udfff]/, '');
}

/**
 * The last lines of a text, and how many stand before them. A megabyte may come at once: only what is kept is cut
 * into lines.
 * @param {string} text @returns {{lines: string[], dropped: number}}
 */
function newest(text) {
  let from = text.length;
  for (let i = 0; i < MAX_LINES && from > 0; i++) from = text.lastIndexOf('\n', from - 1);
  if (from <= 0) return { lines: text.split('\n'), dropped: 0 };
  let dropped = 1;
  for (let at = text.indexOf('\n'); at < from; at = text.indexOf('\n', at + 1)) dropped++;
  return { lines: text.slice(from + 1).split('\n'), dropped };
}
