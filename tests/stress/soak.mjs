// npm run soak -- MINUTES: the stress programs natively under TSan and under ASan + UBSan, with the runtime's own
// checks, for so long: with 1 to 8 Ps, a new seed each time, every third run traced and its trace judged. Ends at
// the first failure, with the command that repeats it.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { judge } from '../lib/oracle.mjs';
import { OUT, ROOT, exec, told } from '../lib/run.mjs';
import { ENV, programs } from './sanitized.mjs';

const minutes = Number(process.argv[2] ?? 60);
if (!(minutes > 0)) throw new Error('usage: npm run soak -- MINUTES');
const stress = programs('tests/stress');
const PS = [1, 2, 3, 4, 8];

for (const what of [[], ['native', 'tsan'], ['native', 'asan']]) {
  const r = await exec('bash', ['build.sh', ...what], { timeoutMs: 900_000 });
  if (r.exitCode !== 0) throw new Error(told(r));
}

mkdirSync(OUT, { recursive: true });
const begun = Date.now();
let runs = 0, judged = 0, failed = false;
let next = Math.floor(begun / 1000) % 1_000_000; // also the seed
process.stdout.write(`soak: ${minutes} minutes, seeds from ${next}\n`);

async function worker() {
  while (!failed && Date.now() - begun < minutes * 60_000) {
    const seed = next++;
    const target = seed % 2 ? 'native-tsan' : 'native-asan';
    const name = stress[(seed >> 1) % stress.length], procs = PS[seed % PS.length];
    const trace = seed % 3 ? null : join(OUT, `soak-${process.pid}-${seed}.trace`);
    const program = join(ROOT, 'build', target, 'stress', name), args = [trace ? '1' : '20', String(seed)];
    /** @type {Record<string, string>} */
    const env = { GOROSCOPE_PROCS: String(procs), ...(trace && { GOROSCOPE_TRACE: trace }) };
    const r = await exec(program, args, { timeoutMs: 1_200_000, env: { ...ENV, ...env } });
    let wrong = r.exitCode === 0 && /: ok \(0 broken\)$/m.test(r.stdout) ? null : told(r);
    if (!wrong && trace) {
      wrong = await judge(trace);
      judged++;
    }
    runs++;
    if (wrong) {
      failed = true;
      process.stdout.write(`soak: failed: ${
        Object.entries(env).map((e) => e.join('=')).join(' ')} ${program} ${args.join(' ')}\n${wrong}\n`);
    } else if (trace) {
      rmSync(trace, { force: true });
    }
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, worker));
process.stdout.write(`soak: ${runs} runs, ${judged} of them traced and judged, in ${
  ((Date.now() - begun) / 60_000).toFixed(1)} minutes: ${failed ? 'FAILED' : 'nothing found'}\n`);
process.exitCode = failed ? 1 : 0;
