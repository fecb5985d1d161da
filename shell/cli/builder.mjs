// The command line's end of the process that builds (builder-child.mjs).
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { UserError } from './args.mjs';
import { clearWrittenBy } from './cache.mjs';

/** @typedef {import('./builder-child.mjs').Job} Job */
/** @typedef {import('../../wasm/cc/program.mjs').Outcome} Outcome */

const CHILD = fileURLToPath(new URL('./builder-child.mjs', import.meta.url));

/** Starts the process with the first build; later ones find the compiler warm. */
export class Builder {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** For files of a clang of this machine. @type {string | null} */
  #scratch = null;

  /** @param {Omit<Job, 'scratch'>} job @param {(step: string) => void} onStep @returns {Promise<Outcome>} */
  build(job, onStep) {
    const child = this.#child ??= fork(CHILD, [],
      { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.ref();
    child.channel?.ref();
    return new Promise((resolve, reject) => {
      const end = () => {
        child.removeAllListeners();
        child.unref();
        child.channel?.unref();
      };
      child.on('message', (/** @type {import('./builder-child.mjs').Message} */ message) => {
        if ('step' in message) return onStep(message.step);
        end();
        if ('outcome' in message) resolve(message.outcome);
        else reject(revived(message.error));
      });
      child.on('error', (e) => reject(e));
      child.on('exit', (code, signal) => {
        this.#child = null;
        reject(new Error(`the process that builds has ended (${signal ?? `exit code ${code}`})`));
      });
      child.send({ ...job, scratch: job.compiler.cc === undefined ? undefined : this.#scratchFolder() });
    });
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
    this.#child?.removeAllListeners();
    this.#child?.kill('SIGKILL');
    if (this.#child?.pid !== undefined) clearWrittenBy(this.#child.pid);
    this.#clearScratch();
    this.#child = null;
  }
}

/** @param {import('./builder-child.mjs').Failure} failure @returns {Error} */
function revived({ name, message, stack, text, file, line }) {
  if (name === 'BuildError') return Object.assign(new BuildError(message, { file, line }), { text });
  return Object.assign(name === 'UserError' ? new UserError(message) : new Error(message), { stack });
}
