// Builds programs both ways, merged (wasm/passes/build.mjs) and as a whole (build.sh), and compares: output and
// exit code with threads and in sim, and in sim with the virtual clock the trace, addresses of sites aside.
//
//     node tests/passes/both.mjs [--quick] [PART…]      programs whose path contains a PART; --quick: sim alone
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, build, exec, run, sim, slot, threads, told } from '../lib/run.mjs';
import { buildMerged } from './merged.mjs';

const FOLDERS = ['tests/unit', 'tests/programs', 'tests/conformance', 'tests/passes/programs', 'shell/demos'];

/** Programs that are not compared so, with the reason. @type {{ [path: string]: string }} */
export const NOT_COMPARED = {
  'tests/programs/chatter.c': 'never ends',
  'tests/programs/dead_threads.c': 'natively only',
  'tests/programs/floods.c': 'prints more than any reader holds',
  'tests/programs/growth.c': 'takes minutes',
  'tests/programs/high_memory.c': 'takes 4 GiB',
  'tests/programs/seeded_bug.c': 'for sanitizers',
  'tests/programs/spin.c': 'never ends',
  'tests/unit/outside.c': 'calls a function of the runtime that the manual does not have',
  'tests/passes/programs/data.c': 'more data than a whole program may have',
  'tests/passes/programs/symbols.c': 'cannot be linked as a whole: it has names of the runtime\'s and libc\'s',
};

/** Programs of which each kind is one to compare: they name them in a table. */
const OF_KINDS = ['tests/programs/failures.c', 'tests/programs/forbidden.c', 'tests/programs/leaks.c'];
/** Kinds that never end. */
const ENDLESS = new Set(['busy', 'asleep']);
/** What others are given. @type {{ [path: string]: string[] }} */
const ARGS = { 'tests/programs/deep.c': ['2000', '100'], 'tests/programs/parked.c': ['100'],
  'tests/programs/overflow.c': ['yield'], 'tests/programs/exitcode.c': ['9', 'exit'] };

/** With which arguments a program is run. @param {string} source @returns {string[][]} */
function runsOf(source) {
  if (!OF_KINDS.includes(source)) return [ARGS[source] ?? []];
  const text = readFileSync(join(ROOT, source), 'utf8');
  return [...text.matchAll(/\{"([\w-]+)", \w+\}/g)].map((m) => [m[1]]).filter(([kind]) => !ENDLESS.has(kind));
}
/** What differs from run to run with threads, so that only sim is compared. @type {RegExp} */
const BY_CHANCE = /tests\/programs\/|shell\/demos\//;

/** All programs, by path. */
export const programs = () => FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder))
  .filter((f) => f.endsWith('.c')).map((f) => `${folder}/${f}`)).filter((p) => !(p in NOT_COMPARED)).sort();

/** Text without addresses. @param {string} text */
const plain = (text) => text.replace(/0x[0-9a-f]+/g, '0x…');

/** What stops a program where the runtime was told no place: a whole program shows where it was last. */
const NO_PLACE = /^(fatal error: unexpected trap|fatal error: stack overflow|assertion failed|SIG|signal)/m;

/**
 * What a dying program says on either way, of the goroutine that dies only the innermost function, and that only if
 * the whole program knows it. Its line is not compared, which a whole program may have from where the goroutine was
 * last. tests/passes/lines.test.mjs looks at lines and further frames.
 * @param {string} whole @param {string} merged
 * @returns {string[]}
 */
function last(whole, merged) {
  const isKnown = !NO_PLACE.test(whole) && /^goroutine \d+ \[running.*\]:\n\S.*\n\t/m.test(whole);
  return [whole, merged].map((text) => plain(text).replace(
    /^(goroutine \d+ \[running.*\]:\n)((?:(?!created by )\S.*\n(?:\t.*\n)?)*)/gm,
    (_, head, frames) => head + (isKnown ? frames.match(/^\S.*\n/) ?? '' : '')));
}

/**
 * The first lines in which what two traces tell differs, addresses aside; '' if none. Traces may be too long for
 * one string.
 * @param {string[]} traces
 */
async function difference(traces) {
  const dump = (/** @type {string} */ path) =>
    `<(set -o pipefail; node shell/cli.mjs dump '${path}' | sed -E 's/0x[0-9a-f]+/0x…/g' || echo failed)`;
  const r = await exec('bash', ['-c',
    `cmp ${traces.map(dump).join(' ')} || diff ${traces.map(dump).join(' ')} | head -n 5`],
    { timeoutMs: 300_000 });
  return r.timedOut ? 'they take too long to compare' : `${r.stdout}${r.stderr}`;
}

/**
 * Compares one program. Fails with what differs.
 * @param {string} source
 * @param {{ quick?: boolean }} [options]
 * @returns {Promise<string>} what was compared
 */
export async function compare(source, { quick = false } = {}) {
  const [whole, { path: merged, steps }] = await Promise.all([build(source, 'emscripten'), buildMerged([source])]);
  const ports = [sim(4), ...quick ? [] : [threads(1), threads(2), threads(4)]], runs = runsOf(source);
  for (const args of runs) for (const port of ports) await compareRuns(source, [whole, merged], port, args);
  return `${runs.length * ports.length} runs; ${steps.map((s) => `${s.name} ${s.ms.toFixed(0)}`).join(' ')} ms`;
}

/**
 * @param {string} source @param {string[]} programs as a whole, merged
 * @param {import('../lib/run.mjs').Port} port @param {string[]} args
 */
async function compareRuns(source, programs, port, args) {
  const isSim = port.mode === 'sim', where = `${source} ${args.join(' ')}, ${port.name}`;
  const traces = isSim ? programs.map((_, i) => `${programs[1]}.${i}.trace`) : [];
  const all = !isSim && source.startsWith('tests/unit/') ? [...args, '--parallel'] : args;
  const results = [];
  for (const [i, program] of programs.entries()) {
    results.push(await slot(() => run(port, program, all, { trace: traces[i], timeoutMs: 120_000 })));
  }
  const [a, b] = results;
  const differs = (/** @type {string} */ what) =>
    new Error(`${where}: ${what}\n--- whole\n${told(a)}\n--- merged\n${told(b)}`);
  if (a.timedOut) throw differs('does not end');
  if (a.exitCode !== b.exitCode) throw differs('exit codes differ');
  if (!isSim && BY_CHANCE.test(source)) return;
  if (plain(a.stdout) !== plain(b.stdout)) throw differs('what they print differs');
  if (!isSim) return;
  const [whole, merged] = last(a.stderr, b.stderr);
  if (whole !== merged) throw differs('what they print to stderr differs');
  const found = await difference(traces);
  if (found) throw new Error(`${where}: traces differ\n${found}`);
  for (const path of traces) rmSync(path);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2), parts = args.filter((a) => !a.startsWith('--')),
    quick = args.includes('--quick');
  let failed = 0, n = 0;
  for (const source of programs().filter((p) => parts.length === 0 || parts.some((part) => p.includes(part)))) {
    n++;
    try {
      console.log(`same  ${source}: ${await compare(source, { quick })}`);
    } catch (error) {
      failed++;
      console.log(`DIFFERS ${source}: ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`${n} programs, ${failed} differ`);
  process.exitCode = failed ? 1 : 0;
}
