// lines.mjs: the reader's JSON to events, with times that JavaScript can hold.

/** @typedef {import('./index.mjs').TraceEvent} TraceEvent */
/** @typedef {import('./store.mjs').TraceStore} TraceStore */

/** Digits a number can have and still be exact. */
const EXACT_DIGITS = 15;

/**
 * One line of the reader's JSON, its time made relative.
 * @param {string} line @param {bigint} first @returns {TraceEvent}
 */
function parse(line, first) {
  const event = JSON.parse(line);
  const digits = line.slice(8, line.indexOf(',')); // behind {"time":
  event.time = digits.length <= EXACT_DIGITS ? event.time - Number(first) : Number(BigInt(digits) - first);
  return event;
}

/** Reading of one trace: text in, events out. */
export class Lines {
  /** @param {bigint | null} [first] time that is 0; null: that of the first event */
  constructor(first = null) {
    this.decoder = new TextDecoder();
    this.first = first;
  }

  /** The events whose lines wait in the store. @param {TraceStore} store @returns {Generator<TraceEvent>} */
  *take(store) {
    let text = '';
    store.takeText((view) => { text = this.decoder.decode(view); });
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      const line = text.slice(at, end);
      at = end + 1;
      this.first ??= BigInt(line.slice(8, line.indexOf(',')));
      yield parse(line, this.first);
    }
  }
}
