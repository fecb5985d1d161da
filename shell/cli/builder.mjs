// The command line's end of the process that builds (builder-child.mjs).
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shownName } from '../../wasm/cc/diagnostics.mjs';
import { longestFunction } from '../../wasm/cc/longest.mjs';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { UserError } from './args.mjs';
import { clearWrittenBy } from './cache.mjs';

/** @typedef {import('./builder-child.mjs').Job} Job */
/** @typedef {import('./builder-child.mjs').Built} Built */

const CHILD = fileURLToPath(new URL('./builder-child.mjs', import.meta.url));

/** Clang may take the square of a function's size and more; what has not ended by then would take very long, */
const COMPILE_MS = 50_000;
/** if a function has so many lines: else it is much that it compiles, or the machine is slow. */
const LARGE_LINES = 500;

/** A group of its own: so the clang of this machine that it calls is ended with it. */
const HAS_GROUPS = process.platform !== 'win32';

/**
 * What one build waits for.
 * @typedef {object} Waiting
 * @property {(step: string) => void} onStep
 * @property {(built: Built) => void} resolve
 * @property {(e: Error) => void} reject
 * @property {import('../../wasm/cc/compile.mjs').Sources} from
 */

/** Starts the process with the first build; later ones find the compiler warm. One build after the other. */
export class Builder {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {Waiting | null} */
  #waiting = null;
  /** For files of a clang of this machine. @type {string | null} */
  #scratch = null;
  #compileMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ compileMs?: number }} [options] compileMs: as long as clang may take */
  constructor({ compileMs = COMPILE_MS } = {}) {
    this.#compileMs = compileMs;
  }

  /** @param {Omit<Job, 'scratch'>} job @param {(step: string) => void} onStep @returns {Promise<Built>} */
  build(job, onStep) {
    const child = this.#warm() ?? this.#start();
    child.ref();
    child.channel?.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { onStep, resolve, reject, from: job.from };
      const scratch = job.compiler.cc === undefined ? undefined : this.#scratchFolder();
      child.send({ ...job, scratch }, (e) => e && this.#gone(child, e.message));
    });
  }

  /** The process of the build before, if it still lives: it may have been ended while nothing was built. */
  #warm() {
    return this.#child?.connected ? this.#child : null;
  }

  #start() {
    const child = fork(CHILD, [],
      { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: HAS_GROUPS });
    child.on('message', (/** @type {import('./builder-child.mjs').Message} */ message) => {
      clearTimeout(this.#timer);
      if ('step' in message) {
        if (message.step === 'compile') this.#timer = setTimeout(() => this.#tooLong(), this.#compileMs);
        return this.#waiting?.onStep(message.step);
      }
      const waiting = this.#waiting;
      this.#waiting = null;
      child.unref();
      child.channel?.unref();
      if ('outcome' in message) waiting?.resolve(message.outcome);
      else waiting?.reject(revived(message.error));
    });
    child.on('error', (e) => this.#gone(child, e.message));
    child.on('exit', (code, signal) => this.#gone(child, signal ?? `exit code ${code}`));
    return this.#child = child;
  }

  /** Clang is not waited for any longer, if it is a large function that it is at. */
  #tooLong() {
    const { from, reject } = this.#waiting ?? {};
    const found = from?.sources.map((file) =>
      ({ file, ...longestFunction(Buffer.from(from.files[file]).toString('latin1')) }));
    const { file, name, lines = 0 } = found?.sort((a, b) => (b.lines ?? 0) - (a.lines ?? 0))[0] ?? {};
    if (!from || !file || lines < LARGE_LINES) return;
    this.stop();
    reject?.(new BuildError(`clang has not ended within ${this.#compileMs / 1000} s; the longest function is ${name} `
      + `with ${lines} lines: make several of it, or try -O0`, { file: shownName(file, from.roots) }));
  }

  /**
   * The next build starts another one.
   * @param {import('node:child_process').ChildProcess} child @param {string} why
   */
  #gone(child, why) {
    clearTimeout(this.#timer);
    if (this.#child !== child) return; // one before it, of which all has been said
    this.#child = null;
    this.#waiting?.reject(new Error(`the process that builds has ended (${why})`));
    this.#waiting = null;
  }

  /** A folder that goes with this process, however either ends. */
  #scratchFolder() {
    if (this.#scratch === null) {
      this.#scratch = mkdtempSync(join(tmpdir(), 'goroscope-'));
      process.on('exit', this.#clearScratch);
    }
    return this.#scratch;
  }

  #clearScratch = () => {
    if (this.#scratch !== null) rmSync(this.#scratch, { recursive: true, force: true });
    this.#scratch = null;
    process.off('exit', this.#clearScratch);
  };

  /** The process, if there is one. */
  get pid() {
    return this.#child?.pid;
  }

  /** Ends it at once. */
  stop() {
    clearTimeout(this.#timer);
    const child = this.#child, hasClang = this.#scratch !== null;
    this.#child = this.#waiting = null;
    child?.removeAllListeners();
    if (child) endAll(child);
    this.#clearScratch();
    if (hasClang && child?.pid !== undefined) clearWrittenBy(child.pid);
  }
}

/** Ends a process and what it has started. @param {import('node:child_process').ChildProcess} child */
function endAll(child) {
  try {
    if (HAS_GROUPS && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** @param {import('./builder-child.mjs').Failure} failure @returns {Error} */
function revived({ name, message, stack, text, file, line }) {
  if (name === 'BuildError') return Object.assign(new BuildError(message, { file, line }), { text });
  return Object.assign(name === 'UserError' ? new UserError(message) : new Error(message), { stack });
}
