// stdio.mjs: what the program prints, on its way to who receives it: whole lines of text, or the bytes as they are. A
// receiver may ask for time by returning a promise; what both streams print comes in the order in which it was printed.
import { isNode } from './platform.mjs';
import { streamDecoder } from './utf8.mjs';

/** @typedef {import('./types.d.mts').Output} Output */

const NEWLINE = 10;

/** The two streams of one program. */
export class Stdio {
  /**
   * @param {Output | undefined} stdout
   * @param {Output | undefined} stderr
   * @param {() => void} onIdle everything was taken: there may be more
   * @param {(error: Error) => void} onFailure a receiver threw; nothing more is given to either
   */
  constructor(stdout, stderr, onIdle, onFailure) {
    this.#receivers = new Map([[1, receiver(stdout ?? usual('stdout'))], [2, receiver(stderr ?? usual('stderr'))]]);
    this.#onIdle = onIdle;
    this.#onFailure = onFailure;
  }

  /** @type {Map<number, Receiver>} by file descriptor */ #receivers;
  /** @type {() => void} */ #onIdle;
  /** @type {(error: Error) => void} */ #onFailure;
  /** @type {{to: Receiver, bytes: Uint8Array | null}[]} null: the end */ #queue = [];
  /** @type {boolean[]} by file descriptor: what came last did not end its line */ #within = [];
  #busy = false;
  #closed = false;
  /** @type {() => void} */ #finished = () => {};

  /** A receiver has not yet taken what it was given: what comes now is kept here. */
  get busy() { return this.#busy; }

  /**
   * @param {number} fd what is neither 1 nor 2 goes nowhere
   * @param {Uint8Array} bytes must not change afterwards
   */
  add(fd, bytes) {
    const to = this.#receivers.get(fd);
    if (!to || this.#closed || bytes.length === 0) return;
    this.#within[fd] = bytes[bytes.length - 1] !== NEWLINE;
    this.#queue.push({ to, bytes });
    this.#pump();
  }

  /** The host's own, in lines of its own. @param {number} fd @param {string} text */
  say(fd, text) {
    this.add(fd, new TextEncoder().encode(this.#within[fd] ? `\n${text}` : text));
  }

  /** Nothing more will come. Resolves when everything was taken, or close() is called. @returns {Promise<void>} */
  finish() {
    return new Promise((resolve) => {
      this.#finished = resolve;
      if (this.#closed) return resolve();
      for (const to of this.#receivers.values()) this.#queue.push({ to, bytes: null });
      this.#pump();
      if (this.#queue.length === 0 && !this.#busy) resolve();
    });
  }

  /** Drops what was not taken. */
  close() {
    this.#closed = true;
    this.#queue = [];
    this.#finished();
  }

  /** Gives out what is there, until a receiver wants time. */
  #pump() {
    let next;
    while (!this.#busy && (next = this.#queue.shift())) {
      try {
        const taken = next.bytes ? next.to.take(next.bytes) : next.to.end();
        if (!isPromise(taken)) continue;
        this.#busy = true;
        Promise.resolve(taken).then(() => this.#resume(), (error) => this.#fail(error));
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #resume() {
    this.#busy = false;
    this.#pump();
    if (this.#busy) return;
    this.#finished();
    if (!this.#closed) this.#onIdle();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#busy = false;
    this.close();
    this.#onFailure(error instanceof Error ? error : new Error(`a receiver of the program's output failed: ${error}`));
  }
}

/** @param {any} what */
const isPromise = (what) => typeof what?.then === 'function';

/**
 * @typedef {object} Receiver
 * @property {(bytes: Uint8Array) => unknown} take
 * @property {() => unknown} end
 */

/** @param {Output} output @returns {Receiver} */
function receiver(output) {
  if (typeof output === 'function') return new Lines(output);
  if ('bytes' in output && typeof output.bytes === 'function')
    return { take: (bytes) => output.bytes(bytes), end() {} };
  const by = /** @type {Extract<Output, { lines: unknown }>} */ (output);
  return new Lines((text) => by.lines(text), (piece) => by.more(piece));
}

/** Puts pieces together to whole lines. */
class Lines {
  /** @param {(text: string) => unknown} to @param {(piece: string) => unknown} [more] of a line without its end */
  constructor(to, more = () => {}) {
    this.#to = to;
    this.#more = more;
  }

  /** @type {(text: string) => unknown} */ #to;
  /** @type {(piece: string) => unknown} */ #more;
  #rest = ''; // of a line whose end has not come
  #decoder = streamDecoder();

  /** @param {Uint8Array} bytes */
  take(bytes) {
    const text = this.#decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      this.#rest += text;
      return text ? this.#more(text) : undefined;
    }
    const lines = this.#rest + text.slice(0, end), rest = text.slice(end);
    this.#rest = rest;
    const taken = this.#to(lines);
    if (!rest) return taken;
    return isPromise(taken) ? Promise.resolve(taken).then(() => this.#more(rest)) : this.#more(rest);
  }

  /** What is left has no newline. */
  end() {
    const text = this.#rest + this.#decoder.decode();
    this.#rest = '';
    return text ? this.#to(text) : undefined;
  }
}

/**
 * Where it goes unless the load options say otherwise.
 * @param {'stdout' | 'stderr'} which
 * @returns {Output}
 */
function usual(which) {
  if (isNode) return { bytes: (piece) => writeTo(process[which], piece) };
  return (text) => { (which === 'stdout' ? console.log : console.error)(text.replace(/\n$/, '')); };
}

/**
 * Writes to a stream of node's. A pipe whose reader is slow wants time, else all the program prints would pile up here.
 * @param {NodeJS.WritableStream} stream
 * @param {Uint8Array} bytes
 * @returns {Promise<void> | undefined}
 */
export function writeTo(stream, bytes) {
  /** @type {() => void} */ let flushed = () => {};
  if (stream.write(bytes, () => flushed())) return undefined; // an error is told by the stream's own event
  return new Promise((resolve) => { flushed = resolve; });
}
