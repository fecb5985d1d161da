// workers.mjs: the workers of one program: started, spoken to, and ended together.
import { startWorker } from './threads.mjs';

/** @typedef {import('./threads.mjs').Thread} Thread */

export class Workers {
  /**
   * @param {(message: any) => void} onMessage what any of them says, but `ready` and `error`
   * @param {(error: Error) => void} onFailure one has failed, while it started or later
   * @param {number} stackBytes see startWorker
   * @param {string | URL} [address] the same
   */
  constructor(onMessage, onFailure, stackBytes, address) {
    this.#onMessage = onMessage;
    this.#onFailure = onFailure;
    this.#stackBytes = stackBytes;
    this.#address = address;
  }

  /** @type {(message: any) => void} */ #onMessage;
  /** @type {(error: Error) => void} */ #onFailure;
  #stackBytes;
  #address;
  /** @type {Thread[]} */ #threads = [];
  /** Those that have not answered yet, with what rejects their start. @type {Map<Thread, (error: Error) => void>} */
  #starting = new Map();
  #running = false;
  #ended = false;

  /** Started so far. */
  get length() { return this.#threads.length; }

  /**
   * Starts one. Rejects when it fails before it is ready, and when all are ended meanwhile.
   * @param {any} init its first message
   * @returns {Promise<any>} its message `ready`, with `thread`
   */
  start(init) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(ended());
      const thread = startWorker((message) => {
        if (message.t === 'ready') answered(() => resolve({ ...message, thread }));
        else if (message.t === 'error') failed(new Error(message.text));
        else this.#onMessage(message);
      }, (error) => failed(error), this.#stackBytes, this.#address);
      const answered = (/** @type {() => void} */ settle) => {
        if (!this.#starting.delete(thread)) return;
        thread.keepAlive(this.#running);
        settle();
      };
      const failed = (/** @type {Error} */ error) => {
        answered(() => reject(error));
        if (!this.#ended) this.#onFailure(error);
      };
      this.#threads.push(thread);
      this.#starting.set(thread, reject);
      thread.post(init); // node waits for it until it has answered
    });
  }

  /**
   * To the worker that was started as the i-th; to none if there is no such.
   * @param {number} i
   * @param {any} message
   * @param {any[]} [transfer]
   */
  post(i, message, transfer) {
    this.#threads[i]?.post(message, transfer);
  }

  /** Whether node is to wait for them. @param {boolean} running */
  keepAlive(running) {
    this.#running = running;
    for (const thread of this.#threads) thread.keepAlive(running || this.#starting.has(thread));
  }

  /** Ends all at once, whatever they do, those that are starting too. */
  async end() {
    this.#ended = true;
    const ending = this.#threads.map((thread) => thread.end());
    for (const reject of this.#starting.values()) reject(ended());
    this.#starting.clear();
    await Promise.all(ending);
  }
}

const ended = () => new Error('the program ended while one of its workers was starting');
