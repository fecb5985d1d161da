// Runs the test files: `node tests/run.mjs [PART…]`, every tests/**/*.test.mjs or those whose path
// contains one of the PARTs.
//
// What drives a browser or measures time runs after the others, a file at a time: one page with its browser's
// processes computes on two cores by itself (two files side by side took 94 % of the time of one after the other,
// three 109 %), and they would judge each other's load. Node's own runner does the rest (`node --test`), in its own
// order; this only finds the files, because Node 20 knows no globs here and Node 22 no folders.
//
// Files with a failure run once more, alone: what fails there too has failed. What does not is named at the end; such a
// test is a fault to mend, in itself or in what it tests, but no reason to take back a change. Tests that look for what
// happens rarely are not asked twice.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** So many files may run again: where more fail it is not for the machine's load. */
const AGAIN = 4;
/** What fails here once has failed. */
const ONCE = ['tests/stress/', 'tests/sim/', 'tests/goker/', 'tests/conformance/', 'tests/fuzz/', 'tests/model/'];

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-tests-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/**
 * @param {string[]} files @param {number} concurrency
 * @returns {Promise<{ isFine: boolean, failed: { file: string, name: string }[] | null }>} failed: tests; null: the
 *   runner did not come to its end
 */
async function runFiles(files, concurrency) {
  if (files.length === 0) return { isFine: true, failed: [] };
  const told = join(mkdtempSync(join(scratch, 'run-')), 'failed');
  const args = ['--test', '--test-reporter=spec', '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'tests/lib/failed.mjs')}`, `--test-reporter-destination=${told}`,
    `--test-concurrency=${concurrency}`, '--test-timeout=600000', ...files];
  const code = await new Promise((resolve) => {
    spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).on('close', resolve);
  });
  const lines = existsSync(told) ? readFileSync(told, 'utf8').split('\n').filter(Boolean) : [];
  if (lines.pop() !== 'end') return { isFine: false, failed: null };
  const failed = lines.map((line) => {
    const [file, name] = line.split('\t');
    return { file, name };
  });
  return { isFine: code === 0, failed };
}

const parts = process.argv.slice(2);
const files = find(join(root, 'tests')).filter((f) => parts.length === 0 || parts.some((p) => f.includes(p)));
if (files.length === 0) {
  console.error(`tests: no test file's path contains ${parts.join(' or ')}`);
  process.exit(1);
}
/** @param {string[]} starts @returns {(file: string) => boolean} */
const below = (starts) => (file) => starts.some((start) => file.startsWith(start));
const alone = files.filter(below(ALONE)), others = files.filter((file) => !alone.includes(file));
// Three at a time: while one waits, for a program or a timer, two compute.
const runs = [await runFiles(others, 3), await runFiles(alone, 1)];
if (runs.every(({ isFine }) => isFine)) process.exit(0);

const failed = runs.flatMap((run) => run.failed ?? []), again = [...new Set(failed.map(({ file }) => file))];
const isToldWhy = runs.every(({ isFine, failed }) => isFine || failed?.length);
if (!isToldWhy || again.length > AGAIN || again.some(below(ONCE))) process.exit(1);
console.log(`\ntests: again, alone: ${again.join(' ')}`);
const { isFine } = await runFiles(again, 1);
if (isFine) for (const { file, name } of failed) console.log(`tests: unsteady: ${file}: ${name}`);
process.exit(isFine ? 0 : 1);
