// Runs the test files: `node tests/run.mjs [PART…]`, every tests/**/*.test.mjs or those whose path
// contains one of the PARTs.
//
// What drives a browser or measures time runs after the others, a file at a time: one page with its browser's
// processes computes on two cores by itself (two files side by side took 94 % of the time of one after the other,
// three 109 %), and they would judge each other's load. Node's own runner does the rest (`node --test`), in its own
// order; this only finds the files, because Node 20 knows no globs here and Node 22 no folders.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm's programs stand first in PATH, among them another wasm-dis; the tests want the system's.
const isNpms = (/** @type {string} */ folder) => /[\\/]node_modules[\\/]\.bin$/.test(folder);
process.env.PATH = process.env.PATH?.split(delimiter).filter((d) => !isNpms(d)).join(delimiter);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ALONE = ['tests/page/', 'tests/bench/'];

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
const isAlone = (/** @type {string} */ file) => ALONE.some((start) => file.startsWith(start));
// Three at a time: while one waits, for a program or a timer, two compute.
const codes = [await runFiles(files.filter((f) => !isAlone(f)), 3), await runFiles(files.filter(isAlone), 1)];
process.exit(codes.every((c) => c === 0) ? 0 : 1);
