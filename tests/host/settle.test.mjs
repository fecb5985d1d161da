// A run always settles: stopped at any moment of its life, or with a worker that fails at any of them, load() and
// run() end within a second, with a result or a sentence, and nothing is left running. SETTLE_SEED and
// SETTLE_RANDOM choose other moments, and how many.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LONG, OUT, ROOT, alike, build, exec, slot, told } from '../lib/run.mjs';

const dir = join(OUT, 'settle');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

const seed = Number(process.env.SETTLE_SEED ?? Date.now() % 1e6);
const random = Number(process.env.SETTLE_RANDOM ?? (LONG ? 8 : 3));

// Programs that are nothing but how they are set up, put together by hand.

/** @param {number} id @param {number[]} content @returns {number[]} below 128 bytes */
const section = (id, ...content) => [id, content.length, ...content];
const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
/** @param {number[]} instructions */
const body = (...instructions) => [instructions.length + 2, 0, ...instructions, 0x0b];
const UNREACHABLE = [0x00];
const SPIN = [0x03, 0x40, 0x0c, 0x00, 0x0b]; // (loop (br 0))
const EXIT = [0x41, 3, 0x10, 0]; // (call $host_exit (i32.const 3))
/**
 * Instances are counted in memory: those after the first trap, and the first, be it M0's or another's, never comes
 * to its end.
 */
const SECOND = [0x41, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x04, 0x40, ...UNREACHABLE, 0x05, ...SPIN, 0x0b];

/**
 * @param {number[]} setup what gr_setup does @param {number[]} [start] what every instance does first
 * @returns {Uint8Array}
 */
function made(setup, start = []) {
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, 3, 0x60, 0, 0, 0x60, 1, 0x7f, 0, 0x60, 0, 1, 0x7f), // nothing; i32 to nothing; nothing to i32
    ...section(2, 2, ...name('goroscope'), ...name('host_exit'), 0, 1, ...name('env'), ...name('memory'), 2, 3,
      0x80, 0x08, 0x80, 0x80, 0x04), // 1024 to 65536 pages, shared
    ...section(3, 3, 0, 2, 1),
    ...section(7, 2, ...name('gr_setup'), 0, 2, ...name('gr_boot'), 0, 3),
    ...section(8, 1),
    ...section(10, 3, ...body(...start), ...body(...setup, 0x41, 0), ...body()));
}

const modules = {
  'spins in its set-up': made(SPIN),
  'spins in its start function': made([], SPIN),
  'traps in its set-up': made(UNREACHABLE),
  'traps in its start function': made([], UNREACHABLE),
  'has no host block': made([]),
  exits: made(EXIT),
};
const ofThreads = { ...modules, 'one traps while another spins': made([], SECOND) };

/** @param {{[name: string]: Uint8Array}} modules @returns {{[name: string]: string}} paths */
function written(modules) {
  return Object.fromEntries(Object.entries(modules).map(([name, bytes]) => {
    const path = join(dir, `${name.replaceAll(' ', '-')}.wasm`);
    writeFileSync(path, bytes);
    return [name, path];
  }));
}

/** @type {{[target: string]: {spin: string, bytes: string}}} */
const programs = {};
before(async () => {
  for (const target of /** @type {const} */ (['emscripten', 'wasi'])) {
    programs[target] = { spin: await build('tests/programs/spin.c', target),
      bytes: await build('tests/host/bytes.c', target) };
  }
});

const ways = [
  { name: 'threads', target: 'emscripten', way: { mode: 'threads', procs: 2 }, modules: ofThreads },
  { name: 'sim', target: 'emscripten', way: { mode: 'sim', procs: 2 }, modules },
  { name: 'sim, memory not shared', target: 'emscripten', way: { procs: 2 }, modules, hidden: true },
  { name: 'wasi', target: 'wasi', way: { procs: 2 }, modules: {} },
  { name: 'wasi, memory not shared', target: 'wasi', way: { procs: 2 }, modules: {}, hidden: true },
];

for (const { name, target, way, modules, hidden = false } of ways) {
  test(`every moment of a run's life, ${name} (seed ${seed})`, { skip: name !== 'threads' && alike }, async () => {
    const job = { way, hidden, long: LONG, wasi: target === 'wasi', ...programs[target], made: written(modules), seed,
      random };
    const r = await slot(() => exec(process.execPath,
      ['--no-warnings', join(ROOT, 'tests/host/settle-child.mjs'), JSON.stringify(job)], { timeoutMs: 180_000 }));
    assert.equal(r.exitCode, 0, told(r));
    assert.match(r.stdout, /^\d+ attempts, the slowest settled after \d+ ms; ended in load and run\n$/, told(r));
    console.log(`${name}: ${r.stdout.trim()}`);
  });
}
