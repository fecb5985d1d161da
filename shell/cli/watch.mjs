// goroscope run --watch: builds and runs anew at each save, the compiler kept warm. Folders are watched, not files:
// many editors save by putting a new file in the old one's place.
import { existsSync, statSync, watch as watchFolder } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { UserError } from './args.mjs';
import { Builder } from './builder.mjs';
import { ENDED_BY } from './interrupt.mjs';
import { NotCompiled, make } from './make.mjs';
import { Progress } from './progress.mjs';
import { told } from './request.mjs';
import { standardInput } from './stdin.mjs';
import { systemPath } from './sources.mjs';

/** A save is several events: so long after the first one all have come. */
const SETTLE_MS = 50;

/** @typedef {import('./run.mjs').Hooks} Hooks */

/**
 * @param {import('./make.mjs').Request} request
 * @param {(wasm: Uint8Array, hooks: Hooks) => Promise<number>} run
 * @returns {Promise<number>} exit code, when Ctrl-C has ended it
 */
export async function watch(request, run) {
  const builder = new Builder(), changes = new Changes();
  const say = (/** @type {string} */ text) => process.stderr.write(`goroscope: ${text}\n`);
  let isStopped = false, exitCode = ENDED_BY.SIGINT;
  /** @type {import('./run.mjs').Running | null} */
  let running = null;
  const stop = (/** @type {keyof ENDED_BY} */ signal) => {
    isStopped = true;
    exitCode = ENDED_BY[signal];
    changes.wake();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    while (!isStopped) {
      changes.look([...request.sources.map((s) => resolve(s))], request.includes);
      const made = await makeOnce(request, builder, changes, say);
      if (made && !isStopped && !changes.has) {
        const ended = run(made, { loaded: (rt) => (running = rt), stdin: sharedInput }).then(
          (code) => isStopped || changes.has || say(`exit code ${code}; waiting for a change`),
          (e) => {
            if (e instanceof UserError) throw e; // of the options: no save of a source mends it
            say(`${e.message}; waiting for a change`);
          });
        await Promise.race([ended, changes.next()]);
        if (changes.has || isStopped) /** @type {import('./run.mjs').Running | null} */ (running)?.stop();
        await ended;
        running = null;
      }
      if (!isStopped) await changes.next();
      await changes.settle(SETTLE_MS);
    }
    return exitCode;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    changes.close();
    builder.stop();
    process.stdin.destroy();
  }
}

/**
 * @param {import('./make.mjs').Request} request @param {Builder} builder @param {Changes} changes
 * @param {(text: string) => void} say
 * @returns {Promise<Uint8Array | null>} null: it cannot be built as it is
 */
async function makeOnce(request, builder, changes, say) {
  const begun = performance.now();
  const progress = new Progress(process.stderr);
  try {
    const made = await make(request, { progress, color: Boolean(process.stderr.isTTY), builder });
    changes.look(made.files.map(systemPath), request.includes);
    process.stderr.write(made.text);
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    say(made.isCached ? `built before (${seconds} s)` : `built in ${seconds} s`);
    return made.wasm;
  } catch (e) {
    if (e instanceof NotCompiled) changes.look(e.files.map(systemPath), request.includes);
    const isOurs = e instanceof Error && ['UserError', 'Error'].includes(e.name) && !(e instanceof NotCompiled);
    // A source that is not there while an editor saves it comes back: that is no end.
    process.stderr.write(isOurs ? `goroscope: ${e.message}\n` : told(e));
    return null;
  }
}

/** What has changed among the files that a program is made of. */
class Changes {
  has = false;
  /** @type {Map<string, import('node:fs').FSWatcher>} by folder */
  #watchers = new Map();
  /** @type {Set<string>} */
  #files = new Set();
  #wake = () => {};

  /**
   * Looks at these files, and at the folders where one that is missing may appear.
   * @param {string[]} files @param {string[]} folders
   */
  look(files, folders) {
    this.#files = new Set(files);
    const wanted = new Set([...files.map((f) => dirname(f)), ...folders.map((f) => resolve(f))]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#watchers.has(folder) || !existsSync(folder)) continue;
      const watcher = watchFolder(folder, (_, name) => this.#seen(folder, name));
      watcher.on('error', () => this.#watchers.delete(folder));
      this.#watchers.set(folder, watcher);
    }
  }

  /** @param {string} folder @param {string | null} name */
  #seen(folder, name) {
    const path = name === null ? null : resolve(folder, basename(name));
    const isNewHeader = path !== null && /\.(h|hh|hpp|hxx|inc|c|cc|cpp|cxx)$/.test(path)
      && statSync(path, { throwIfNoEntry: false })?.isFile();
    if (path !== null && !this.#files.has(path) && !isNewHeader) return;
    this.has = true;
    this.#wake();
  }

  /** Somebody else has something to say to who waits. */
  wake() {
    this.#wake();
  }

  /** @returns {Promise<void>} when something has changed since settle(), or wake() is called */
  next() {
    return this.has ? Promise.resolve() : new Promise((resolve) => (this.#wake = resolve));
  }

  /** All that has changed until in ms is one change. @param {number} ms */
  async settle(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.has = false;
  }

  close() {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#wake();
  }
}

/** Standard input for one program after the other: what none has taken is the next one's. */
function sharedInput() {
  const input = standardInput();
  if (input.listenerCount('error') === 0) input.on('error', () => {}); // between two programs it concerns none
  /** @type {(bytes: Uint8Array) => void} */
  let take = () => {};
  let end = () => {};
  /** @type {(error: Error) => void} */
  let fail = () => {};
  return new ReadableStream({
    start(to) {
      take = (bytes) => to.enqueue(bytes);
      end = () => to.close();
      fail = (error) => to.error(error);
      if (input.errored) return fail(input.errored);
      if (input.readableEnded) return end();
      input.on('data', take).on('end', end).on('error', fail).resume();
    },
    cancel() {
      input.off('data', take).off('end', end).off('error', fail).pause();
    },
  });
}
