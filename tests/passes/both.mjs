// Builds programs both ways, merged (wasm/passes/build.mjs) and as a whole (build.sh), and compares: output and exit code
// with threads and in sim, and in sim with the virtual clock the trace, addresses of sites aside.
//
//     node tests/passes/both.mjs [--quick] [PART…]      programs whose path contains a PART; --quick: sim alone
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, build, exec, run, sim, slot, threads } from '../lib/run.mjs';
import { buildMerged } from './merged.mjs';

const FOLDERS = ['tests/unit', 'tests/programs', 'tests/conformance', 'shell/demos'];

/** Programs that are not compared so, with the reason. @type {{ [path: string]: string }} */
export const NOT_COMPARED = {};
/** What differs from run to run with threads, so that only sim is compared. @type {RegExp} */
const BY_CHANCE = /tests\/programs\/|shell\/demos\//;

/** All programs, by path. */
export const programs = () => FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder))
  .filter((f) => f.endsWith('.c')).map((f) => `${folder}/${f}`)).filter((p) => !(p in NOT_COMPARED)).sort();

/** Text without addresses. @param {string} text */
const plain = (text) => text.replace(/0x[0-9a-f]+/g, '0x…');

/**
 * What a trace tells, line by line.
 * @param {string} path
 */
async function dumped(path) {
  const r = await exec(process.execPath, ['shell/cli.mjs', 'dump', path], { timeoutMs: 120_000 });
  if (r.exitCode !== 0) throw new Error(`dump ${path}: ${r.stderr}`);
  return plain(r.stdout);
}

/**
 * Compares one program. Fails with what differs.
 * @param {string} source
 * @param {{ quick?: boolean }} [options]
 * @returns {Promise<string>} what was compared
 */
export async function compare(source, { quick = false } = {}) {
  const [whole, { path: merged, steps }] = await Promise.all([build(source, 'emscripten'), buildMerged([source])]);
  const ports = [sim(4), ...quick ? [] : [threads(1), threads(2), threads(4)]];
  for (const port of ports) {
    const isSim = port.mode === 'sim', args = !isSim && source.startsWith('tests/unit/') ? ['--parallel'] : [];
    const traces = isSim ? [`${merged}.whole.trace`, `${merged}.trace`] : [];
    const results = [];
    for (const [i, program] of [whole, merged].entries()) {
      results.push(await slot(() => run(port, program, args, { trace: traces[i], timeoutMs: 60_000 })));
    }
    const [a, b] = results;
    const where = `${source}, ${port.name}`;
    if (a.exitCode !== b.exitCode || a.timedOut !== b.timedOut) throw new Error(`${where}: exit code ${a.exitCode} as a whole, ${b.exitCode} merged\n${b.stdout}${b.stderr}`);
    if (isSim || !BY_CHANCE.test(source)) {
      if (plain(a.stdout) !== plain(b.stdout) || (isSim && plain(a.stderr) !== plain(b.stderr))) {
        throw new Error(`${where}: output differs\n--- whole\n${a.stdout}${a.stderr}--- merged\n${b.stdout}${b.stderr}`);
      }
    }
    if (isSim && !a.timedOut) {
      const [x, y] = await Promise.all(traces.map(dumped));
      if (x !== y) {
        const [p, q] = [x.split('\n'), y.split('\n')], line = p.findIndex((l, i) => l !== q[i]);
        throw new Error(`${where}: traces differ in line ${line + 1}\nwhole:  ${p[line]}\nmerged: ${q[line]}`);
      }
    }
  }
  return `${ports.length} ports; ${steps.map((s) => `${s.name} ${s.ms.toFixed(0)}`).join(' ')} ms`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2), parts = args.filter((a) => !a.startsWith('--')), quick = args.includes('--quick');
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
