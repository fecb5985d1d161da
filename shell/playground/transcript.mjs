// What a program has printed so far, as text; of a program that prints without end the newest.

/** Characters of a stream that are kept, at least. */
const MOST = 4 << 20;

export class Transcript {
  text = '';
  stdout = '';
  stderr = '';

  /** @param {'stdout' | 'stderr'} stream @param {string} text */
  add(stream, text) {
    this.text = newest(this.text, text);
    this[stream] = newest(this[stream], text);
  }
}

/** Cut when it is twice as much, so that cutting costs little. @param {string} before @param {string} text */
function newest(before, text) {
  const all = before + text;
  return all.length > 2 * MOST ? all.slice(-MOST) : all;
}
