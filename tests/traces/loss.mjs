// Generations lost on command in every program of tests/: `node tests/traces/loss.mjs N [--only PART]`, also `npm
// run loss -- N`. The ring loses them at random, in rows of 1 to 5 (GRDEBUG=traceloss=SEED, runtime/trace/loss.c);
// each program runs as it is and with the number of Ps changing all the time (resize.h), on the ports in turn.
// Whatever is left must be a trace that Go and we accept.
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { goIsAsked, goJudges, weJudge } from '../lib/oracle.mjs';
import { OUT, ROOT, build, exec, run, sim, slot, threads, wasi } from '../lib/run.mjs';
import { PROGRAMS } from '../sim/seeds.mjs';

/**
 * @typedef {object} Subject
 * @property {string} source
 * @property {string[]} args
 * @property {string[]} [more] sources it is linked with
 * @property {number} every one round in so many: its traces are long
 * @property {boolean} [everywhere] on all ports; the others natively only, since building for wasm takes long
 * @property {string} [debug] other settings of GRDEBUG
 */

/** How programs end otherwise. @type {[string, string[]][]} */
const ENDS = [
  ...['deadlock-everybody', 'deadlock-main-left', 'panic-in-goroutine', 'panic-in-sequence', 'deadlock-in-sequence']
    .map((name) => /** @type {[string, string[]]} */ (['tests/programs/failures.c', [name]])),
  ['tests/programs/exitcode.c', ['41', 'exit']],
];

const GOKER = 'tests/goker/all.c';

/** Those of goker's folder. @returns {Subject[]} */
function goker() {
  const dir = join(ROOT, 'tests/goker');
  const more = readdirSync(dir).filter((f) => f.endsWith('.c') && f !== 'all.c').sort().map((f) => `tests/goker/${f}`);
  const names = readFileSync(join(dir, 'expected.txt'), 'utf8').split('\n').filter((l) => l && !/^[ #]/.test(l))
    .map((l) => l.split(' ')[0]);
  return names.map((name) => ({ source: GOKER, more, args: [name], every: 4, debug: 'leaks=1,' }));
}

/** @returns {Subject[]} */
export const subjects = () => [
  { source: 'tests/programs/chatter.c', args: ['4', '2'], every: 1, everywhere: true },
  { source: 'tests/traces/said.c', args: [], every: 1 },
  ...PROGRAMS.map(({ source, args, every }) => ({ source, args, every: every > 200 ? 16 : every > 3 ? 2 : 1 })),
  ...ENDS.map(([source, args]) => ({ source, args, every: 2 })),
  ...goker(),
];

/** @type {Map<string, Promise<string>>} */
const built = new Map();

/**
 * The program with a header of this folder before its text.
 * @param {Subject} s @param {import('../lib/run.mjs').Target} target @param {string} header
 * @returns {Promise<string>}
 */
export function buildWith(s, target, header) {
  const folder = join(OUT, basename(header, '.h'));
  const out = join(folder, `${s.source.replaceAll('/', '_').slice(0, -2)}.${target}`);
  let p = built.get(out);
  if (!p) {
    mkdirSync(folder, { recursive: true });
    const command = ['build.sh', 'program', target, out, s.source, ...s.more ?? [], `-includetests/traces/${header}`];
    p = slot(() => exec('bash', command, { timeoutMs: 300_000 })).then((r) => {
      if (r.exitCode !== 0) throw new Error(`${s.source} does not build: ${r.stderr}`);
      return out;
    });
    built.set(out, p);
  }
  return p;
}

/**
 * The ports in turn.
 * @param {number} n @param {boolean} everywhere @returns {import('../lib/run.mjs').Port & { chaos?: boolean }}
 */
function portOf(n, everywhere) {
  const procs = 1 + n % 7;
  if (everywhere && n % 5 === 1) return threads(1 + n % 4);
  if (everywhere && n % 5 === 2) return sim(procs, n);
  if (everywhere && n % 5 === 3) return wasi(procs);
  const chaos = n % 4 === 0;
  if (n % 2) return { name: `native, ${procs} P`, target: 'native', mode: 'threads', procs };
  return { name: `native sim, ${procs} P, seed ${n}`, target: chaos ? 'native-check' : 'native', mode: 'sim',
    clock: 'virtual', procs, seed: n, chaos };
}

/**
 * @typedef {object} Seen
 * @property {number} traces
 * @property {number} go how many of them Go has judged
 * @property {number} resizing with the number of Ps changing
 * @property {number} lost generations in all; of runs whose end told of them, as almost all do
 * @property {number} kept
 * @property {number} bytes
 * @property {number} killed ran into the time limit; what there was of the trace was judged
 * @property {string[]} rejected each with what repeats it
 */

/** Judges one run. @param {Subject} s @param {number} n @param {string} dir @param {Seen} seen */
async function once(s, n, dir, seen) {
  const port = portOf(n, s.everywhere ?? false);
  const resizing = n % 3 === 0 && !s.more && port.target.startsWith('native');
  const file = join(dir, `${n}.trace`);
  const path = await (resizing ? buildWith(s, port.target, 'resize.h')
    : build(s.source, port.target, { more: s.more }));
  const debug = `${s.debug ?? ''}traceloss=${n}`;
  const r = await slot(() => (port.chaos
    ? exec(path, s.args, { env: { GOROSCOPE_SEEDS: `${n}..${n}`, GOROSCOPE_TRACE: file, GRDEBUG: debug },
      timeoutMs: 60_000 })
    : run(port, path, s.args, { trace: file, debug, timeoutMs: 60_000 })));
  seen.traces++;
  seen.resizing += +resizing;
  seen.killed += +r.timedOut;
  const [go, we] = await Promise.all([goJudges(file), weJudge(file)]);
  seen.go += +goIsAsked();
  const text = readFileSync(file);
  seen.bytes += text.length;
  const [, lost, kept] = /^traceloss: (\d+) generations lost, (\d+) kept$/m.exec(r.stderr) ?? [0, 0, 0];
  seen.lost += Number(lost);
  seen.kept += Number(kept);
  if (go || we) seen.rejected.push(`${s.source} ${s.args.join(' ')}, ${port.name}${
    resizing ? ', resizing' : ''}, ${debug}\n${go ?? ''}\n${we ?? ''}`);
  else rmSync(file);
}

/**
 * @param {number} count of traces
 * @param {{ only?: string, from?: number, say?: (line: string) => void }} [options]
 * @returns {Promise<Seen>}
 */
export async function loseInAll(count, { only = '', from = 1, say = () => {} } = {}) {
  const all = subjects().filter((s) => `${s.source} ${s.args[0] ?? ''}`.includes(only));
  /** @type {Seen} */
  const seen = { traces: 0, go: 0, resizing: 0, lost: 0, kept: 0, bytes: 0, killed: 0, rejected: [] };
  const dir = join(OUT, `loss-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  let n = from;
  const end = from + count;
  for (let round = 0; n < end; round++) {
    const due = all.filter((s, i) => (round + i) % s.every === 0).slice(0, end - n);
    await Promise.all(due.map((s, i) => once(s, n + i, dir, seen).catch((e) => { seen.rejected.push(String(e)); })));
    n += due.length;
    say(`${summary(seen)}${seen.rejected.length ? `\n${seen.rejected.at(-1)}` : ''}`);
  }
  if (seen.rejected.length === 0) rmSync(dir, { recursive: true, force: true });
  return seen;
}

/** @param {Seen} s */
export const summary = (s) =>
  `loss: ${s.traces} traces (${s.resizing} with GOMAXPROCS changing, ${s.lost} generations lost, `
  + `${s.kept} kept, ${Math.round(s.bytes / 1e6)} MB, ${s.killed} cut off), `
  + `${s.go} judged by Go, ${s.rejected.length} rejected`;

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true,
    options: { only: { type: 'string' }, from: { type: 'string' } } });
  const count = Number(positionals[0] ?? 2000), from = Number(values.from ?? 1);
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(from) && from > 0)) {
    console.error(`loss: give the number of traces, such as 2000, not "${positionals[0]}"`);
    process.exit(1);
  }
  goIsAsked();
  const seen = await loseInAll(count, { only: values.only, from, say: console.log });
  for (const r of seen.rejected) console.log(r);
  process.exitCode = seen.rejected.length ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
