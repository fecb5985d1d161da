// How the sources look: sizes of files and functions, a sentence at the top of each file, formatting, types. How they hang together
// is in layers.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { bareJs, files } from '../lib/arrows.mjs';
import { ROOT } from '../lib/run.mjs';

const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), 'utf8');

const FOLDERS = ['runtime', 'wasm', 'viewer', 'shell', 'tests'];
const c = FOLDERS.flatMap((f) => files(f, /\.[ch]$/));
const js = FOLDERS.flatMap((f) => files(f, /\.mjs$/));

// ---- layers; more of them: layers.test.mjs ----

test('viewer/trace and wasm know no DOM', () => {
  const wrong = js.filter((f) => /^(viewer\/trace|wasm)\//.test(f)).filter((f) => /\b(document|customElements|HTML\w*Element|requestAnimationFrame)\b/.test(bareJs(read(f))));
  assert.deepEqual(wrong, []);
});

test('viewer/view knows no custom element and no client', () => {
  const wrong = js.filter((f) => f.startsWith('viewer/view/')).filter((f) => /\b(customElements|HTMLElement|TraceClient)\b/.test(bareJs(read(f))));
  assert.deepEqual(wrong, []);
});

// ---- sizes and tops ----

test('no C file has more than 800 lines, no module more than 800', () => {
  const wrong = [...c, ...js].filter((f) => read(f).split('\n').length > 801);
  assert.deepEqual(wrong, []);
});

test('C functions stay short', () => {
  const LIMIT = 85; // aim: 70
  /** @type {string[]} */
  const wrong = [];
  for (const f of c.filter((path) => path.endsWith('.c'))) {
    let start = -1;
    read(f).split('\n').forEach((line, i) => {
      if (/^[a-zA-Z_].*\{$/.test(line) && !/^(typedef|struct|enum|union|static const|extern)\b.*(struct|enum|union|=|\[).*\{$/.test(line)) start = i;
      if (line === '}' && start >= 0) {
        if (i - start > LIMIT) wrong.push(`${f}:${start + 1}: ${i - start} lines`);
        start = -1;
      }
    });
  }
  assert.deepEqual(wrong, []);
});

test('every file says at its top what it is', () => {
  const wrong = [...c.filter((f) => !/^(\/\*[\s*]*[\w`]|\/\/ ?\w)/.test(read(f))), ...js.filter((f) => !/^(#!.*\n)?(\/\/|\/\*\*?) ?\S/.test(read(f)))];
  assert.deepEqual(wrong, []);
});

test('nothing is left to do', () => {
  const left = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
  assert.deepEqual([...c, ...js].filter((f) => left.test(read(f))), []);
});

// ---- lines and comments ----

const COLUMNS = 120;
/** Modules that still have longer lines. The list may only shrink: a module whose lines have become short leaves it. */
const LONG_LINES = new Set(read('tests/style/long-lines.txt').trim().split('\n'));

const sources = [
  ...c, ...js, 'build.sh', ...files('.ci', /./),
  ...FOLDERS.flatMap((f) => files(f, /\.(S|sh|js|d\.mts|inc)$/)),
].filter((f, i, all) => all.indexOf(f) === i);

test(`no line has more than ${COLUMNS} columns`, () => {
  const long = sources.filter((f) => read(f).split('\n').some((line) => [...line].length > COLUMNS));
  assert.deepEqual(long.filter((f) => !LONG_LINES.has(f)), [], `break their lines after ${COLUMNS - 4} characters`);
  assert.deepEqual([...LONG_LINES].filter((f) => !long.includes(f)), [], 'take these off the list');
});

/**
 * What the sources say in their comments about files and should not, each with where that is.
 * @param {RegExp} what a name of a file @param {(name: string, source: string) => boolean} ok
 */
function mentions(what, ok) {
  return sources.flatMap((f) => {
    const text = read(f);
    const mark = /\.([chS]|m?[jt]s)$/.test(f) ? /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$|(?<=^|\s)# .*$/gm : /(?<=^|\s)#.*$/gm;
    return [...text.matchAll(mark)].flatMap((comment) => [...comment[0].matchAll(what)]
      .filter(([name]) => !ok(name, f))
      .map((m) => `${f}:${text.slice(0, comment.index + m.index).split('\n').length}: ${m[0]}`));
  });
}

/** Go's, and others' files; and names that stand for any, in capitals. @param {string} path */
const isTheirs = (path) => /\.go$|(^|\/)[A-Z]+\.\w+$/.test(path)
  || ['runtime/pprof', 'ltests.c', 'prog.c', 'pthread.h', 'threads.h'].includes(path);

/** Where a path in a comment may begin: at the root, in the folders that includes go by, and beside the file. */
const BEGIN = ['', 'runtime/', 'wasm/', 'viewer/', 'viewer/reader/', 'shell/', 'tests/'];

test('every path of ours that a comment mentions is there', () => {
  const folders = BEGIN.flatMap((b) => readdirSync(join(ROOT, b), { withFileTypes: true }))
    .filter((e) => e.isDirectory() && !/^(build|node_modules|\..*)$/.test(e.name)).map((e) => e.name);
  const inOurs = `(?:${folders.join('|')})/[\\w./-]*\\w`, anySource = '(?:[\\w-]+/)+[\\w.-]+\\.(?:c|S|mjs|mts)';
  const what = new RegExp(`(?<![\\w@/.…*-])(?:${inOurs}|${anySource})(?![\\w/*{…])`, 'g');
  const wrong = mentions(what, (path, f) =>
    // "core/trace" may be words; with an ending, or from the root, it is a path
    isTheirs(path) || !(/\.\w+$/.test(path) || FOLDERS.includes(path.split('/')[0]))
      || [...BEGIN, `${dirname(f)}/`].some((b) => existsSync(join(ROOT, b, path))));
  assert.deepEqual(wrong, []);
});

test('every source of ours that a comment mentions by its name alone is there', () => {
  const all = new Set(sources.map((f) => f.split('/').at(-1)));
  const wrong = mentions(/(?<![\w@/.<-])[\w-]+(?:\.test)?\.(?:c|h|S|mjs|mts)\b/g,
    (name) => isTheirs(name) || all.has(name));
  assert.deepEqual(wrong, []);
});

// ---- tools ----

/** @returns {string | false} why clang-format cannot judge here */
function noFormatter() {
  const r = spawnSync('clang-format', ['--version'], { encoding: 'utf8' });
  if (r.error) return 'clang-format is not installed';
  const version = /version (\d+)/.exec(r.stdout)?.[1];
  return version === '14' ? false : `clang-format ${version} formats differently; the sources follow 14`;
}

test('C is formatted as .clang-format says', { skip: noFormatter() }, () => {
  const r = spawnSync('clang-format', ['--dry-run', '-Werror', ...c], { cwd: ROOT, encoding: 'utf8' });
  const wrong = new Set([...r.stderr.matchAll(/^(\S+?):\d+:\d+: error/gm)].map((m) => m[1]));
  assert.deepEqual([...wrong], [], 'run clang-format -i on them');
});

test('tsc --checkJs --strict finds nothing', () => {
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], { cwd: ROOT, encoding: 'utf8' });
  } catch (e) {
    assert.fail(String(/** @type {any} */ (e).stdout));
  }
});
