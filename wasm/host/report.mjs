// report.mjs: what a program says of its failure. It comes in records of its own (host_block.h) and is shown when it is
// whole: a program that has overwritten its memory may have overwritten what it says, too, or fail while it says it.
import { HOST } from './abi.mjs';

/** More than the longest: a message, a hundred goroutines with a hundred frames each. */
const MOST_BYTES = 8 << 20;

/** Printed as it is, whatever it holds: the message is the program's. */
const OWN = /^panic: /;
/** What every report has: nothing of it is there where the runtime's texts are zeros. */
const FORM = /^(fatal error|panic|goroutine leak): |^goroutine \d+ \[/m;

export class Report {
  /** @type {Uint8Array[]} */ #pieces = [];
  #bytes = 0;
  #marks = 0;

  /** The program dies. */
  get begun() { return this.#marks > 0; }

  /** It has said all. */
  get whole() { return this.#marks > 1; }

  /**
   * @param {number} fd of a record @param {Uint8Array} bytes
   * @returns {boolean} false: it is not of a report
   */
  take(fd, bytes) {
    if (fd === HOST.OUT_MARK) this.#marks++;
    else if (fd !== HOST.OUT_REPORT) return false;
    else if (this.#bytes < MOST_BYTES) {
      this.#pieces.push(bytes.slice());
      this.#bytes += bytes.length;
    }
    return true;
  }

  /**
   * What is there of it, as it can be shown.
   * @param {boolean} isOverwritten the program's texts are
   * @returns {Uint8Array | null} null: it is none
   */
  text(isOverwritten) {
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    const text = new TextDecoder().decode(all);
    const shown = text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]/g, '?');
    if (all.length === 0 || (isOverwritten && (shown !== text || !FORM.test(text)))) return null;
    return shown === text || OWN.test(text) ? all : new TextEncoder().encode(shown);
  }
}
