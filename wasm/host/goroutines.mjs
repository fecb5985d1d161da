// goroutines.mjs: a program's goroutines as they are now: asked of the program, and as text like Go's.
import { Damaged } from './damage.mjs';
import { decode } from './utf8.mjs';

/**
 * @typedef {import('./types.d.mts').CallSite} CallSite
 * @typedef {import('./types.d.mts').Goroutine} Goroutine
 */

const MOST_TEXT = 2 ** 28; // bytes, of more than a million goroutines
const TEXT = 8; // HostGoroutines (wasm/port/emscripten.c): u32 next, u32 n, text

/**
 * Asks an instance of the program. It may be one that only looks on (gr_observe), and then the program may run
 * meanwhile. Throws Damaged; but its list may also be so that this does not return.
 * @param {any} wasm its exports
 * @param {WebAssembly.Memory} memory
 * @returns {string} see runtime/core/dump.c
 */
export function askGoroutines(wasm, memory) {
  const parts = [], seen = new Set();
  let from = 0, room = MOST_TEXT;
  do {
    // What is new stands first, so nothing comes twice; but a program may have written over its list.
    if (seen.has(from)) throw new Damaged();
    seen.add(from);
    const at = wasm.gr_goroutines(from) >>> 0;
    const [next, n] = new Uint32Array(memory.buffer, at, 2);
    if (at + TEXT + n > memory.buffer.byteLength || (room -= n) < 0) throw new Damaged();
    parts.push(decode(new Uint8Array(memory.buffer, at + TEXT, n)));
    from = next;
  } while (from !== 0);
  return parts.join('');
}

/** @param {string} text of askGoroutines @returns {Goroutine[]} by id */
export function parseGoroutines(text) {
  /** @type {(func: string, file: string, line: string) => CallSite | null} */
  const site = (func, file, line) => line === '' ? null : { func, file, line: Number(line) };
  const frames = (/** @type {string[]} */ f, /** @type {number} */ from) => {
    /** @type {CallSite[]} */ const all = [];
    for (let i = from; i + 2 < f.length; i += 3) all.push({ func: f[i], file: f[i + 1], line: Number(f[i + 2]) });
    return all;
  };
  return text.split('\n').slice(0, -1).map((line) => {
    const f = line.split('\t');
    return {
      id: Number(f[0]), state: /** @type {Goroutine['state']} */ (f[1]), reason: f[2], sinceNs: Number(f[3]),
      site: site(f[4], f[5], f[6]), name: f[7], creator: Number(f[8]), createSite: site(f[9], f[10], f[11]),
      stack: frames(f, 12),
    };
  }).sort((a, b) => a.id - b.id);
}

/** As Go prints them when a program is sent SIGQUIT. @param {Goroutine[]} list @returns {string} */
export function formatGoroutines(list) {
  /** @type {(name: string, at: CallSite) => string} */
  const frame = (name, at) => `${name}(...)\n\t${at.file}:${at.line}\n`;
  return list.map((g) => {
    const minutes = Math.floor(g.sinceNs / 60e9);
    const state = (g.reason || g.state) + (g.state === 'waiting' && minutes >= 1 ? `, ${minutes} minutes` : '');
    const where = g.state === 'running' ? '\tgoroutine running on other thread; stack unavailable\n'
      : g.stack.length ? g.stack.map((at) => frame(at.func, at)).join('')
      : g.site ? frame(g.site.func, g.site) : `${g.name}(...)\n`;
    const from = g.createSite ? `created by ${g.createSite.func} in goroutine ${g.creator}\n\t${
      g.createSite.file}:${g.createSite.line}\n` : '';
    return `goroutine ${g.id} [${state}]:\n${where}${from}`;
  }).join('\n');
}
