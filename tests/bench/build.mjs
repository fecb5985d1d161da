// How long building takes: npm run bench:build -- [--json] [NAME…]: the demos and a program of 2,000 lines, in a
// new process (cold), again from the cache, and in one that has built before (warm), step by step; beside it the
// whole program by the system's toolchain. NAME: of these programs only.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Builder } from '../../shell/cli/builder.mjs';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { FOLDERS } from '../../shell/cli/make.mjs';
import { gather } from '../../shell/cli/sources.mjs';
import { ROOT } from '../lib/run.mjs';
import { longProgram } from './long-program.mjs';

const WARM_UP = 3, WARM = 5;

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = scratch;

/** @typedef {{ name: string, ms: number }[]} Steps */

/**
 * @typedef {object} Row
 * @property {string} program
 * @property {number} lines
 * @property {number} coldMs a changed program in a new process: the whole command
 * @property {Steps} coldSteps
 * @property {number} cachedMs an unchanged one
 * @property {number} warmMs
 * @property {Steps} warmSteps
 * @property {number} withoutClangMs the warm build's steps after the compiler
 * @property {number | null} peakMB of the process that builds; null: not known on this system
 * @property {number | null} systemMs --toolchain=system; null: not there
 * @property {number} bytes
 */

const median = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const total = (/** @type {Steps} */ steps) => steps.reduce((sum, s) => sum + s.ms, 0);

/** @param {string} source @param {string[]} more @returns {number | null} the command's time; null: it fails */
function command(source, more) {
  const begun = performance.now();
  const args = [join(ROOT, 'shell/cli.mjs'), 'build', source, '-o', join(scratch, 'out.wasm'), ...more];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return performance.now() - begun;
  if (more.includes('--toolchain=system')) return null;
  throw new Error(`${source} does not build: ${stderr}`);
}

/** @param {Builder} builder @param {string} source @param {string} define makes it another program */
async function build(builder, source, define) {
  const { sources, files, roots } = gather([source], [], []);
  const begun = performance.now();
  const { wasm, steps, text } = await builder.build({
    from: { sources, files, roots }, compiler: { module: installedCompiler() ?? undefined },
    options: { optimize: 2, defines: [define], includes: [], warnings: [], preempt: false, check: false, color: false },
    folders: FOLDERS,
  }, () => {});
  if (!wasm) throw new Error(text);
  return { ms: performance.now() - begun, steps, bytes: wasm.length };
}

/** @param {string} source @returns {Promise<Row>} */
async function measure(source) {
  const coldMs = /** @type {number} */ (command(source, []));
  const cachedMs = median([1, 2, 3].map(() => /** @type {number} */ (command(source, []))));
  const builder = new Builder();
  const cold = await build(builder, source, 'BENCH=0');
  for (let i = 1; i < WARM_UP; i++) await build(builder, source, `BENCH=${i}`);
  /** @type {Awaited<ReturnType<typeof build>>[]} */
  const warm = [];
  for (let i = 0; i < WARM; i++) warm.push(await build(builder, source, `BENCH=${WARM_UP + i}`));
  const middle = warm.find((w) => w.ms === median(warm.map((x) => x.ms))) ?? warm[0];
  const peakMB = peak(builder.pid);
  builder.stop();
  return {
    program: basename(source, '.c'), lines: readFileSync(source, 'utf8').split('\n').length - 1, coldMs, cachedMs,
    coldSteps: cold.steps, warmMs: middle.ms, warmSteps: middle.steps,
    withoutClangMs: total(middle.steps.filter((s) => s.name !== 'compile')), peakMB,
    systemMs: command(source, ['--toolchain=system']), bytes: middle.bytes,
  };
}

/** @param {number | undefined} pid @returns {number | null} MB of memory at most */
function peak(pid) {
  try {
    const kB = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kB ? Math.round(Number(kB) / 1000) : null;
  } catch {
    return null;
  }
}

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const demos = join(ROOT, 'shell/demos');
const long = join(scratch, 'long.c');
writeFileSync(long, longProgram(2000));
const sources = [...readdirSync(demos).filter((f) => f.endsWith('.c')).map((f) => join(demos, f)), long]
  .filter((f) => wanted.length === 0 || wanted.includes(basename(f, '.c')));
/** @type {Row[]} */
const rows = [];
const asJson = process.argv.includes('--json');
const words = (/** @type {Steps} */ steps) => steps.map((s) => `${s.name} ${Math.round(s.ms)}`).join(', ');
if (!asJson) console.log('program        lines  cold  cached  warm  (without clang)  system   MB    ms');
for (const source of sources) {
  const r = await measure(source);
  rows.push(r);
  if (asJson) continue;
  const figures = [r.lines, r.coldMs, r.cachedMs, r.warmMs, r.withoutClangMs, r.systemMs ?? 0, r.peakMB ?? 0];
  console.log(r.program.padEnd(13), ...figures.map((n) => String(Math.round(n)).padStart(6)));
  console.log(`  cold: ${words(r.coldSteps)}\n  warm: ${words(r.warmSteps)}`);
}
const machine = { cores: availableParallelism(), load: loadavg()[0], node: process.version };
if (asJson) console.log(JSON.stringify({ ...machine, rows }, null, 2));
