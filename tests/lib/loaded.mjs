// Runs a program built for the loader in this process: many short runs of one program take a quarter of the time of a
// process each. Processes that run one are tested in tests/cli.
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';

/** Compiled programs, by path and time. @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/** @param {string} program */
function compiled(program) {
  const key = `${statSync(program).mtimeMs} ${program}`;
  let module = modules.get(key);
  if (!module) modules.set(key, module = WebAssembly.compile(readFileSync(program)));
  return module;
}

/**
 * As run() of run.mjs, for ports whose target is emscripten.
 * @param {import('./run.mjs').Port} port @param {string} program @param {string[]} [args]
 * @param {import('./run.mjs').RunOptions} [options]
 * @returns {Promise<import('./run.mjs').Result>}
 */
export async function runLoaded(port, program, args = [], options = {}) {
  const {
    trace, ringBytes = 64 << 20, traceVersion, readDelayMs = 0, stackBytes, debug, env, timeoutMs = 60_000,
  } = options;
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const [name, path] of Object.entries(options.files ?? {})) files[name] = readFileSync(path);
  const r = { exitCode: -1, stdout: '', stderr: '', timedOut: false };
  const rt = await load(await compiled(program), {
    mode: port.mode, procs: port.procs, clock: port.clock, args, files, stackBytes, debug, env,
    seed: port.seed === undefined ? undefined : BigInt(port.seed),
    fetch: async (url) => (files[url] ? new Response(/** @type {BodyInit} */ (files[url]))
      : new Response('not there', { status: 404 })),
    stdout: (/** @type {string} */ s) => void (r.stdout += s),
    stderr: (/** @type {string} */ s) => void (r.stderr += s),
    trace: trace ? { mode: 'stream', ringBytes, version: traceVersion } : false,
  });
  const saved = trace ? save(rt.trace.readable, trace, readDelayMs) : null;
  saved?.catch(() => {}); // told below, when the program has ended
  const timer = setTimeout(() => {
    r.timedOut = true;
    void rt.stop();
  }, timeoutMs);
  let exitCode;
  try {
    ({ exitCode } = await rt.run());
    await saved;
  } finally {
    clearTimeout(timer); // else it keeps a process whose run has failed
  }
  if (trace && readDelayMs) r.stderr += `lost ${rt.trace.lost}\n`;
  r.exitCode = exitCode ?? -1;
  return r;
}

/** @param {ReadableStream<Uint8Array>} readable @param {string} path @param {number} delayMs between two looks */
async function save(readable, path, delayMs) {
  const fd = openSync(path, 'w'), reader = readable.getReader();
  try {
    for (;;) {
      if (delayMs) await sleep(delayMs);
      const { done, value } = await reader.read();
      if (done) break;
      for (let at = 0; at < value.length;) at += writeSync(fd, value, at);
    }
  } finally {
    closeSync(fd);
  }
}
