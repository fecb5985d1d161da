// The program's output: stdout and stderr told apart, the newest lines kept, drawn once a frame.

const MAX_LINES = 2000;
const MAX_LINE_CHARS = 10_000;

export class OutputPane {
  /** @type {Array<{error: boolean, text: string}>} lines that came since the last frame */
  #waiting = [];
  #dropped = 0;
  #frame = 0;

  /** @param {HTMLElement} box scrolls @param {HTMLElement} note says how many lines are not shown any more */
  constructor(box, note) {
    this.box = box;
    this.note = note;
    this.clear();
  }

  clear() {
    this.#waiting = [];
    this.#dropped = 0;
    this.box.replaceChildren();
    this.note.hidden = true;
  }

  /** @param {'stdout' | 'stderr'} stream @param {string} text whole lines */
  write(stream, text) {
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
    for (const line of lines) this.#waiting.push({ error: stream === 'stderr', text: line.slice(0, MAX_LINE_CHARS) });
    // Frames stop while the page is hidden: what could never be shown is dropped here already.
    if (this.#waiting.length > 2 * MAX_LINES) this.#dropped += this.#waiting.splice(0, this.#waiting.length - MAX_LINES).length;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** Draws what waits, without waiting for the next frame. */
  flush() {
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  #draw() {
    this.#frame = 0;
    const { box } = this;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    box.append(...this.#waiting.map(({ error, text }) => {
      const line = document.createElement('div');
      if (error) line.className = 'err';
      line.textContent = text || '\u00a0';
      return line;
    }));
    this.#waiting = [];
    while (box.childElementCount > MAX_LINES) {
      box.firstElementChild?.remove();
      this.#dropped++;
    }
    this.note.hidden = this.#dropped === 0;
    this.note.textContent = `${this.#dropped.toLocaleString('en')} earlier lines are not shown any more`;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}
