// A page's end of the worker that builds (build-worker.mjs):
//
//     const builder = new Builder(addresses);
//     const { wasm, text, diagnostics } = await builder.build({ 'prog.c': 'int gr_main(…' });
//     if (wasm) (await load(wasm)).run();
import { DEFAULTS, languageOf } from './arguments.mjs';
import { sentenceOf, takeApart } from './diagnostics.mjs';

/** @typedef {import('./build-worker.mjs').Addresses} Addresses */
/** @typedef {import('./build-worker.mjs').Answer} Answer */
/** @typedef {import('./build-worker.mjs').Failure} Failure */
/** @typedef {import('./program.mjs').Step} Step */
/** @typedef {import('./program.mjs').Outcome} Outcome */
/** @typedef {import('./diagnostics.mjs').Diagnostic} Diagnostic */

/**
 * @typedef {object} Built
 * @property {Uint8Array} [wasm] missing: the sources cannot be built, which text says
 * @property {string} text what `goroscope build` would print
 * @property {Diagnostic[]} diagnostics the same taken apart
 * @property {Step[]} steps
 */

/**
 * @typedef {object} BuilderEvents
 * @property {(fetched: number, of: number) => void} [onFetch] bytes of the compiler, while it comes
 * @property {(step: string) => void} [onStep] what begins in a build
 */

/** The folder in which the compiler sees the user's files. */
const FOLDER = '/program/';

/** @param {Record<string, string>} files name -> text @returns {import('./compile.mjs').Sources} */
export function sourcesOf(files) {
  const inside = Object.fromEntries(Object.entries(files).map(([name, text]) => [FOLDER + name, text]));
  return { files: inside, sources: Object.keys(inside).filter(languageOf), roots: [{ at: FOLDER, shown: '' }] };
}

/** @param {string | URL} address */
function absolute(address) {
  const base = globalThis.location?.href;
  if (!URL.canParse(address, base)) throw new Error(`the compiler cannot be fetched from ${address}: it is no address`);
  return new URL(address, base);
}

/** @typedef {{ resolve: (outcome: Outcome) => void, reject: (error: Error | Failure) => void }} Waiting */

/** Builds one program after the other; compiler and passes stay warm in between. */
export class Builder {
  #addresses;
  #events;
  /** @type {string | URL | undefined} */
  #place;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Promise<Step[]> | null} */
  #warm = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #number = 0;
  /**
   * Who waits for it to be warm.
   * @type {{ resolve: (steps: Step[]) => void, reject: (error: Error) => void } | null}
   */
  #warming = null;

  /**
   * @param {Addresses} addresses relative ones are the page's; throws a sentence if one is none
   * @param {BuilderEvents} [events]
   */
  constructor(addresses, events = {}) {
    const { clang, binaryen, kit, manual, worker } = addresses;
    this.#place = worker && absolute(worker);
    const [c, b, k, m] = [clang, binaryen, kit, manual].map((url) => String(absolute(url)));
    this.#addresses = { clang: c, binaryen: b, kit: k, manual: m };
    this.#events = events;
  }

  /**
   * Fetches and warms the compiler, unless that has been done: worth while as long as nobody waits for a build,
   * which else warms it as well.
   * @returns {Promise<Step[]>} what it took; rejects if a part cannot be loaded; the next start tries again
   */
  start() {
    const worker = this.#running();
    this.#warm ??= new Promise((resolve, reject) => {
      this.#warming = { resolve, reject };
      worker.postMessage({ warm: true });
    });
    this.#warm.catch(() => {}); // builds tell of it too
    return this.#warm;
  }

  #running() {
    if (this.#worker) return this.#worker;
    // Bundlers follow what stands in one expression.
    const worker = this.#place ? new Worker(this.#place, { type: 'module', name: 'goroscope build' })
      : new Worker(new URL('./build-worker.mjs', import.meta.url), { type: 'module', name: 'goroscope build' });
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = ({ message }) => this.#end(new Error(message
      || 'the worker that builds cannot be started: its module did not load'));
    worker.addEventListener('messageerror', () =>
      this.#end(new Error('an answer of the worker that builds could not be read')));
    worker.postMessage({ start: this.#addresses });
    return worker;
  }

  /**
   * @param {Record<string, string>} files name -> text; those named .c, .cpp, .cc or .cxx are compiled
   * @param {Partial<import('./arguments.mjs').CompileOptions>} [options]
   * @returns {Promise<Built>} rejects if a part cannot be loaded, or by stop()
   */
  async build(files, options = {}) {
    const worker = this.#running(), from = sourcesOf(files), number = this.#number++;
    try {
      const outcome = await /** @type {Promise<Outcome>} */ (new Promise((resolve, reject) => {
        this.#waiting.set(number, { resolve, reject });
        worker.postMessage({ build: number, from, options: { ...DEFAULTS, ...options } });
      }));
      return { wasm: outcome.wasm, text: outcome.text, steps: outcome.steps, diagnostics: takeApart(outcome.text) };
    } catch (e) {
      const failure = /** @type {Failure} */ (e);
      if (!failure.isBuildError) throw e instanceof Error ? e : new Error(failure.message);
      const { file = '', line = 0, message, text = '' } = failure;
      const own = /** @type {Diagnostic} */ ({ file, line, column: 1, severity: 'error', text: message });
      return { text: sentenceOf(failure), diagnostics: [...takeApart(text), own], steps: [] };
    }
  }

  /** Ends the worker, whatever it is at; the next build starts it anew. */
  stop() {
    this.#end(new DOMException('building was stopped', 'AbortError'));
  }

  /** @param {Error} error */
  #end(error) {
    this.#worker?.terminate();
    this.#worker = this.#warm = null;
    this.#warming?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** @param {Answer} answer */
  #receive(answer) {
    if ('fetched' in answer) this.#events.onFetch?.(answer.fetched, answer.of);
    else if ('step' in answer) this.#events.onStep?.(answer.step);
    else if ('warm' in answer) this.#warming?.resolve(answer.warm);
    else if ('failed' in answer) this.#end(new Error(answer.failed));
    else {
      const waiting = this.#waiting.get(answer.build);
      this.#waiting.delete(answer.build);
      if ('outcome' in answer) waiting?.resolve(answer.outcome);
      else waiting?.reject(answer.error);
    }
  }
}
