// loader.mjs: load(), which makes a program ready to run, in a page or in node. This is the package's main export.
//
//     const rt = await load('sieve.wasm', { procs: 2, stdout: (text) => console.log(text) });
//     const { exitCode } = await rt.run();
import { MAX_PROCS, checkOptions, checkProgram, checkRing } from './check-options.mjs';
import { compile } from './compile.mjs';
import { kindOf } from './imports.mjs';
import { Life, asError, stoppedEarly } from './life.mjs';
import { processors } from './platform.mjs';
import { Program } from './program.mjs';
import { prepareWorkers } from './threads.mjs';
import { WASI_FUNCTIONS } from './wasi-shim.mjs';

/** @typedef {import('./types.d.mts').LoadOptions} LoadOptions */

/**
 * Loads a program and starts its workers. It does not run before run().
 * @param {string | URL | BufferSource | WebAssembly.Module} program
 * @param {LoadOptions} [options]
 * @returns {Promise<Program>}
 */
export async function load(program, options = {}) {
  checkProgram(program);
  checkOptions(options);
  const life = new Life(options.signal);
  /** @type {Program | undefined} */ let rt;
  try {
    const { module, name } = await life.during(compile(program, life.signal));
    const procs = options.procs ?? Math.min(await life.during(processors()), MAX_PROCS);
    checkRing(options, procs);
    await life.during(prepareWorkers());
    rt = new Program(life, module, name, kindOf(module, WASI_FUNCTIONS), options, procs);
    if (!life.open) throw stoppedEarly(options.signal); // between two of these steps
    await life.during(rt.start_());
    life.ready();
    return rt;
  } catch (error) {
    const outcome = await life.end(asError(error));
    if (outcome instanceof Error) throw outcome;
    if (outcome.stopped || !rt) throw stoppedEarly(options.signal);
    return rt; // it ended while it was set up: run() tells how
  }
}
