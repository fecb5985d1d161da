// What a build is doing, once that takes longer than a second: on a terminal one line that is written over.

const QUIET_MS = 1000;

export class Progress {
  #stream;
  #isTerminal;
  #shown = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #step = '';

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream;
    this.#isTerminal = Boolean(stream.isTTY);
  }

  /** A step has begun. @param {string} name */
  step(name) {
    clearTimeout(this.#timer);
    this.#step = name;
    if (!this.#isTerminal) return;
    this.#timer = setTimeout(() => this.note(this.#step), this.#shown ? 0 : QUIET_MS);
    this.#timer.unref();
  }

  /** Shows a line now, over the one before. @param {string} text */
  note(text) {
    if (!this.#isTerminal) return;
    this.#stream.write(`\r\x1b[K${text.slice(0, (this.#stream.columns ?? 80) - 2)}`);
    this.#shown = true;
  }

  /** The line goes: something else is to be written, or all is done. */
  end() {
    clearTimeout(this.#timer);
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }
}
