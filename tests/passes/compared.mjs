// The programs that are built both ways and compared (both.mjs): all of the tests and the demos that can be, each with
// the arguments that it is run with, and random ones (tests/build/program.mjs).
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomProgram, source as sourceOf } from '../build/program.mjs';
import { ROOT } from '../lib/run.mjs';

/**
 * @typedef {object} Compared one C program
 * @property {string} source
 * @property {string[]} [more] files that it is linked with
 * @property {boolean} [preempt] it is made for preemption points
 * @property {string[][]} runs what it is run with, one after the other
 * @property {'kinds' | 'random'} [parts] each run is a program of its own: what its argument names, a random one
 * @property {boolean} byChance with threads, what it prints differs from run to run
 * @property {string} [debug] settings as in GRDEBUG
 */

/**
 * Folders of programs. True: what they print with threads differs from run to run.
 * @type {{ [folder: string]: boolean }}
 */
const FOLDERS = {
  'shell/demos': true, 'tests/bench': true, 'tests/check': true, 'tests/conformance': false, 'tests/goker': true,
  'tests/host': true, 'tests/libc': true, 'tests/page': true, 'tests/passes/programs': false, 'tests/preempt': true,
  'tests/programs': true, 'tests/sim': true, 'tests/sim/programs': true, 'tests/stress': true, 'tests/traces': true,
  'tests/unit': false,
};

/** Programs that are not compared so, with the reason. @type {{ [path: string]: string }} */
export const NOT_COMPARED = {
  'tests/bench/floor.c': 'made of the runtime\'s own parts',
  'tests/bench/instructions.c': 'natively only',
  'tests/bench/kernels.c': 'does what it reads; tests/bench/both-ways.mjs compares its results',
  'tests/check/mistakes.c': 'undefined by intent, for --check',
  'tests/host/ask.c': 'asks a host that answers',
  'tests/host/called.c': 'waits for a host that calls',
  'tests/libc/stopped.c': 'never ends',
  'tests/passes/programs/data.c': 'more data than a whole program may have',
  'tests/passes/programs/symbols.c': 'cannot be linked as a whole: it has names of the runtime\'s and libc\'s',
  'tests/programs/chatter.c': 'never ends',
  'tests/programs/dead_threads.c': 'natively only',
  'tests/programs/floods.c': 'prints more than any reader holds',
  'tests/programs/growth.c': 'takes minutes',
  'tests/programs/high_memory.c': 'takes 4 GiB',
  'tests/programs/seeded_bug.c': 'for sanitizers',
  'tests/programs/spin.c': 'never ends',
  'tests/unit/outside.c': 'calls a function of the runtime that the manual does not have',
};

/** Programs that run what their argument names; they have a table of it. */
const OF_KINDS = ['tests/libc/ends.c', 'tests/libc/library.c', 'tests/passes/programs/dying.c',
  'tests/programs/failures.c', 'tests/programs/forbidden.c', 'tests/programs/leaks.c'];
/** Kinds that are not run: they never end. */
const ENDLESS = new Set(['busy', 'asleep']);
/** What others are run with. @type {{ [path: string]: string[][] }} */
const RUNS = {
  'shell/demos/coroutines.c': [['2', '100', '20']], 'shell/demos/garbage.c': [['20']],
  'shell/demos/mandelbrot.c': [['32', '24', '60']],
  'shell/demos/philosophers.c': [['5', '1']], 'shell/demos/pipeline.c': [['200']], 'shell/demos/sieve.c': [['40']],
  'tests/bench/parallel.c': [['1']], 'tests/bench/parked.c': [['500']], 'tests/bench/timers.c': [['200']],
  'tests/host/bytes.c': [['row'], ['text'], ['all', '20000'], ['turns', '50']],
  'tests/preempt/spin_flag.c': [['4']], 'tests/programs/deep.c': [['2000', '100']],
  'tests/programs/exitcode.c': [['9', 'exit']], 'tests/programs/overflow.c': [['yield']],
  'tests/programs/parked.c': [['100']], 'tests/sim/clocks.c': [['20']], 'tests/traces/crowd.c': [['300']],
};
/** What all others of a folder are run with. @type {{ [folder: string]: string[] }} */
const ARGS = { 'tests/bench': ['500'], 'tests/stress': ['2', '1'] };

/** @param {string} source */
const textOf = (source) => readFileSync(join(ROOT, source), 'utf8');

/** @param {string} source @returns {string[][]} */
function kindsOf(source) {
  const kinds = [...textOf(source).matchAll(/\{"([\w-]+)", +\w+\}/g)].map((m) => m[1]);
  if (kinds.length < 2) throw new Error(`${source} has no table of what it can do`);
  return kinds.filter((kind) => !ENDLESS.has(kind)).map((kind) => [kind]);
}

/** The bugs of tests/goker, which are one program. @param {string[]} sources @returns {Compared} */
function goker(sources) {
  const names = [...textOf('tests/goker/goker.h').matchAll(/^ {4}X\((\w+)\)/gm)].map((m) => [m[1]]);
  const source = 'tests/goker/all.c';
  return { source, more: sources.filter((s) => s !== source), runs: names, parts: 'kinds', byChance: true,
    debug: 'leaks=1,leakwait=20000' };
}

/** All of the tests and the demos. @returns {Compared[]} */
export function programs() {
  return Object.entries(FOLDERS).flatMap(([folder, byChance]) => {
    const names = readdirSync(join(ROOT, folder)).filter((f) => f.endsWith('.c')).sort();
    const sources = names.map((f) => `${folder}/${f}`);
    if (folder === 'tests/goker') return [goker(sources)];
    return sources.filter((source) => !(source in NOT_COMPARED)).map((source) => ({ source, byChance,
      preempt: folder === 'tests/preempt',
      ...(OF_KINDS.includes(source) ? { runs: kindsOf(source), parts: /** @type {const} */ ('kinds') }
        : { runs: RUNS[source] ?? [ARGS[folder] ?? []] }) }));
  });
}

/** Random programs in one file, each of which is run alone. */
export const TOGETHER = 10;

/**
 * @param {number} n @param {number} seed program I is that of seed + I
 * @returns {Compared[]}
 */
export function randomPrograms(n, seed) {
  const folder = 'build/tests/random';
  mkdirSync(join(ROOT, folder), { recursive: true });
  return Array.from({ length: Math.ceil(n / TOGETHER) }, (_, file) => {
    const from = file * TOGETHER, size = Math.min(TOGETHER, n - from), source = `${folder}/${seed + from}-${size}.c`;
    const all = Array.from({ length: size }, (_, i) => randomProgram(i, seed + from + i));
    writeFileSync(join(ROOT, source), sourceOf(all));
    return { source, runs: all.map((_, i) => [String(i)]), parts: /** @type {const} */ ('random'), byChance: false };
  });
}
