// Go's judgement of traces, and ours. Go's comes from the program named in GOROSCOPE_ORACLE (`validate FILE`),
// else from an installed Go (`go tool trace -d=parsed FILE`), 1.25 or later since our traces are of that version;
// else the tests say in one line that Go was not asked.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, exec, slot } from './run.mjs';

/** @typedef {Record<'command' | 'dump', (file: string) => [string, string[]]> & { name: string }} Judge */

/** @returns {Judge | { missing: string }} */
function findGo() {
  const oracle = process.env.GOROSCOPE_ORACLE;
  if (oracle) {
    return { name: `${oracle} validate`, command: (file) => [oracle, ['validate', file]],
      dump: (file) => [oracle, ['dump', file]] };
  }
  let version;
  try {
    version = execFileSync('go', ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return { missing: 'GOROSCOPE_ORACLE is not set and no go command is installed' };
  }
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > 1 || Number(minor) >= 25) {
    const dump = (/** @type {string} */ file) => /** @type {[string, string[]]} */ (
      ['go', ['tool', 'trace', '-d=parsed', file]]);
    return { name: 'go tool trace', command: dump, dump };
  }
  return { missing: `the installed ${version.trim()} is older than 1.25, the version of our traces` };
}

const go = findGo();
let said = false;

/** Whether Go judges here. Says once, in one line, when it does not. */
export function goIsAsked() {
  if ('command' in go) return true;
  if (!said) console.log(`Go was not asked: ${go.missing}`);
  said = true;
  return false;
}

/**
 * What Go says against a trace, or null if it accepts it (or was not asked).
 * @param {string} file
 * @returns {Promise<string | null>}
 */
export async function goJudges(file) {
  if (!goIsAsked() || !('command' in go)) return null;
  const [cmd, args] = go.command(file);
  const r = await slot(() => exec(cmd, args, { timeoutMs: 300_000 }));
  if (r.exitCode === 0) return null;
  const error = /"Error": "(.*)"/.exec(r.stdout)?.[1] ?? r.stderr.trim().split('\n').at(-1);
  return `${go.name} rejects ${file}: ${error}`;
}

/** @type {Promise<((path: string) => Promise<any>) | null> | undefined} */
let ours;

/**
 * What our own validator says against a trace, or null.
 * @param {string} file
 * @returns {Promise<string | null>}
 */
export async function weJudge(file) {
  const report = join(ROOT, 'viewer/trace/report.mjs');
  ours ??= existsSync(report) ? import(pathToFileURL(report).href).then((m) => m.check) : Promise.resolve(null);
  const validate = await ours;
  if (!validate) return null;
  try {
    const r = await validate(file);
    return r.ok ? null : `goroscope validate rejects ${file}: ${r.error}`;
  } catch (e) {
    return `goroscope validate rejects ${file}: ${e instanceof Error ? e.message : e}`;
  }
}

/**
 * Both judgements; null if both accept.
 * @param {string} file
 * @returns {Promise<string | null>}
 */
export async function judge(file) {
  const [a, b] = await Promise.all([goJudges(file), weJudge(file)]);
  return a || b ? [a, b].filter(Boolean).join('\n') : null;
}

/**
 * A trace's events as Go's own reader tells them (`go tool trace -d=parsed`), or null if Go is not asked.
 * @param {string} file @returns {Promise<string | null>}
 */
export async function goDumps(file) {
  if (!goIsAsked() || !('command' in go)) return null;
  const [cmd, args] = go.dump(file);
  const r = await slot(() => exec(cmd, args, { timeoutMs: 300_000 }));
  if (r.exitCode !== 0) throw new Error(`${go.name} does not dump ${file}: ${r.stderr.trim().split('\n').at(-1)}`);
  return r.stdout;
}
