// posted-output.mjs: the worker's side of output where the host does not see the program's memory: each piece is a
// message, and so that they do not bury the host's thread, a program waits while too many of them lie there.
import { sleep } from './platform.mjs';

const UNREAD_BYTES = 1 << 20; // posted and not yet taken
const UNREAD_PIECES = 500; // the same in messages: each keeps the host's thread from all else for some 20 us
/**
 * Who cannot be told of what was taken prints no faster than this beyond the above, so that what lies there stays a
 * matter of tens of milliseconds: node 20 on 2 cores with eight other programs decoded 30 MB of text a second, a page
 * that also shows it, with eighteen others, much less (from Stop to the end there: 0.3 to 0.7 s; at 16 MB a second, 0.4
 * to 1.7 s).
 */
const BYTES_PER_MS = 4e3;
const PIECE_MS = 0.1;

/** Words that the host counts up and the worker sets back: what has been taken. */
const TAKEN = { BYTES: 0, PIECES: 1 };

/** Of a worker that never looks at messages, where memory can be shared with it. */
export const takenBuffer = () => new SharedArrayBuffer(8);

/** The host's side of it. @param {SharedArrayBuffer} buffer @param {number} bytes @param {number} pieces */
export function take(buffer, bytes, pieces) {
  const words = new Int32Array(buffer);
  Atomics.add(words, TAKEN.BYTES, bytes);
  Atomics.add(words, TAKEN.PIECES, pieces);
  Atomics.notify(words, TAKEN.PIECES);
}

export class PostedOutput {
  /**
   * @param {(message: any, transfer?: any[]) => void} post
   * @param {SharedArrayBuffer | null} [taken] what the host says of what it has taken; else taken() is called
   */
  constructor(post, taken = null) {
    this.#post = post;
    this.#words = taken && new Int32Array(taken);
  }

  /** @type {(message: any, transfer?: any[]) => void} */ #post;
  #words;
  #bytes = 0; // unread
  #pieces = 0;
  #owed = 0; // ms to sleep

  /** Nobody reads what is printed as fast as it is printed. */
  get full() { return this.#bytes > UNREAD_BYTES || this.#pieces > UNREAD_PIECES; }

  /** @param {number} bytes @param {number} pieces that were taken */
  taken(bytes, pieces) {
    this.#bytes -= bytes;
    this.#pieces -= pieces;
  }

  /** @param {number} fd @param {Uint8Array<ArrayBuffer>} bytes all of their buffer, which is given away */
  add(fd, bytes) {
    this.#wait(bytes.length);
    this.#bytes += bytes.length;
    this.#pieces++;
    this.#post({ t: 'text', fd, bytes }, [bytes.buffer]);
  }

  /** @param {number} bytes that are about to be posted */
  #wait(bytes) {
    if (!this.full) {
      this.#owed = 0;
    } else if (!this.#words) {
      this.#owed += bytes / BYTES_PER_MS + PIECE_MS;
      if (this.#owed < 1) return;
      sleep(this.#owed);
      this.#owed = 0;
    } else {
      while (this.#look(), this.full) Atomics.wait(this.#words, TAKEN.PIECES, 0);
    }
  }

  #look() {
    const [bytes, pieces] = [TAKEN.BYTES, TAKEN.PIECES].map((i) =>
      Atomics.exchange(/** @type {Int32Array} */ (this.#words), i, 0));
    this.taken(bytes, pieces);
  }
}
