// bench.mjs: `goroscope bench read`: how fast the reader reads a trace, as wasm in this process and compiled for
// this machine.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileReader, describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/** Bytes handed over at once. */
const PIECE = 1 << 20;

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Best of several readings of a whole trace from memory. events: as Go's reader counts them.
 * @typedef {{bytes: number, events: number, best_s: number, events_per_s: number, cpu_s: number}} Speed
 */

/**
 * Reads the bytes once. @param {TraceStore} store @param {Uint8Array} bytes @returns {number} events
 */
function readOnce(store, bytes) {
  let status = /** @type {number} */ (STATUS.WANT);
  for (let at = 0; status === STATUS.WANT;) {
    const piece = bytes.subarray(at, at + PIECE);
    if (!store.push(piece)) break;
    at += piece.length;
    if (at === bytes.length) store.end();
    status = store.drain();
  }
  const fault = store.fault();
  if (fault) throw new Error(describeFault(fault));
  return store.events;
}

/**
 * In wasm.
 * @param {Uint8Array} bytes
 * @param {number} rounds
 * @param {{index?: boolean}} [options] index: also build what the viewer draws from; Go's reader does nothing like it
 * @returns {Promise<Speed & {memory: number}>} memory: of the reader's whole instance, bytes
 */
export async function wasmSpeed(bytes, rounds, { index = false } = {}) {
  const module = await compileReader();
  let best = Infinity;
  let cpu = Infinity;
  let events = 0;
  let memory = 0;
  for (let i = 0; i < rounds; i++) {
    const store = new TraceStore(module, index ? 0 : OPTION.NO_INDEX);
    const used = process.cpuUsage();
    const from = performance.now();
    events = readOnce(store, bytes);
    best = Math.min(best, (performance.now() - from) / 1e3);
    const { user, system } = process.cpuUsage(used);
    cpu = Math.min(cpu, (user + system) / 1e6);
    memory = store.wasm.memory.buffer.byteLength;
  }
  return { bytes: bytes.length, events, best_s: best, events_per_s: Math.round(events / best), cpu_s: cpu, memory };
}

/** The newest time of the files. @param {string[]} files */
const newest = (files) => Math.max(...files.map((f) => statSync(f).mtimeMs));

/** The native program, compiled when it is missing or stale; null = there is no C compiler. @returns {string | null} */
function nativeProgram() {
  const reader = join(root, 'viewer/reader');
  // bench/read.c among them
  const files = readdirSync(reader, { recursive: true, encoding: 'utf8' }).map((f) => join(reader, f));
  const sources = files.filter((f) => f.endsWith('.c'));
  const headers = [...files.filter((f) => f.endsWith('.h')), join(root, 'runtime/format/trace_events.h')];
  const out = join(root, 'build/native/read-bench');
  if ((statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest([...sources, ...headers])) return out;
  const cc = [process.env.CC, 'clang', 'gcc', 'cc'].find((c) => c && spawnSync(c, ['--version']).status === 0);
  if (!cc) return null;
  mkdirSync(join(root, 'build/native'), { recursive: true });
  const fresh = `${out}.${process.pid}`;
  const made = spawnSync(cc, ['-std=gnu11', '-O3', `-I${reader}`, `-I${join(root, 'runtime/format')}`, ...sources,
    '-lm', '-o', fresh], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`the reader does not compile for this machine: ${made.stderr.split('\n')[0]}`);
  renameSync(fresh, out);
  return out;
}

/**
 * Compiled for this machine; null = there is no C compiler here.
 * @param {string} path
 * @param {number} rounds
 * @param {{index?: boolean}} [options]
 * @returns {Speed | null}
 */
export function nativeSpeed(path, rounds, { index = false } = {}) {
  const program = nativeProgram();
  if (!program) return null;
  const run = spawnSync(program, [path, String(rounds), ...(index ? ['index'] : [])], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr.trim() || `${program} did not run`);
  return JSON.parse(run.stdout);
}

/**
 * Measures both and prints them as one JSON object.
 * @param {string} path
 * @param {number} rounds
 * @returns {Promise<number>} exit code
 */
export async function benchRead(path, rounds) {
  const { memory, ...wasm } = await wasmSpeed(readFileSync(path), rounds);
  const native = nativeSpeed(path, rounds);
  if (!native) process.stderr.write('goroscope: no C compiler found: the reader was measured in wasm alone\n');
  process.stdout.write(`${JSON.stringify({ wasm, native })}\n`);
  return 0;
}
