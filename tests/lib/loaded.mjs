// Runs a program built for the loader in this process: many short runs of one program take a tenth of the time of a
// process each.
import { readFileSync } from 'node:fs';
import { load } from '../../wasm/host/loader.mjs';

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/**
 * As run() of run.mjs, for ports whose target is emscripten.
 * @param {import('./run.mjs').Port} port @param {string} program @param {string[]} [args]
 * @param {{ timeoutMs?: number }} [options]
 * @returns {Promise<import('./run.mjs').Result>}
 */
export async function runLoaded(port, program, args = [], { timeoutMs = 60_000 } = {}) {
  let module = modules.get(program);
  if (!module) modules.set(program, module = WebAssembly.compile(readFileSync(program)));
  const r = { exitCode: -1, stdout: '', stderr: '', timedOut: false };
  const rt = await load(await module, {
    mode: port.mode, procs: port.procs, clock: port.clock,
    seed: port.seed === undefined ? undefined : BigInt(port.seed), args, trace: false,
    stdout: (/** @type {string} */ s) => void (r.stdout += s),
    stderr: (/** @type {string} */ s) => void (r.stderr += s),
  });
  const timer = setTimeout(() => {
    r.timedOut = true;
    void rt.stop();
  }, timeoutMs);
  const { exitCode } = await rt.run();
  clearTimeout(timer);
  r.exitCode = exitCode ?? -1;
  return r;
}
