// wasi-stdin.mjs: standard input of a WASI program, which reads by blocking its worker: piece by piece through a
// small shared buffer that the worker waits on. Where memory cannot be shared the worker is given all of it before
// the program starts.
import { ANSWER, ASK } from './abi.mjs';

const STATE = 0, SIZE = 1; // words of the buffer
const DATA = 8; // byte at which the piece begins
const PIECE = 64 << 10;
const WAITING = 0; // a state; the others are ANSWER's

/** A request for the next piece, for HostServices. @returns {import('./host-services.mjs').Request} */
export const readStdin = () =>
  ({ kind: ASK.READ, id: 1, stream: 0, bytes: new Uint8Array(Uint32Array.of(PIECE).buffer) });

export const stdinBuffer = () => new SharedArrayBuffer(DATA + PIECE);

/**
 * Hands over what was asked for.
 * @param {SharedArrayBuffer} buffer
 * @param {number} what ANSWER
 * @param {Uint8Array} bytes
 */
export function answerStdin(buffer, what, bytes) {
  const words = new Int32Array(buffer, 0, DATA / 4);
  const n = Math.min(bytes.length, PIECE); // an error's text may be longer
  new Uint8Array(buffer, DATA).set(bytes.subarray(0, n));
  words[SIZE] = n;
  Atomics.store(words, STATE, what);
  Atomics.notify(words, STATE);
}

/** The worker's side. */
export class Stdin {
  /**
   * @param {Uint8Array | SharedArrayBuffer} source all of it, or a buffer for pieces
   * @param {() => void} ask for the next piece
   */
  constructor(source, ask) {
    this.#ask = ask;
    if (source instanceof Uint8Array) {
      this.#rest = source;
      this.#state = ANSWER.END;
    } else {
      this.#words = new Int32Array(source, 0, DATA / 4);
      this.#data = new Uint8Array(source, DATA);
    }
  }

  /** @type {() => void} */ #ask;
  /** @type {Int32Array | null} */ #words = null;
  /** @type {Uint8Array} */ #data = new Uint8Array(0);
  /** @type {Uint8Array} */ #rest = new Uint8Array(0); // came and was not read yet
  #asked = false;
  /** @type {number} */ #state = ANSWER.OK; // of what came last

  /**
   * Whether there is something to be read, the end and an error included. Waits for it.
   * @param {number} ms at most
   */
  ready(ms) {
    if (this.#rest.length > 0 || this.#state !== ANSWER.OK || !this.#words) return true;
    if (!this.#asked) {
      this.#words[STATE] = WAITING;
      this.#asked = true;
      this.#ask();
    }
    // The notification of the answer before may come only now, if that was seen without it.
    const until = performance.now() + ms;
    while (Atomics.load(this.#words, STATE) === WAITING)
      if (Atomics.wait(this.#words, STATE, WAITING, Math.max(0, until - performance.now())) === 'timed-out')
        return false;
    this.#asked = false;
    this.#state = this.#words[STATE];
    this.#rest = this.#data.slice(0, this.#words[SIZE]);
    return true;
  }

  /**
   * Waits until there is something.
   * @param {Uint8Array} to
   * @returns {number} bytes read; 0: the end; -1: an error
   */
  read(to) {
    this.ready(Infinity);
    if (this.#state === ANSWER.ERROR) return -1;
    const piece = this.#rest.subarray(0, to.length);
    to.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }
}
