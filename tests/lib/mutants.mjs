// mutants.mjs: a program with one mistake in the runtime, and a list of such mistakes gone through by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ALL, LONG, ROOT, exec, slot } from './run.mjs';

/**
 * @typedef {object} Mistake
 * @property {string} name what is wrong
 * @property {string} file of the runtime
 * @property {string} from stands there once
 * @property {string} to
 */

/**
 * The program, natively and with checks, with the mistake.
 * @param {Mistake} m @param {string} source of the program @param {string} dir for what is built
 * @param {number} i no other mistake's @param {string[]} [options] of build.sh @returns {Promise<string>}
 */
export async function buildMutant(m, source, dir, i, options = []) {
  const text = readFileSync(join(ROOT, m.file), 'utf8');
  if (text.split(m.from).length !== 2) throw new Error(`${m.file} must hold once: ${m.from}`);
  const wrong = join(dir, `${i}.c`), out = join(dir, `${basename(source, '.c')}.${i}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(wrong, text.replace(m.from, () => m.to));
  const r = await slot(() => exec('bash', ['build.sh', 'program', 'native-check', out, source, wrong,
    `--without=${m.file}`, ...options], { timeoutMs: 300_000 }));
  if (r.exitCode !== 0) throw new Error(`${m.name} does not build:\n${r.stdout}${r.stderr}`);
  return out;
}

/**
 * Those that tests go through: with TESTS=long all, with TESTS=all the few, else every second of these.
 * @template {{ name: string }} M @param {M[]} mutants @param {string[]} few names of those
 * that `npm run test:all` has @returns {M[]}
 */
export function chosen(mutants, few) {
  const unknown = few.filter((name) => !mutants.some((m) => m.name === name));
  if (unknown.length) throw new Error(`no mistake is called ${unknown.join(', ')}`);
  return LONG ? mutants : mutants.filter(({ name }) => few.includes(name)).filter((_, i) => ALL || i % 2 === 0);
}

/**
 * Tells how each is seen, or those whose name or file has one of the command line's words. Exit code 1: one is not.
 * @template {Mistake & { by: string }} M
 * @param {M[]} mutants @param {(m: M) => Promise<{ runs: number, what: string } | null>} seen
 * @param {(what: string) => string} [show] what was seen, in short
 */
export async function tellMutants(mutants, seen,
  show = (what) => what.split('\n').slice(0, 2).join('\n  ').slice(0, 400)) {
  const parts = process.argv.slice(2);
  let unseen = 0;
  for (const m of mutants) {
    if (parts.length && !parts.some((p) => m.name.includes(p) || m.file.includes(p))) continue;
    const s = await seen(m);
    console.log(`${m.name} (${m.file}): ${s ? `seen after ${s.runs} runs of ${m.by}\n  ${show(s.what)}` : 'NOT SEEN'}`);
    if (!s) unseen++;
  }
  process.exitCode = unseen ? 1 : 0;
}
