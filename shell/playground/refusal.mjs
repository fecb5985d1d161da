// Says beside the editor that what was typed changes nothing there, for a while or until something does.

/** Long enough to be read. */
const SHOWN_MS = 5000;

export class Refusal {
  #timer = 0;

  /** @param {HTMLElement} node a live region, empty unless something is said */
  constructor(node) {
    this.node = node;
  }

  /** @param {string} sentence once for any number of keys */
  say(sentence) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.clear(), SHOWN_MS);
    if (this.node.textContent === sentence) return;
    const words = document.createElement('span');
    words.textContent = sentence;
    this.node.replaceChildren(words);
  }

  clear() {
    clearTimeout(this.#timer);
    this.node.replaceChildren();
  }
}
