// The program's output: stdout and stderr told apart, the newest lines kept, drawn a few times a second.
import { plural } from '../../viewer/view/numbers.mjs';
import { Terminal, afterSequence, nodeOf, plain } from './terminal.mjs';

const MAX_LINES = 500;
/** Between two drawings: a program that prints without end must not keep the page from anything else. */
const DRAW_MS = 100;
const MAX_LINE_CHARS = 10_000;
/** Spans of colours in one drawing, the newest lines first; others are drawn plain. */
const MAX_SPANS = 5_000;

/** @typedef {'stdout' | 'stderr'} Stream */

/** What a stream has beside its lines. */
class Source {
  terminal = new Terminal();
  /** Of a line that has not come to its end. */
  open = '';
  /** Shows it. @type {HTMLElement | null} */
  node = null;

  /** Lines of it are dropped: that begun one has its end there, and what it had set may have been taken back there. */
  skip() {
    this.node = null;
    this.terminal = new Terminal();
  }
}

export class OutputPane {
  /** @type {Array<{stream: Stream, text: string}>} lines that are not drawn yet */
  #waiting = [];
  #dropped = 0;
  /** A line was longer than what is shown of it. */
  #isCut = false;
  #timer = 0;
  #sources = { stdout: new Source(), stderr: new Source() };

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
    this.#sources = { stdout: new Source(), stderr: new Source() };
    this.box.replaceChildren();
    this.note.hidden = true;
  }

  /** @param {Stream} stream @param {string} text whole lines, the first with what more() has told of it */
  write(stream, text) {
    const { lines, dropped } = newest(text.endsWith('\n') ? text.slice(0, -1) : text);
    this.#dropped += dropped;
    if (dropped) this.#sources[stream].skip();
    this.#sources[stream].open = '';
    for (const line of lines) {
      this.#waiting.push({ stream, text: end(line) });
      this.#isCut ||= line.length > MAX_LINE_CHARS;
    }
    // Twice as many before they are cut, so that the cutting costs little a line.
    if (this.#waiting.length > 2 * MAX_LINES) this.#cut();
    this.#drawSoon();
  }

  /** @param {Stream} stream @param {string} piece of a line that has not come to its end */
  more(stream, piece) {
    const source = this.#sources[stream];
    source.open += piece;
    if (source.open.length > 2 * MAX_LINE_CHARS) {
      // A bar of progress goes back to its beginning again and again: nothing of it is missing.
      const again = source.open.indexOf('\r', source.open.length - MAX_LINE_CHARS);
      this.#isCut ||= again < 0;
      source.open = again < 0 ? end(source.open) : source.open.slice(again);
    }
    this.#drawSoon();
  }

  /** A sentence of the page's own, on a line of its own. @param {string} sentence */
  tell(sentence) {
    const { open } = this.#sources.stderr;
    this.write('stderr', open ? `${open}\n${sentence}` : sentence);
  }

  /** Draws at once. */
  flush() {
    this.#draw();
  }

  #drawSoon() {
    this.#timer ||= window.setTimeout(() => this.#draw(), DRAW_MS);
  }

  /** Drops waiting lines that would be pushed out at once. */
  #cut() {
    if (this.#waiting.length <= MAX_LINES) return;
    const dropped = this.#waiting.splice(0, this.#waiting.length - MAX_LINES);
    this.#dropped += dropped.length;
    for (const stream of new Set(dropped.map(({ stream }) => stream))) this.#sources[stream].skip();
  }

  /** @param {Stream} stream @param {string} text @param {boolean} isWhole */
  #show(stream, text, isWhole) {
    return { stream, isWhole, runs: this.#sources[stream].terminal.show(text, isWhole) };
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#cut();
    const { box } = this;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    const shown = this.#waiting.map(({ stream, text }) => this.#show(stream, text, true));
    this.#waiting = [];
    for (const stream of /** @type {const} */ (['stdout', 'stderr']))
      if (this.#sources[stream].open) shown.push(this.#show(stream, end(this.#sources[stream].open), false));
    for (let i = shown.length - 1, spans = 0; i >= 0; i--)
      if ((spans += shown[i].runs.length) > MAX_SPANS) shown[i].runs = plain(shown[i].runs);
    for (const { stream, runs, isWhole } of shown) {
      this.#fill(stream, runs);
      if (isWhole) this.#sources[stream].node = null;
    }
    while (box.childElementCount > MAX_LINES) {
      box.firstElementChild?.remove();
      this.#dropped++;
    }
    this.note.hidden = this.#dropped === 0 && !this.#isCut;
    const what = this.#dropped ? plural(this.#dropped, 'earlier line') : 'Earlier output';
    this.note.textContent = `${what} ${this.#dropped > 1 ? 'are' : 'is'} not shown any more`;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  /**
   * Draws a line, where its beginning stands if it does.
   * @param {Stream} stream @param {import('./terminal.mjs').Run[]} runs
   */
  #fill(stream, runs) {
    const source = this.#sources[stream], isError = stream === 'stderr';
    if (source.node?.parentElement !== this.box) {
      source.node = document.createElement('div');
      if (isError) source.node.className = 'err';
      this.box.append(source.node);
    }
    source.node.replaceChildren(...runs.flatMap((run) => {
      const node = nodeOf(run);
      return isError && typeof node === 'string' ? this.errorLine(node) : [node];
    }));
    if (runs.length === 0) source.node.textContent = '\u00a0';
  }
}

/** As much of a line as is shown, its newest; no character and no sequence is cut in half. @param {string} line */
function end(line) {
  if (line.length <= MAX_LINE_CHARS) return line;
  return line.slice(afterSequence(line, line.length - MAX_LINE_CHARS)).replace(/^[\udc00-\udfff]/, '');
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
