// All schedules of the small cases in tests/sim/explore, with native builds (runtime/check/explorer.c says how):
// `node tests/sim/explore.mjs [--how all|N|all+ms|N+ms] [--procs N] [--limit N] [PART…]`, PART of "program case".
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, build, exec, slot } from '../lib/run.mjs';

/**
 * A case and the outcomes it may have.
 * @typedef {object} Case
 * @property {string} source of its program
 * @property {string} program path of its native build
 * @property {string} name
 * @property {string[]} allowed sorted
 */

/**
 * What was seen of a case.
 * @typedef {object} Explored
 * @property {number} schedules
 * @property {boolean} complete
 * @property {{ text: string, code: number, runs: number, choices: string }[]} outcomes
 * @property {string[]} wrong what is not as it should be; empty: nothing
 */

/** The programs, relative to the root. */
export const EXPLORED = readdirSync(join(ROOT, 'tests/sim/explore')).filter((f) => f.endsWith('.c')).sort()
  .map((f) => `tests/sim/explore/${f}`);

/** @param {string} source @param {string} [program] a build of it other than the usual @returns {Promise<Case[]>} */
export async function casesOf(source, program) {
  program ??= await build(source, 'native-check');
  const { stdout } = await exec(program, []);
  return stdout.trimEnd().split('\n').map((line) => {
    const [name, allowed] = line.split('\t');
    return { source, program, name, allowed: allowed.split('; ').sort() };
  });
}

/**
 * Goes through the schedules of a case. More Ps than goroutines: then each can always go on.
 * @param {Case} c @param {{ how?: string, procs?: number, limit?: number, timeoutMs?: number }} [options]
 * @returns {Promise<Explored>}
 */
export async function explore(c, { how = 'all', procs = 6, limit = 20_000_000, timeoutMs = 600_000 } = {}) {
  const env = { GOROSCOPE_EXPLORE: how, GOROSCOPE_PROCS: String(procs) };
  const again = Object.entries(env).map(([k, v]) => `${k}=${v}`).join(' ');
  const r = await slot(() => exec(c.program, [c.name], { env: { ...env, GOROSCOPE_LIMIT: String(limit) }, timeoutMs }));
  const head = /^(\d+) schedules, at most \d+ choices, (complete|given up)$/m.exec(r.stdout);
  if (!head) return {
    schedules: 0, complete: false, outcomes: [],
    wrong: [`${c.name}: exit code ${r.exitCode}: ${r.stdout}${r.stderr}`],
  };
  const outcomes = r.stdout.slice(head.index + head[0].length + 1).trimEnd().split('\n').map((line) => {
    const [runs, code, text, choices] = line.split('\t');
    return { runs: Number(runs), code: Number(code), text, choices };
  });
  const complete = head[2] === 'complete';
  const wrong = outcomes.filter((o) => !c.allowed.includes(o.text))
    .map((o) => `${c.name}: "${o.text}", exit code ${o.code}, must not happen: ` +
      `${again} GOROSCOPE_CHOICES=${o.choices} ${c.program} ${c.name}`);
  if (complete && how.startsWith('all'))
    wrong.push(...c.allowed.filter((text) => !outcomes.some((o) => o.text === text))
      .map((text) => `${c.name}: "${text}" is never seen`));
  return { schedules: Number(head[1]), complete, outcomes, wrong };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      how: { type: 'string', default: 'all' }, procs: { type: 'string', default: '6' },
      limit: { type: 'string', default: '2000000' },
    },
  });
  let schedules = 0, failures = 0;
  const start = performance.now();
  for (const source of EXPLORED) {
    for (const c of await casesOf(source)) {
      const title = `${basename(source, '.c')} ${c.name}`;
      if (positionals.length && !positionals.some((p) => title.includes(p))) continue;
      const r = await explore(c, {
        how: values.how, procs: Number(values.procs), limit: Number(values.limit), timeoutMs: 3_600_000,
      });
      schedules += r.schedules;
      console.log(`${title}: ${r.schedules} schedules${r.complete ? '' : ', not all'}: ${r.outcomes
        .map((o) => `${o.runs} x "${o.text}"`).join(', ')}`);
      for (const w of r.wrong) console.error(`  ${w}`);
      if (r.wrong.length) failures++;
    }
  }
  const s = (performance.now() - start) / 1000;
  console.log(
    `${schedules} schedules, ${failures} failures, ${Math.round(s)} s, ${Math.round(schedules / s)} schedules/s`);
  process.exitCode = failures ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
