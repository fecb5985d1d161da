// asked.mjs: questions that another thread answers: each has a number, by which its answer finds who waits for it.

/**
 * @typedef {object} Waiting
 * @property {(result: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {((news: any) => void) | undefined} progress
 * @property {unknown} whom who is to answer, where there are several
 */

export class Asked {
  #last = 0;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();

  /** How many are not answered yet. */
  get size() { return this.#waiting.size; }

  /** A number for a question, where more than the question itself goes by it. */
  number() {
    return ++this.#last;
  }

  /**
   * @param {(id: number) => void} send puts the question; what it throws is the answer
   * @param {{id?: number, whom?: unknown, progress?: (news: any) => void}} [how] id: from number()
   * @returns {Promise<any>}
   */
  ask(send, { id = this.number(), whom, progress } = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress, whom });
      try {
        send(id);
      } catch (error) {
        this.fail(id, error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** What is heard before the answer. @param {number} id @param {any} news */
  progress(id, news) {
    this.#waiting.get(id)?.progress?.(news);
  }

  /** Nobody may wait for it any more. @param {number} id @param {any} result */
  answer(id, result) {
    this.#take(id)?.resolve(result);
  }

  /** @param {number} id @param {string} message */
  fail(id, message) {
    this.#take(id)?.reject(new Error(message));
  }

  /** Answers all, by null. */
  end() {
    for (const id of [...this.#waiting.keys()]) this.answer(id, null);
  }

  /**
   * No answer will come: whoever waits is told why.
   * @param {Error} error @param {unknown} [whom] only of those that this one was to answer
   * @returns {number} how many
   */
  lose(error, whom) {
    const lost = [...this.#waiting].filter(([, waiting]) => whom === undefined || waiting.whom === whom);
    for (const [id] of lost) this.#take(id)?.reject(error);
    return lost.length;
  }

  /** Forgets all: they are never answered, and nobody minds. */
  forget() {
    this.#waiting.clear();
  }

  /** @param {number} id */
  #take(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
