// peers.mjs: Go beside us in the benchmark table: finds it, builds tests/bench/go with it, runs that natively and
// as Go's own wasm.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OUT, ROOT, exec, told } from '../lib/run.mjs';

const SOURCES = join(ROOT, 'tests/bench/go');
const FOLDER = join(OUT, 'bench');

/** @typedef {import('./rows.mjs').Fields} Fields */
/** @typedef {import('./rows.mjs').Run} Run */
/**
 * @typedef {{ version: string, programs: Map<'go' | 'js', string[]> }} Go programs: the command for each, without
 * arguments
 */

/**
 * The Go named by GOROSCOPE_GO, else the one on PATH, with its programs built; null: none is installed.
 * @returns {Go | null}
 */
export function buildGo() {
  const go = process.env.GOROSCOPE_GO || 'go';
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };
  const ask = (/** @type {string} */ what) => execFileSync(go, ['env', what], { env, encoding: 'utf8' }).trim();
  let version;
  try {
    version = ask('GOVERSION');
  } catch (e) {
    if (process.env.GOROSCOPE_GO) throw new Error(`GOROSCOPE_GO=${go} does not run: ${e}`);
    return null;
  }
  mkdirSync(FOLDER, { recursive: true });
  const make = (/** @type {string} */ out, /** @type {Record<string, string>} */ target) => {
    const path = join(FOLDER, out);
    execFileSync(go, ['build', '-trimpath', '-o', path, '.'],
      { cwd: SOURCES, env: { ...env, ...target }, stdio: ['ignore', 'inherit', 'inherit'] });
    return path;
  };
  /** @type {Go['programs']} */
  const programs = new Map([['go', [make('go-bench', {})]]]);
  const host = join(ask('GOROOT'), 'lib/wasm/wasm_exec_node.js');
  if (existsSync(host)) programs.set('js',
    [process.execPath, host, make('go-bench.wasm', { GOOS: 'js', GOARCH: 'wasm' })]);
  return { version, programs };
}

/**
 * @param {string[]} command of Go.programs
 * @param {Run} run @param {number} n
 * @returns {Promise<Fields>}
 */
export async function runGo([command, ...before], run, n) {
  const env = { GOMAXPROCS: String(run.procs), BENCH_TRACE: run.trace ? '1' : '' };
  const r = await exec(command, [...before, run.program, String(n)], { env, timeoutMs: 300_000 });
  if (r.exitCode !== 0) throw new Error(`Go's ${run.id}: ${told(r)}`);
  return JSON.parse(r.stdout);
}
