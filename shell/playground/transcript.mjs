// What a program has printed so far, as text; of a program that prints without end the newest.

/** Characters of a stream that are kept. */
const MOST = 4e6;

export class Transcript {
  #kept = { text: '', stdout: '', stderr: '' };

  get text() { return this.#kept.text.slice(-MOST); }
  get stdout() { return this.#kept.stdout.slice(-MOST); }
  get stderr() { return this.#kept.stderr.slice(-MOST); }

  /** @param {'stdout' | 'stderr'} stream @param {string} text */
  add(stream, text) {
    this.#kept.text = newest(this.#kept.text, text);
    this.#kept[stream] = newest(this.#kept[stream], text);
  }
}

/** Cut when it is twice as much, so that cutting costs little. @param {string} before @param {string} text */
function newest(before, text) {
  const all = before + text;
  return all.length > 2 * MOST ? all.slice(-MOST) : all;
}
