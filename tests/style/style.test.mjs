// How the sources look and hang together: which layer may use which, sizes of files and functions, a sentence at the top of each
// file, formatting, types.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../lib/run.mjs';

/** @param {string} folder @param {RegExp} what @returns {string[]} paths relative to the root, below folder */
function files(folder, what) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((e) => {
    const path = `${folder}/${e.name}`;
    return e.isDirectory() ? files(path, what) : what.test(e.name) ? [path] : [];
  });
}
const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), 'utf8');

const FOLDERS = ['runtime', 'wasm', 'viewer', 'shell', 'tests'];
const c = FOLDERS.flatMap((f) => files(f, /\.[ch]$/));
const js = FOLDERS.flatMap((f) => files(f, /\.mjs$/));

/** Takes comments out, roughly; what is in strings that look like comments goes too. @param {string} text */
const code = (text) => text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

/** What a module imports, static or dynamic, relative to the root. @param {string} path @returns {string[]} */
function imports(path) {
  const found = [...code(read(path)).matchAll(/^\s*(?:import|export)\b[^'"();]*\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/gm)].map((m) => m[1] ?? m[2]);
  return found.map((to) => (to.startsWith('.') ? normalize(join(dirname(path), to)) : to));
}

// ---- layers ----

/** Folder -> what its modules may import; the first entry that fits a path counts. @type {[string, RegExp][]} */
const MAY_IMPORT = [
  ['wasm/', /^(wasm\/|node:)/],
  ['viewer/trace/', /^(viewer\/trace\/|wasm\/host\/(region|abi)\.mjs$|node:)/],
  ['viewer/view/', /^viewer\/(view|trace)\//],
  ['viewer/app/', /^(viewer\/(app|view|trace)\/|wasm\/host\/region\.mjs$)/],
  ['viewer/', /^viewer\//],
  ['shell/', /^(shell\/|viewer\/|wasm\/|node:)/],
];

for (const [folder, allowed] of MAY_IMPORT) {
  test(`modules in ${folder} import only what lies below them`, () => {
    const wrong = js.filter((f) => MAY_IMPORT.find(([p]) => f.startsWith(p))?.[0] === folder)
      .flatMap((f) => imports(f).filter((to) => !allowed.test(to)).map((to) => `${f} imports ${to}`));
    assert.deepEqual(wrong, []);
  });
}

test('viewer/trace and wasm know no DOM', () => {
  const wrong = js.filter((f) => /^(viewer\/trace|wasm)\//.test(f)).filter((f) => /\b(document|customElements|HTML\w*Element|requestAnimationFrame)\b/.test(code(read(f))));
  assert.deepEqual(wrong, []);
});

test('viewer/view knows no custom element and no client', () => {
  const wrong = js.filter((f) => f.startsWith('viewer/view/')).filter((f) => /\b(customElements|HTMLElement|TraceClient)\b/.test(code(read(f))));
  assert.deepEqual(wrong, []);
});

test('runtime/ is C for anywhere: no header of a platform but in its ports', () => {
  const wrong = c.filter((f) => f.startsWith('runtime/')).flatMap((f) => [...read(f).matchAll(/#include\s*[<"]([^>"]+)[>"]/g)]
    .filter(([, header]) => /emscripten|wasi|wasm/.test(header) || (!f.startsWith('runtime/port/') && /pthread|sys\/|unistd/.test(header)))
    .map(([, header]) => `${f} includes ${header}`));
  assert.deepEqual(wrong, []);
});

test('runtime/lib is made of nothing but the public headers', () => {
  const wrong = c.filter((f) => f.startsWith('runtime/lib/')).flatMap((f) => [...read(f).matchAll(/#include\s*"([^"]+)"/g)].map(([, header]) => `${f} includes ${header}`));
  assert.deepEqual(wrong, []);
});

test('viewer/reader needs nothing of the runtime but the table of events', () => {
  const wrong = c.filter((f) => f.startsWith('viewer/reader/')).flatMap((f) => [...read(f).matchAll(/#include\s*"([^"]+)"/g)]
    .filter(([, header]) => header.includes('runtime') && !header.endsWith('trace_events.h')).map(([, header]) => `${f} includes ${header}`));
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
