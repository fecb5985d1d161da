// life.mjs: the life of one run, from load() to its end, as one state and one outcome.
//
//     loading ──► ready ──► running
//        │          │          │        end(outcome): whoever calls it first decides. The program gives a result,
//        └──────────┴──────────┴──► ending ──► ended     stop() exit code 130, what failed an Error.
//
// Invariants
//   1. The outcome is decided once, on the way to `ending`, and told once, at `ended`; otherwise two ends would race.
//      Only a receiver that fails on the last output may still turn it into an Error.
//   2. `ended` always comes: what is done in `ending` waits for nothing longer than the times below, except for the
//      receivers of a finished program's output, and stop() cuts that short too.
//   3. Everything that load() awaits goes through during(); otherwise it would wait for what was ended.

/** A stopped program ends within a second: so long its workers may take to end, and its receivers to take the rest. */
export const WORKERS_MS = 600;
export const RECEIVERS_MS = 300;

/**
 * @typedef {import('./types.d.mts').Result} Result
 * @typedef {Result | Error} Outcome
 */

export class Life {
  /** @param {AbortSignal | undefined} signal aborting it is stop() */
  constructor(signal) {
    this.#callers = signal;
    this.#outcome = new Promise((resolve) => { this.#tell = resolve; });
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** @type {AbortSignal | undefined} */ #callers;
  /** @type {'loading' | 'ready' | 'running' | 'ending' | 'ended'} */ #state = 'loading';
  /** @type {Promise<Outcome>} */ #outcome;
  /** @type {(outcome: Outcome) => void} */ #tell = () => {};
  /** @type {Error | null} */ #failure = null; // that came while it was ending
  #work = new AbortController();
  #hurry = new AbortController();
  /** @type {(outcome: Outcome) => Promise<void>} */ #cleanUp = async () => {};
  #onAbort = () => this.stop();

  get state() { return this.#state; }

  /** Not yet ending. */
  get open() { return this.#state === 'loading' || this.#state === 'ready' || this.#state === 'running'; }

  /** Aborted when the run ends: for what is done on the way. */
  get signal() { return this.#work.signal; }

  /** What is to be done between `ending` and `ended`. @param {(outcome: Outcome) => Promise<void>} cleanUp */
  whenEnding(cleanUp) {
    this.#cleanUp = cleanUp;
  }

  /** load() is about to return. */
  ready() {
    if (this.#state === 'loading') this.#state = 'ready';
  }

  /** @returns {boolean} false: it has ended before */
  run() {
    if (this.#state === 'ready') this.#state = 'running';
    return this.#state === 'running';
  }

  /** Ends it at once, whatever it does. In `ending`: does not wait for receivers any longer. */
  stop() {
    if (this.open) void this.end({ exitCode: 130, stopped: true });
    else this.#hurry.abort();
  }

  /**
   * Ends it with this outcome, unless it is ending already.
   * @param {Outcome} outcome
   * @returns {Promise<Outcome>} the outcome that counts, once nothing is left running
   */
  end(outcome) {
    if (this.open) void this.#end(outcome);
    return this.#outcome;
  }

  /** A receiver failed, be it on the last output. @param {Error} error */
  fail(error) {
    if (this.open) void this.#end(error);
    else this.#failure ??= error;
  }

  /** @param {Outcome} outcome */
  async #end(outcome) {
    this.#state = 'ending';
    this.#work.abort();
    try {
      await this.#cleanUp(outcome);
    } catch (error) {
      this.#failure ??= asError(error);
    }
    this.#callers?.removeEventListener('abort', this.#onAbort);
    this.#state = 'ended';
    this.#tell(this.#failure ?? outcome);
  }

  /** @returns {Promise<Result>} rejects if the outcome is an Error */
  async result() {
    const outcome = await this.#outcome;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /**
   * Waits for work; rejects as soon as the run has ended.
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  during(work) {
    const over = this.#outcome.then((outcome) => {
      throw outcome instanceof Error ? outcome : stoppedEarly(this.#callers);
    });
    return Promise.race([work, over]);
  }

  /**
   * Waits, in `ending`, for work, but no longer than so many ms.
   * @param {number} ms
   * @param {Promise<unknown>} work
   * @param {boolean} [patient] the time begins when stop() is called
   */
  async within(ms, work, patient = false) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
    /** @type {() => void} */ let late = () => {};
    const hurried = new Promise((resolve) => {
      late = () => { timer = setTimeout(resolve, ms); };
      if (!patient || this.#hurry.signal.aborted) late();
      else this.#hurry.signal.addEventListener('abort', late);
    });
    try {
      await Promise.race([work, hurried]);
    } finally {
      this.#hurry.signal.removeEventListener('abort', late);
      clearTimeout(timer);
    }
  }
}

/** What load() rejects with when it was stopped. @param {AbortSignal} [signal] */
export function stoppedEarly(signal) {
  const error = new Error('the program was stopped while it was being loaded', { cause: signal?.reason });
  error.name = 'AbortError';
  return error;
}

/** @param {unknown} error @returns {Error} */
export function asError(error) {
  return error instanceof Error ? error : new Error(`loading the program failed: ${error}`);
}
