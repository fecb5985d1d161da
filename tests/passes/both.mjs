// Builds programs both ways, merged (`goroscope build`) and as a whole (build.sh), and compares: output and exit code
// with threads and in sim, and in sim with the virtual clock the trace, addresses of sites and further frames of
// stacks aside.
//
//     node tests/passes/both.mjs [--quick] [--random=N] [--seed=S] [--by=CC] [PART…]
//
// PART: only programs whose path contains a PART; --random: also N random ones, of seed S on; --quick: sim alone;
// --by: clang, the one of the machine that build.sh has too, instead of shipped, the compiler that users get.
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build, exec, run, sim, slot, threads, told } from '../lib/run.mjs';
import { TOGETHER, programs, randomPrograms } from './compared.mjs';

/** @typedef {import('./compared.mjs').Compared} Compared */

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
 * Of each stack the innermost frame, which is all that a whole program knows; of goroutines that were stopped none:
 * it knows where they called the runtime last, or nothing.
 */
const INNERMOST = '/^M=/{drop=/Reason="(preempted|wait for debug call)"/;print;next} drop{next} ' +
  '!/^\\t/{frames=0} ++frames<4';

/**
 * The first lines in which what two traces tell differs, addresses and ways up in a path aside; '' if none. Traces
 * may be too long for one string.
 * @param {string[]} traces
 */
async function difference(traces) {
  const same = 's/0x[0-9a-f]+/0x…/g;s#[^/[:space:]]+/[.][.]/##g';
  const dump = (/** @type {string} */ path) =>
    `<(set -o pipefail; node shell/cli.mjs dump '${path}' | awk '${INNERMOST}' | sed -E '${same}' || echo failed)`;
  const r = await exec('bash', ['-c',
    `cmp ${traces.map(dump).join(' ')} || diff ${traces.map(dump).join(' ')} | head -n 5`],
    { timeoutMs: 300_000 });
  return r.timedOut ? 'they take too long to compare' : `${r.stdout}${r.stderr}`;
}

/**
 * Compares one program.
 * @param {Compared} program
 * @param {{ quick?: boolean, by?: 'shipped' | 'clang' }} [options]
 * @returns {Promise<{ runs: number, different: string[] }>} runs each way; what differs
 */
export async function compare(program, { quick = false, by = 'clang' } = {}) {
  const { source, more, preempt, parts } = program;
  const ways = /** @type {const} */ (['build.sh', by]);
  const built = await Promise.all(ways.map((by) => build(source, 'emscripten', { more, preempt, by })));
  const ports = [sim(4), ...quick ? [] : parts ? [threads(2)] : [threads(1), threads(2), threads(4)]];
  const runs = program.runs.flatMap((args) => ports.map((port) => ({ args, port })));
  const found = await Promise.all(runs.map(({ args, port }, i) => compareRuns(program, built, port, args, i)));
  return { runs: runs.length, different: found.filter((what) => what !== '') };
}

/**
 * @param {Compared} program
 * @param {string[]} built as a whole, merged
 * @param {import('../lib/run.mjs').Port} port @param {string[]} args @param {number} number of this run
 * @returns {Promise<string>} what differs; '': nothing
 */
async function compareRuns({ source, byChance, debug }, built, port, args, number) {
  const isSim = port.mode === 'sim';
  const traces = isSim ? built.map((path) => `${path}.${number}.trace`) : [];
  const all = !isSim && source.startsWith('tests/unit/') ? [...args, '--parallel'] : args;
  const [a, b] = await Promise.all(built.map((path, i) =>
    slot(() => run(port, path, all, { trace: traces[i], timeoutMs: 120_000, debug }))));
  const differs = (/** @type {string} */ what) =>
    `${[source, ...args].join(' ')}, ${port.name}: ${what}\n--- whole\n${told(a)}\n--- merged\n${told(b)}`;
  if (a.timedOut) return differs('does not end');
  if (a.exitCode !== b.exitCode) return differs('exit codes differ');
  if (!isSim && byChance) return '';
  if (plain(a.stdout) !== plain(b.stdout)) return differs('what they print differs');
  if (!isSim) return '';
  const [whole, merged] = last(a.stderr, b.stderr);
  if (whole !== merged) return differs('what they print to stderr differs');
  const found = await slot(() => difference(traces));
  if (found) return differs(`traces differ: ${traces.join(' ')}\n${found}`);
  for (const path of traces) rmSync(path);
  return '';
}

/** @param {string[]} argv */
async function main(argv) {
  const text = { type: /** @type {const} */ ('string') };
  const { values: o, positionals: parts } = parseArgs({ args: argv, allowPositionals: true, options: {
    quick: { type: 'boolean' }, random: { ...text, default: '0' }, seed: { ...text, default: '1' },
    by: { ...text, default: 'shipped' } } });
  const [n, seed] = [Number(o.random), Number(o.seed)];
  if (!Number.isSafeInteger(n) || n < 0 || !Number.isSafeInteger(seed) || !['shipped', 'clang'].includes(o.by)) {
    console.error('both [--quick] [--random=N] [--seed=S] [--by=shipped|clang] [PART…]: N and S are numbers');
    return 2;
  }
  const by = /** @type {'shipped' | 'clang'} */ (o.by);
  const all = [...programs().filter((p) => parts.length === 0 || parts.some((part) => p.source.includes(part))),
    ...randomPrograms(n, seed)];
  const count = { builds: 0, kinds: 0, random: 0, runs: 0, different: 0 };
  const one = async (/** @type {Compared} */ program) => {
    const { runs, different } = await compare(program, { quick: o.quick, by }).catch((e) =>
      ({ runs: 0, different: [`${program.source}: ${e instanceof Error ? e.message : e}`] }));
    count.builds++;
    count.runs += runs;
    count.different += different.length;
    if (program.parts) count[program.parts] += program.runs.length;
    console.log(different.length ? `DIFFERS ${different.join('\nDIFFERS ')}`
      : `same  ${program.source}: ${runs} runs`);
  };
  // Two at a time: while one is built the other runs.
  const worker = async () => { for (let p; (p = all.shift());) await one(p); };
  await Promise.all([worker(), worker()]);
  const { builds, kinds, random, runs, different } = count;
  const files = Math.ceil(n / TOGETHER);
  console.log(`${builds - files} programs of the tests and demos, in some of which arguments choose among ${kinds}; ` +
    `${random} random programs in ${files} files: ${builds} builds each way, ${runs} runs each way, ` +
    `${different} different`);
  return different ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await main(process.argv.slice(2));
