// Programs are built in a page's worker by the modules that the command line uses: what comes out is byte for byte
// the same, so are the complaints, and it runs in that page.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { LOADING } from '../../wasm/cc/arguments.mjs';
import { MANUAL } from '../../wasm/cc/manual.mjs';
import { ROOT, alike, madeKit, rarely } from '../lib/run.mjs';
import { chromiumPath, launch, serve } from './chromium.mjs';

/** @typedef {import('../../wasm/cc/client.mjs').Built} Built */
/** @typedef {import('../../wasm/cc/arguments.mjs').CompileOptions} CompileOptions */

const skip = !chromiumPath() && 'no Chromium';
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-page-build-'));
const ADDRESSES = {
  clang: '/node_modules/@yowasp/clang/gen/bundle.js', binaryen: '/node_modules/binaryen/index.js',
  kit: '/build/kit', manual: '/runtime/include',
};

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {import('playwright-core').Page} */ let page;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;

before(async () => {
  if (skip) return;
  await madeKit();
  [browser, server] = await Promise.all([launch(), serve(ROOT, { isolated: true })]);
  page = await browser.newPage();
  await page.goto(`${server.url}/package.json`);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close()]);
  rmSync(scratch, { recursive: true });
});

/**
 * Builds in the page, whose builder stays for the next; the program stays there as `program`.
 * @param {Record<string, string>} files @param {Partial<CompileOptions>} [options]
 * @returns {Promise<Omit<Built, 'wasm'> & { wasm: Buffer | null, ms: number, told: string[] }>}
 */
async function inPage(files, options = {}) {
  const { wasm, ...rest } = await page.evaluate(async ([addresses, files, options]) => {
    const client = '/wasm/cc/client.mjs', { Builder } = await import(client);
    const here = /** @type {any} */ (globalThis);
    here.told = [];
    const onStep = (/** @type {string} */ step) => here.told.push(step);
    const onFetch = (/** @type {number} */ n, /** @type {number} */ of) => n === of && here.told.push('fetched');
    const builder = here.builder ??= new Builder(addresses, { onFetch, onStep });
    const begun = performance.now();
    /** @type {Built} */
    const { wasm, ...rest } = await builder.build(files, options);
    here.program = wasm;
    const ms = performance.now() - begun;
    /** @type {string[]} */ const told = here.told;
    if (!wasm) return { ...rest, ms, told, wasm: null };
    let text = '';
    for (let i = 0; i < wasm.length; i += 9999) text += String.fromCharCode(...wasm.subarray(i, i + 9999));
    return { ...rest, ms, told, wasm: btoa(text) };
  }, /** @type {const} */ ([ADDRESSES, files, options]));
  return { ...rest, wasm: wasm === null ? null : Buffer.from(wasm, 'base64') };
}

/** @param {string[]} args @returns {{ status: number | null, stdout: string, stderr: string }} */
function command(args) {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') };
  return spawnSync(process.execPath, [join(ROOT, 'shell/cli.mjs'), ...args], { cwd: scratch, env, encoding: 'utf8' });
}

/** Runs the page's program there. @param {object} options of load() */
const runInPage = (options) => page.evaluate(async (options) => {
  const loader = '/wasm/host/loader.mjs', { load } = await import(loader);
  let out = '', err = '';
  const rt = await load(/** @type {any} */ (globalThis).program, {
    ...options, stdout: (/** @type {string} */ s) => (out += s), stderr: (/** @type {string} */ s) => (err += s),
  });
  return { ...await rt.run(), out, err };
}, options);

const STEPS = ['compile', 'read', 'link', 'lines', 'check', 'asyncify', 'merge'];
const SIM = { mode: 'sim', procs: 4, seed: 7, clock: 'virtual' };
const steps = (/** @type {Built['steps']} */ list) => list.map((s) => `${s.name} ${Math.round(s.ms)}`).join(', ');

test('a program built in a page is the one that node builds, and runs there', { skip }, async () => {
  copyFileSync(join(ROOT, 'shell/demos/sieve.c'), join(scratch, 'sieve.c'));
  const source = readFileSync(join(scratch, 'sieve.c'), 'utf8');
  const cold = await inPage({ 'sieve.c': source });
  console.log(`the first one, ${Math.round(cold.ms)} ms with loading: ${steps(cold.steps)}`);
  assert.deepEqual([cold.text, cold.diagnostics], ['', []]);
  assert.deepEqual(cold.told, [LOADING, 'fetched', ...STEPS]);
  const built = command(['build', 'sieve.c']);
  assert.deepEqual([built.status, built.stderr], [0, '']);
  assert.ok(cold.wasm?.equals(readFileSync(join(scratch, 'sieve.wasm'))), 'the page has built another program');

  const inNode = command(['run', 'sieve.wasm', '--mode=sim', '--procs=4', '--seed=7', '--clock=virtual']);
  assert.match(inNode.stdout, /right: prime number 1500 is 12553\n/);
  assert.deepEqual(await runInPage(SIM), { exitCode: 0, out: inNode.stdout, err: '' });
  const threads = await runInPage({ mode: 'threads', procs: 4 });
  const timeless = (/** @type {string} */ text) => text.replace(/ in [\d.]+ s\n/, '\n');
  assert.deepEqual({ ...threads, out: timeless(threads.out) },
    { exitCode: 0, out: timeless(inNode.stdout), err: '' });

  const warm = await inPage({ 'sieve.c': `${source}\n` });
  console.log(`a second one, ${Math.round(warm.ms)} ms: ${steps(warm.steps)}`);
  assert.ok(warm.ms < cold.ms, 'nothing was warm');
  assert.deepEqual(warm.told, STEPS);
  assert.ok(warm.wasm?.equals(/** @type {Buffer} */ (cold.wasm)), 'an empty line changes the program');
});

test('several files, C++, options: the same program too', { skip: skip || rarely }, async () => {
  const files = {
    'main.cpp': '#include <goroscope.h>\n#include <cstdio>\n#include <vector>\n#include "sub/square.h"\n'
      + 'struct Said { const char *what; ~Said() { std::puts(what); } };\n'
      + 'extern "C" int gr_main(int, char **) {\n  Said end{TEXT};\n  std::vector<int> v;\n'
      + '  for (int i = 0; i < 9; i++) { gr_yield(); v.push_back(square(i)); }\n'
      + '  std::printf("%d\\n", v.back());\n  return 3;\n}\n',
    'sub/square.c': '#include "square.h"\nint square(int n) { return n * n; }\n',
    'sub/square.h': '#ifdef __cplusplus\nextern "C"\n#endif\nint square(int n);\n',
  };
  put(files);
  const built = await inPage(files, { defines: ['TEXT="end"'], optimize: 1, preempt: true });
  assert.equal(built.text, '');
  const args = ['build', 'main.cpp', 'sub/square.c', '-DTEXT="end"', '-O1', '--preempt', '-o', 'both.wasm'];
  const { status, stderr } = command(args);
  assert.deepEqual([status, stderr], [0, '']);
  assert.ok(built.wasm?.equals(readFileSync(join(scratch, 'both.wasm'))), 'the page has built another program');
  assert.deepEqual(await runInPage(SIM), { exitCode: 3, out: '64\nend\n', err: '' });
});

/** @type {{ [what: string]: Record<string, string> }} */
const MISTAKES = {
  'what the compiler refuses, in a header too': {
    'bad.c': '#include <stdio.h>\n#include "own.h"\nint gr_main(int argc, char **argv) {\n  int unused;\n'
      + '  printg("%d", argc);\n  return value(argv);\n}\n',
    'own.h': 'static inline int value(int n) { return n +; }\n',
  },
  'what is not there': {
    'forks.c': 'int fork(void);\nint gr_main(int c, char **v) {\n\n  return v ? fork() : c;\n}\n',
  },
  'what nobody defines': {
    'lacks.c': 'int help(void);\nint gr_main(int c, char **v) {\n  return v ? help() : c;\n}\n',
  },
};

for (const [what, files] of Object.entries(MISTAKES)) {
  test(`the same is said of ${what}`, { skip: skip || (!what.includes('nobody') && alike) }, async () => {
    put(files);
    const source = Object.keys(files)[0];
    const built = await inPage(files, { warnings: ['all'] });
    const { status, stderr } = command(['build', source, '-Wall']);
    assert.equal(status, 1);
    assert.equal(built.text, stderr);
    assert.equal(built.wasm, null);
    const wrong = built.diagnostics.filter((d) => d.severity === 'error').map((d) => `${d.file}:${d.line}`);
    assert.deepEqual(wrong, { 'bad.c': ['own.h:1', 'bad.c:5', 'bad.c:6'], 'forks.c': ['forks.c:4'],
      'lacks.c': ['lacks.c:3'] }[source]);
  });
}

/** @param {Record<string, string>} files */
function put(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch, name)), { recursive: true });
    writeFileSync(join(scratch, name), text);
  }
}

test('what cannot be loaded is said once, with its address; stop() ends a build, and the next one works', {
  skip: skip || alike,
},
  async () => {
    const said = await page.evaluate(async (addresses) => {
      const client = '/wasm/cc/client.mjs', { Builder } = await import(client);
      const failure = (/** @type {Promise<unknown>} */ built) =>
        built.then(() => 'built', (e) => `${e.name}: ${e.message}`);
      const hello = { 'a.c': 'int gr_main(int c, char **v) { (void)c, (void)v; return 5; }\n' };
      const without = (/** @type {object} */ wrong) =>
        failure(new Builder({ ...addresses, ...wrong }).build(hello));
      const here = /** @type {any} */ (globalThis).builder;
      const kept = here.build(hello), waits = here.build(hello);
      setTimeout(() => here.stop(), 5);
      const stopped = [await failure(kept), await failure(waits)];
      /** @type {Worker | undefined} */ let worker;
      const { Worker } = globalThis;
      globalThis.Worker = class extends Worker {
        /** @param {ConstructorParameters<typeof Worker>} how */
        constructor(...how) {
          super(...how);
          worker = this;
        }
      };
      const unread = failure(new Builder(addresses).build(hello));
      globalThis.Worker = Worker;
      worker?.dispatchEvent(new MessageEvent('messageerror'));
      return {
        unread: await unread,
        clang: await without({ clang: '/nowhere/bundle.js' }), kit: await without({ kit: '/nowhere' }), stopped,
        next: await failure(here.build(hello)),
      };
    }, ADDRESSES);
    assert.match(said.clang, /^Error: the compiler cannot be loaded from http:.*\/nowhere\/bundle\.js: /);
    assert.match(said.kit, /^Error: the prebuilt runtime cannot be loaded from http:.*\/nowhere\/.*: it is not there;/);
    assert.equal(said.unread, 'Error: an answer of the worker that builds could not be read');
    const ended = 'AbortError: building was stopped';
    assert.deepEqual(said.stopped, [ended, ended]);
    assert.equal(said.next, 'built');
  });

test('the headers that a page asks for are those that there are', () => {
  assert.deepEqual(MANUAL, readdirSync(join(ROOT, 'runtime/include')).sort());
});
