// Traces begun and ended in the middle of every program of tests/: `node tests/traces/anew.mjs N [--only PART]`, also
// `npm run anew -- N`. N runs, natively with threads and simulated in turn; every second loses generations at random
// besides (loss.mjs). Each trace, and each snapshot of one, must be one that Go and we accept.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { goIsAsked, goJudges, weJudge } from '../lib/oracle.mjs';
import { OUT, exec, slot } from '../lib/run.mjs';
import { buildWith, subjects } from './loss.mjs';

/** @typedef {import('./loss.mjs').Subject} Subject */

/**
 * @typedef {object} Seen
 * @property {number} runs
 * @property {number} traces
 * @property {number} snapshots of them
 * @property {number} go how many of them Go has judged
 * @property {string[]} rejected each with what repeats it
 */

/**
 * One run, and all its traces judged.
 * @param {Subject} s @param {number} n @param {string} dir @param {Seen} seen @param {'native' | 'native-tsan'} target
 */
async function once(s, n, dir, seen, target) {
  const path = await buildWith(s, target, 'anew.h'), file = join(dir, `${n}.trace`);
  const sim = target === 'native' && n % 4 >= 2;
  /** @type {Record<string, string>} */
  const env = {
    GOROSCOPE_PROCS: String(1 + n % 5), GOROSCOPE_TRACE: file, GOROSCOPE_TRACE_BEGIN: 'asked',
    GRDEBUG: `${s.debug ?? ''}${n % 2 ? `traceloss=${n}` : ''}`,
    ...sim ? { GOROSCOPE_MODE: 'sim', GOROSCOPE_CLOCK: 'virtual', GOROSCOPE_SEED: String(n) } : {},
    TSAN_OPTIONS: 'halt_on_error=1:exitcode=66:atexit_sleep_ms=50',
  };
  const what = `${s.source} ${s.args.join(' ')}, ${Object.entries(env).map(([k, v]) => `${k}=${v}`).join(' ')}`;
  const r = await slot(() => exec(path, s.args, { env, timeoutMs: 60_000 }));
  if (r.exitCode === 66 || r.exitCode === 99) seen.rejected.push(`${what}\n${r.stderr}`);
  seen.runs++;
  for (const name of readdirSync(dir).filter((f) => f.startsWith(`${n}.trace`))) {
    const trace = join(dir, name);
    if (name.includes('.part-')) { // the program ended before it was whole
      rmSync(trace);
      continue;
    }
    const [go, we] = await Promise.all([goJudges(trace), weJudge(trace)]);
    if (name.includes('.snapshot-')) seen.snapshots++;
    else seen.traces++;
    seen.go += +goIsAsked();
    if (go || we) seen.rejected.push(`${what}\n${go ?? ''}\n${we ?? ''}`);
    else rmSync(trace);
  }
}

/**
 * @param {number} count of runs
 * @param {{ only?: string, from?: number, target?: 'native' | 'native-tsan', say?: (line: string) => void }} [options]
 * @returns {Promise<Seen>}
 */
export async function beginAndEnd(count, { only = '', from = 1, target = 'native', say = () => {} } = {}) {
  // anew.h is put before each source: programs of one.
  const all = subjects().filter((s) => !s.more && `${s.source} ${s.args[0] ?? ''}`.includes(only));
  /** @type {Seen} */ const seen = { runs: 0, traces: 0, snapshots: 0, go: 0, rejected: [] };
  const dir = join(OUT, `anew-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  for (let n = from; n < from + count;) {
    const due = all.slice(0, from + count - n);
    await Promise.all(due.map((s, i) =>
      once(s, n + i, dir, seen, target).catch((e) => { seen.rejected.push(String(e)); })));
    n += due.length;
    say(summary(seen));
  }
  if (seen.rejected.length === 0) rmSync(dir, { recursive: true, force: true });
  return seen;
}

/** @param {Seen} s */
export const summary = (s) =>
  `anew: ${s.runs} runs, ${s.traces} traces begun and ended, ${s.snapshots} snapshots, ${s.go} judged by Go, ${
    s.rejected.length} rejected`;

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true,
    options: { only: { type: 'string' }, from: { type: 'string' }, tsan: { type: 'boolean' } } });
  const count = Number(positionals[0] ?? 1000), from = Number(values.from ?? 1);
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(from) && from > 0)) {
    console.error(`anew: give the number of runs, such as 1000, not "${positionals[0]}"`);
    process.exit(1);
  }
  goIsAsked();
  const target = values.tsan ? 'native-tsan' : 'native';
  const seen = await beginAndEnd(count, { only: values.only, from, target, say: console.log });
  for (const r of seen.rejected) console.log(r);
  process.exitCode = seen.rejected.length ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
