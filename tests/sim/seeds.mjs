// Simulated runs by seed: `node tests/sim/seeds.mjs --seeds A..B` runs three demos with every seed from A to B, each with
// another number of Ps, virtual clock, and has every trace judged. It prints what failed with the command that repeats it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../../wasm/loader.mjs';
import { goIsAsked, goJudges, weJudge } from '../lib/oracle.mjs';
import { OUT, build } from '../lib/run.mjs';

const PROCS = [1, 2, 3, 4, 8, 16, 64];

/** What is run with each seed. */
export const PROGRAMS = [
  { name: 'sieve', args: ['40'] },
  { name: 'pipeline', args: ['200'] },
  { name: 'philosophers', args: ['5', '1'] },
  { name: 'coroutines', args: ['2', '100', '20'] },
  { name: 'syscalls', args: ['1', '20'] },
];

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/** @param {string} name of a demo */
export function moduleOf(name) {
  let m = modules.get(name);
  if (!m) {
    m = build(`shell/demos/${name}.c`, 'emscripten').then((path) => WebAssembly.compile(readFileSync(path)));
    modules.set(name, m);
  }
  return m;
}

/**
 * One simulated run with the virtual clock.
 * @param {string} name @param {string[]} args @param {number} seed @param {number} procs
 * @returns {Promise<{ exitCode: number, output: string, trace: Buffer }>}
 */
export async function simulate(name, args, seed, procs) {
  let output = '';
  /** @param {string} s */
  const say = (s) => void (output += s);
  const rt = await load(await moduleOf(name), {
    mode: 'sim', clock: 'virtual', procs, seed, args, stdout: say, stderr: say, trace: { mode: 'stream', ringBytes: 16 << 20 },
  });
  const trace = new Response(rt.trace.readable).arrayBuffer();
  const { exitCode } = await rt.run();
  return { exitCode, output, trace: Buffer.from(await trace) };
}

/**
 * Runs every program with every seed from..to. @returns {Promise<{ runs: number, failures: string[] }>}
 * @param {number} from @param {number} to @param {(done: number, of: number) => void} [progress]
 */
export async function runSeeds(from, to, progress) {
  const dir = join(OUT, `seeds-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  /** @type {string[]} */
  const failures = [];
  /** @type {Set<Promise<void>>} */
  const judging = new Set();
  let runs = 0;
  for (let seed = from; seed <= to; seed++) {
    for (const { name, args } of PROGRAMS) {
      const procs = PROCS[seed % PROCS.length];
      const again = `node shell/cli.mjs run ${name} --mode sim --clock virtual --procs ${procs} --seed ${seed} -- ${args.join(' ')}`;
      const { exitCode, output, trace } = await simulate(name, args, seed, procs);
      runs++;
      if (exitCode !== 0) failures.push(`${again}\n  exit code ${exitCode}: ${output.slice(-2000)}`);
      const file = join(dir, `${name}-${seed}.trace`);
      writeFileSync(file, trace);
      const job = Promise.all([goJudges(file), weJudge(file)]).then((errors) => {
        for (const e of errors) if (e) failures.push(`${again}\n  ${e}`);
        rmSync(file);
        judging.delete(job);
      });
      judging.add(job);
      if (judging.size >= 4) await Promise.race(judging);
      progress?.(runs, (to - from + 1) * PROGRAMS.length);
    }
  }
  await Promise.all(judging);
  rmSync(dir, { recursive: true, force: true });
  return { runs, failures };
}

async function main() {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1..1000' } } });
  const m = /^(\d+)\.\.(\d+)$/.exec(values.seeds);
  if (!m || Number(m[1]) > Number(m[2])) {
    console.error(`seeds: --seeds ${values.seeds}: give a range such as 1..1000`);
    process.exit(1);
  }
  goIsAsked();
  const start = Date.now();
  const { runs, failures } = await runSeeds(Number(m[1]), Number(m[2]), (done, of) => {
    if (done % 150 === 0) console.log(`${done} of ${of} runs`);
  });
  for (const f of failures) console.error(f);
  console.log(`seeds ${values.seeds}: ${runs} runs, ${failures.length} failures, ${Math.round((Date.now() - start) / 1000)} s`);
  process.exitCode = failures.length ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
