// How much of what a program has dropped a conservative collector still holds, beside Go's, which knows each pointer:
//
//     node tests/heap/beside-go.mjs [ROUNDS]     500 unless given; 3000 take five minutes and more each
//
// drops/drops.c, natively (2 Ps) and in wasm with 2 workers, and drops/drops.go hold the same things step for step and
// say after each round what is live. Go: GOROSCOPE_GO, else the one on PATH.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OUT, ROOT, build, exec, native, run, threads } from '../lib/run.mjs';

const n = Number(process.argv[2] ?? 500);
if (!(Number.isSafeInteger(n) && n > 0)) {
  console.error(`beside-go: ${process.argv[2]}: give the number of rounds, such as 500`);
  process.exit(1);
}
const folder = join(OUT, 'drops');
mkdirSync(folder, { recursive: true });
const go = process.env.GOROSCOPE_GO || 'go';
try {
  execFileSync(go, ['build', '-o', join(folder, 'drops-go'), join(ROOT, 'tests/heap/drops/drops.go')],
    { env: { ...process.env, GOTOOLCHAIN: 'local' }, stdio: ['ignore', 'ignore', 'pipe'] });
} catch (error) {
  console.error(`beside-go: ${go} cannot build drops.go: ${error}`);
  process.exit(1);
}

/**
 * Bytes live after each round.
 * @param {string} name @param {Awaited<ReturnType<typeof exec>>} r @returns {number[]}
 */
function rounds(name, r) {
  if (r.exitCode !== 0) throw new Error(`${name}: exit code ${r.exitCode}\n${r.stdout}${r.stderr}`);
  return r.stdout.trim().split('\n').map(Number);
}

const timeoutMs = 3_600_000, args = [String(n)];
const goes = rounds('Go', await exec(join(folder, 'drops-go'), args, { timeoutMs, env: { GOMAXPROCS: '2' } }));
const mb = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
for (const port of [native(2), threads(2)]) {
  const ours = rounds(port.name,
    await run(port, await build('tests/heap/drops/drops.c', port.target), args, { timeoutMs }));
  const ratios = ours.map((bytes, i) => bytes / goes[i]);
  const worst = ratios.indexOf(Math.max(...ratios)), sorted = [...ratios].sort((a, b) => a - b);
  const quarter = Math.ceil(n / 4);
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, x) => sum + x, 0) / list.length;
  console.log(`${port.name}: live beside Go's, ${n} rounds: median ${
    sorted[n >> 1].toFixed(2)}, most ${ratios[worst].toFixed(2)} (${mb(ours[worst])} MB to ${
    mb(goes[worst])}); first quarter ${mean(ratios.slice(0, quarter)).toFixed(2)}, last ${
    mean(ratios.slice(-quarter)).toFixed(2)}`);
}
