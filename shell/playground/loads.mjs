// Programs that messages put into an editor. Each takes milliseconds there, and a page may send thousands at a time:
// of those that come before the last one was taken only the newest is, and all who sent one are answered then.

/** From one that was taken to the next. Nobody reads a program in less; whatever else is asked for does not wait. */
const REST_MS = 50;

export class Loads {
  #element;
  /** The newest that was not taken yet. @type {string | null} */
  #next = null;
  /** Those who sent one since. @type {(() => void)[]} */
  #waiting = [];
  /** When the last one was taken. */
  #taken = -Infinity;
  #timer = 0;

  /** @param {EventTarget & { source: string }} element */
  constructor(element) {
    this.#element = element;
    element.addEventListener('sourcechange', this.#forget);
  }

  /** What somebody writes, or a script puts there, is newer than what waits. */
  #forget = () => {
    this.#next = null;
  };

  /** @param {string} source @returns {Promise<null>} resolves when it, or a newer one, has been taken */
  put(source) {
    this.#next = source;
    const taken = new Promise((resolve) => this.#waiting.push(() => resolve(null)));
    const rest = this.#taken + REST_MS - performance.now();
    if (rest <= 0) this.flush();
    else this.#timer ||= window.setTimeout(() => this.flush(), rest);
    return /** @type {Promise<null>} */ (taken);
  }

  /** Takes what has been put, and no more. */
  end() {
    this.flush();
    this.#element.removeEventListener('sourcechange', this.#forget);
  }

  /** Takes what has been put. */
  flush() {
    const source = this.#next, waiting = this.#waiting;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#next = null;
    this.#waiting = [];
    try {
      if (source !== null) this.#element.source = source;
    } finally {
      this.#taken = performance.now();
      for (const answer of waiting) answer();
    }
  }
}
