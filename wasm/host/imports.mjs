// imports.mjs: everything a program built for the loader can reach. It is given these functions and its memory,
// nothing else.
import { STRINGS } from './abi.mjs';
import { decode } from './utf8.mjs';

/** Thrown to leave wasm when the program has ended. */
export class Ended {
  /** @param {number} code */
  constructor(code) { this.code = code; }
}

/**
 * What this worker does for the program.
 * @typedef {object} Services
 * @property {WebAssembly.Memory} memory
 * @property {() => number} now ms since the program's start, or a little below 0
 * @property {() => void} output the output ring has something
 * @property {() => void} input the input ring has room again
 * @property {(request: import('./host-services.mjs').Request) => void} request the program asks for something
 * @property {(n: number) => void} threads there must be n workers
 * @property {(most: number) => Uint8Array} stack the frames of what runs, as text of at most so many bytes (lines.mjs)
 * @property {(code: number) => void} exit the program has ended; called once, before wasm is left
 * @property {{[name: string]: Uint8Array}} files
 * @property {{[name: string]: string}} env
 */

/**
 * What libc of current Emscriptens asks for in order to pass calls on to a page's main thread. Nothing here ever
 * does.
 */
const UNUSED = ['_emscripten_receive_on_main_thread_js', '_emscripten_notify_mailbox_postmessage',
  '_emscripten_check_mailbox', '_emscripten_thread_cleanup', '_emscripten_thread_set_strongref'];
const unused = {
  ...Object.fromEntries(UNUSED.map((name) => [name, () => { throw new Error(`${name} is not available`); }])),
  _emscripten_thread_mailbox_await() {}, // called at the start: there is no mail
};

/**
 * @param {Services} s
 * @returns {{[module: string]: {[name: string]: any}}}
 */
export function makeImports(s) {
  /** @type {(ptr: number, n: number) => Uint8Array | undefined} */
  const file = (ptr, n) => {
    const name = decode(new Uint8Array(s.memory.buffer, ptr >>> 0, n));
    return Object.hasOwn(s.files, name) ? s.files[name] : undefined;
  };
  const utf8 = new TextEncoder();
  /** @type {{[what: number]: () => string[]}} */
  const strings = {
    [STRINGS.ENV]: () => Object.entries(s.env).map(([name, value]) => `${name}=${value}`),
    [STRINGS.FILES]: () => Object.keys(s.files),
  };
  return {
    env: { memory: s.memory, ...unused },
    goroscope: {
      host_now: s.now,
      host_date: () => Date.now(),
      host_random: () => {
        const r = crypto.getRandomValues(new Uint32Array(2));
        return (r[0] & 0xfffff) * 2 ** 32 + r[1];
      },
      host_output: s.output,
      host_input: s.input,
      host_request: (
        /** @type {number} */ kind, /** @type {number} */ id, /** @type {number} */ stream,
        /** @type {number} */ ptr, /** @type {number} */ n,
      ) => s.request({
        kind, id: id >>> 0, stream: stream >>> 0,
        bytes: new Uint8Array(s.memory.buffer, ptr >>> 0, n >>> 0).slice(),
      }),
      host_threads: s.threads,
      host_exit: (/** @type {number} */ code) => {
        s.exit(code);
        throw new Ended(code);
      },
      host_file_size: (/** @type {number} */ ptr, /** @type {number} */ n) => file(ptr, n)?.length ?? -1,
      host_file_read: (/** @type {number} */ ptr, /** @type {number} */ n, /** @type {number} */ to) => {
        const bytes = file(ptr, n);
        if (bytes) new Uint8Array(s.memory.buffer).set(bytes, to >>> 0);
      },
      host_stack: (/** @type {number} */ to, /** @type {number} */ most) => {
        const text = s.stack(most >>> 0);
        new Uint8Array(s.memory.buffer).set(text, to >>> 0);
        return text.length;
      },
      host_strings: (/** @type {number} */ what, /** @type {number} */ to) => {
        const bytes = utf8.encode(strings[what]().map((text) => `${text}\0`).join(''));
        if (to !== 0) new Uint8Array(s.memory.buffer).set(bytes, to >>> 0);
        return bytes.length;
      },
    },
  };
}

/**
 * What kind of program a module is, or an error that names what it asks for and cannot have.
 * @param {WebAssembly.Module} module
 * @param {string[]} wasiNames functions of wasi_snapshot_preview1 that the shim has
 * @returns {'loader' | 'wasi'}
 */
export function kindOf(module, wasiNames) {
  const imports = WebAssembly.Module.imports(module);
  const exports = WebAssembly.Module.exports(module).map((e) => e.name);
  const wasi = exports.includes('_start') && exports.includes('memory');
  if (!wasi && !exports.includes('gr_boot')) throw new Error(
    "this is no goroscope program: it exports neither gr_boot nor _start; build it with 'goroscope build'");
  /** @type {{[module: string]: {[name: string]: any}}} */
  const given = wasi ? { wasi_snapshot_preview1: Object.fromEntries(wasiNames.map((name) => [name, true])) }
    : makeImports(/** @type {any} */ ({
      memory: {}, files: {}, env: {}, now() {}, output() {}, input() {}, request() {}, threads() {}, stack() {},
      exit() {},
    }));
  const missing = imports.filter((i) => !given[i.module] || !Object.hasOwn(given[i.module], i.name))
    .map((i) => `${i.module}.${i.name}`);
  if (missing.length) throw new Error(`the program needs what goroscope does not give it: ${missing.join(', ')}`);
  return wasi ? 'wasi' : 'loader';
}
