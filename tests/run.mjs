// Runs the test files: `node tests/run.mjs [PART…]`, every tests/**/*.test.mjs or those whose path
// contains one of the PARTs.
//
// What drives a browser runs after the others, and what measures time runs last and alone: side by side on two cores
// they would judge each other's load. Node's own runner does the rest (`node --test`); this only finds and orders the
// files, because Node 20 knows no globs here and Node 22 no folders.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm's programs stand first in PATH, among them another wasm-dis; the tests want the system's.
const isNpms = (/** @type {string} */ folder) => /[\\/]node_modules[\\/]\.bin$/.test(folder);
process.env.PATH = process.env.PATH?.split(delimiter).filter((d) => !isNpms(d)).join(delimiter);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const BROWSER = ['tests/page/'];
const ALONE = ['tests/page/latency', 'tests/page/settle', 'tests/bench/'];
const LONG = ['tests/abi/', 'tests/build/command', 'tests/build/property', 'tests/check/', 'tests/cli/cli',
  'tests/conformance/', 'tests/export/go', 'tests/host/settle', 'tests/passes/build', 'tests/passes/lines'];
const LONG_PAGES = ['demo', 'playground.', 'live', 'access', 'viewer.', 'playground-run', 'tables', 'behave']
  .map((name) => `tests/page/${name}`);

/** @param {string} dir @returns {string[]} paths of test files below dir, sorted */
function find(dir) {
  return readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => {
    const path = join(dir, e.name);
    if (e.name === 'node_modules') return [];
    return e.isDirectory() ? find(path) : e.name.endsWith('.test.mjs') ? [relative(root, path)] : [];
  });
}

/** @param {string[]} files @param {number} concurrency @returns {Promise<number>} exit code */
function runFiles(files, concurrency) {
  if (files.length === 0) return Promise.resolve(0);
  const args = ['--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`, '--test-timeout=600000',
    ...files];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const parts = process.argv.slice(2);
const files = find(join(root, 'tests')).filter((f) => parts.length === 0 || parts.some((p) => f.includes(p)));
if (files.length === 0) {
  console.error(`tests: no test file's path contains ${parts.join(' or ')}`);
  process.exit(1);
}
/** @param {string[]} starts @returns {(file: string) => boolean} */
const below = (starts) => (file) => starts.some((s) => file.startsWith(s));
const alone = files.filter(below(ALONE));
const browser = files.filter(below(BROWSER)).filter((f) => !alone.includes(f));
const others = files.filter((f) => !alone.includes(f) && !browser.includes(f));
// Three at a time: while one waits, for a program or a timer, two compute. Most long ones have late names; the rest of
// them stand first too, so that none is alone at the end.
others.reverse().sort((a, b) => Number(below(LONG)(b)) - Number(below(LONG)(a)));
// A page waits for its browser's processes as often as it computes.
browser.sort((a, b) => Number(below(LONG_PAGES)(b)) - Number(below(LONG_PAGES)(a)));
const codes = [await runFiles(others, 3), await runFiles(browser, 3), await runFiles(alone, 1)];
process.exit(codes.every((c) => c === 0) ? 0 : 1);
