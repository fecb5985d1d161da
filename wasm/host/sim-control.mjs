// sim-control.mjs: rt.sim: a simulated program stands still, takes single steps, or goes slowly (simulation.mjs does it
// in the worker).

export class SimControl {
  /** @param {(message: any) => void} post to the worker @param {() => boolean} open the program has not ended */
  constructor(post, open) {
    this.#post = post;
    this.#open = open;
  }

  /** @type {(message: any) => void} */ #post;
  /** @type {() => boolean} */ #open;
  #pace = Infinity;
  #steps = 0;
  /** @type {Map<number, (done: boolean) => void>} */ #stepping = new Map();

  get stepsPerSecond() { return this.#pace; }
  get paused() { return this.#pace === 0; }

  /** @returns {Promise<boolean>} */
  pause() {
    this.#set(0);
    return this.#ask(0);
  }

  resume() { this.#set(Infinity); }

  /** @param {number} stepsPerSecond */
  slow(stepsPerSecond) {
    if (!(stepsPerSecond > 0 && stepsPerSecond < Infinity))
      throw new RangeError(`stepsPerSecond must be a number above 0, not ${String(stepsPerSecond)}; resume() ends it`);
    this.#set(stepsPerSecond);
  }

  /** @param {number} [n] @returns {Promise<boolean>} */
  async step(n = 1) {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`step() takes a whole number from 1, not ${String(n)}`);
    if (this.#pace === Infinity) throw new Error('the program runs: pause() it before single steps');
    return this.#ask(n);
  }

  /** @param {number} id */
  stepped_(id) {
    this.#stepping.get(id)?.(true);
    this.#stepping.delete(id);
  }

  end_() {
    for (const settle of this.#stepping.values()) settle(false);
    this.#stepping.clear();
  }

  /** @param {number} steps a second */
  #set(steps) {
    this.#pace = steps;
    if (this.#open()) this.#post({ t: 'pace', steps });
  }

  /** @param {number} n @returns {Promise<boolean>} false: the program ended first */
  #ask(n) {
    if (!this.#open()) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#stepping.set(++this.#steps, resolve);
      this.#post({ t: 'step', id: this.#steps, n });
    });
  }
}
