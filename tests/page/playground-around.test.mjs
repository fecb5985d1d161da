// Goal: the compiler that all playgrounds of a page share does what it says: under a strict content security policy,
// with those who give up, with a network that fails, and without one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LOADING } from '../../wasm/cc/arguments.mjs';
import { ROOT, alike, madeKit, rarely } from '../lib/run.mjs';
import { chromiumPath, launch, serve, until } from './chromium.mjs';

const skip = !chromiumPath() && 'no Chromium';
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
  "connect-src 'self'; style-src 'self'";
const CLANG = '/node_modules/@yowasp/clang/gen/';

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;
/** Paths that the server was asked for. @type {string[]} */ let asked = [];
/** Those that it does not answer. @type {(path: string) => boolean} */ let isStuck = () => false;
/** Those whose connection it closes. @type {(path: string) => boolean} */ let isDown = () => false;
/** What it says instead of a file, by path. @type {Map<string, string>} */ const instead = new Map();
/** Such a text has more behind it, which does not come. */
const CUT = 'half';
/** How it answers otherwise, by path. @type {Map<string, (response: import('node:http').ServerResponse) => void>} */
const other = new Map();

/** @type {NonNullable<Parameters<typeof serve>[1]>['first']} */
const first = (path, response) => {
  asked.push(path);
  if (isDown(path)) response.destroy();
  if (isDown(path) || isStuck(path)) return true;
  const answer = other.get(path), text = instead.get(path);
  if (answer) answer(response);
  if (text === undefined) return answer !== undefined;
  if (text === CUT) {
    response.writeHead(200, { 'Content-Length': 2 * CUT.length }).write(text, () => void response.destroy());
    return true;
  }
  response.end(text);
  return true;
};

before(async () => {
  if (skip) return;
  await madeKit();
  [browser, server] = await Promise.all([launch(), serve(ROOT, { isolated: true, csp: POLICY, first })]);
});
after(() => Promise.all([browser?.close(), server?.close()]));

/**
 * A page of its own, whose complaints are the test's.
 * @param {(page: import('playwright-core').Page) => Promise<void>} body @param {RegExp} [expected] among those
 */
async function onPage(body, expected = /$^/) {
  const context = await browser.newContext(), page = await context.newPage();
  /** @type {string[]} */ const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  await page.goto(`${server.url}/package.json`);
  try {
    await body(page);
    assert.deepEqual(complaints.filter((c) => !expected.test(c)), []);
  } finally {
    await context.close();
  }
}

/** What the tests use in the page. */
const prepare = (/** @type {import('playwright-core').Page} */ page) => page.evaluate(async () => {
  const at = '/shell/playground/compiler.mjs', loader = '/wasm/host/loader.mjs';
  const here = /** @type {any} */ (globalThis);
  here.compiler = await import(at);
  here.load = (await import(loader)).load;
  here.said = (/** @type {Promise<any>} */ built) => built.then((b) => b.text || 'built',
    (/** @type {Error} */ e) => `${e.name}: ${e.message}`);
  here.program = (/** @type {string} */ text) => ({ 'p.c': '#include <goroscope.h>\n#include <stdio.h>\n'
    + `int gr_main(int argc, char **argv) {\n  gr_yield();\n  ${text}\n  return !argv;\n}\n` });
  here.run = async (/** @type {Uint8Array} */ wasm, /** @type {object} */ options) => {
    let out = '';
    const rt = await here.load(wasm, { ...options, stdout: (/** @type {string} */ s) => (out += s) });
    return { ...await rt.run(), out };
  };
});

test('under a strict policy: what cannot be fetched is said and tried again, who gives up is alone, what is built runs',
  { skip }, () => onPage(async (page) => {
    await prepare(page);
    // An address is none, which is said to whoever asks, and then it is one.
    const sentence = 'Error: the compiler cannot be fetched from http://[: it is no address';
    assert.deepEqual(await page.evaluate(async () => {
      const { said, compiler, program } = /** @type {any} */ (globalThis), { kit } = compiler.addresses;
      compiler.addresses.kit = 'http://[';
      const all = await Promise.all([said(compiler.compile(program(''))), said(compiler.warm())]);
      compiler.addresses.kit = kit;
      return all;
    }), [sentence, sentence]);
    // The compiler is not there, and then it is.
    isDown = (path) => path === `${CLANG}bundle.js`;
    const failed = await page.evaluate(() => {
      const { said, compiler, program } = /** @type {any} */ (globalThis);
      return Promise.all([said(compiler.compile(program('puts("hi");'))), said(compiler.warm())]);
    });
    assert.match(failed[0], /^Error: the compiler cannot be loaded from http:.*bundle\.js: the server did not/);
    assert.equal(failed[1], failed[0]);
    isDown = () => false;

    // Given up while it comes: the worker goes, and with it the download.
    isStuck = (path) => path === `${CLANG}llvm.core.wasm`;
    const begun = page.waitForEvent('worker', (w) => /wasm\/cc/.test(w.url()));
    await page.evaluate(() => {
      const here = /** @type {any} */ (globalThis), { said, compiler, program } = here;
      here.giving = new AbortController();
      here.given = said(compiler.compile(program(''), {}, { signal: here.giving.signal }));
    });
    const worker = await begun, ended = worker.waitForEvent('close');
    assert.equal(await page.evaluate(() => {
      const here = /** @type {any} */ (globalThis);
      here.giving.abort();
      return here.given;
    }), 'AbortError: signal is aborted without reason');
    await ended;
    isStuck = () => false;

    const { steps, first, second, done } = await page.evaluate(async () => {
      const { said, compiler, program, run } = /** @type {any} */ (globalThis);
      /** @type {any[]} */ const told = [];
      const giving = new AbortController();
      const onProgress = (/** @type {any} */ p) => told.push(p);
      const first = compiler.compile(program('puts("one");'), {}, { onProgress });
      const second = said(compiler.compile(program('puts("two");'), {}, { signal: giving.signal }));
      const third = compiler.compile(program('printf("%d\\n", argc);'), {}, { onProgress() {
        throw new Error('of the page');
      } });
      giving.abort(new Error('not wanted'));
      const [a, c] = [await first, await third];
      return { steps: told, first: await run(a.wasm, { mode: 'sim' }), second: await second,
        done: await run(c.wasm, { mode: 'threads', procs: 2 }) };
    });
    assert.deepEqual([first, second, done], [{ exitCode: 0, out: 'one\n' }, 'Error: not wanted',
      { exitCode: 0, out: '1\n' }]);
    /** @type {string[]} */ const names = steps.map((p) => p.step ?? 'fetch');
    assert.deepEqual(names.filter((name, i) => name !== names[i - 1]),
      [LOADING, 'fetch', LOADING, 'compile', 'read', 'link', 'lines', 'check', 'asyncify', 'merge']);
    const fetches = steps.filter((p) => 'fetched' in p);
    assert.ok(fetches.length > 20 && fetches.every((p, i) => p.of === fetches[0].of && p.fetched < p.of
      && p.fetched >= (fetches[i - 1]?.fetched ?? 0)), JSON.stringify(fetches));
    assert.ok(fetches[0].of > 90e6);

    // Where nothing but modules comes over the network the next worker builds as well: by now all is kept.
    await until(page, async () => {
      const [name] = (await caches.keys()).filter((n) => n.startsWith('goroscope-compiler '));
      return name && (await (await caches.open(name)).keys()).length === 5;
    });
    isDown = (path) => !/\.m?js$/.test(path);
    asked = [];
    const offline = await page.evaluate(async () => {
      const { compiler, program, run } = /** @type {any} */ (globalThis);
      const at = '/wasm/cc/client.mjs', { Builder } = await import(at);
      let fetched = 0;
      const { wasm, text } = await new Builder(compiler.addresses, { onFetch: () => fetched++ })
        .build(program('puts("alone");'));
      return { text, fetched, ...await run(wasm, { mode: 'sim' }) };
    });
    isDown = () => false;
    assert.deepEqual(offline, { text: '', fetched: 0, exitCode: 0, out: 'alone\n' });
    assert.deepEqual(asked.filter((path) => path.startsWith(CLANG)), [`${CLANG}bundle.js`]);
  }, /bundle\.js|Failed to load resource|of the page/));

test('why the compiler cannot be had is one sentence: which file, from where, what to do', {
  skip: skip || alike,
}, () =>
  onPage(async (page) => {
    await prepare(page);
    const core = 'llvm.core.wasm', kit = '/build/kit/threads/manifest.json';
    const half = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 50, 1];
    /** @param {number} status @param {string} type @param {string | Uint8Array} [body] */
    const send = (status, type, body = 'no') => (/** @type {import('node:http').ServerResponse} */ response) => {
      response.writeHead(status, { 'Content-Type': type }).end(body);
    };
    const cut = (/** @type {import('node:http').ServerResponse} */ response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-tar', 'Content-Length': 5000 })
        .write('half', () => void response.destroy());
    };
    const absent = 'it is not there; ', damaged = 'it came cut off or damaged; the next try fetches it again';
    const login = 'the server answered with a web page instead, as it may where one has to log in first';
    const npm = 'it is the package @yowasp/clang, which belongs beside goroscope: npm install @yowasp/clang@';
    /** @type {[path: string, answer: ReturnType<typeof send>, what: string, why: string][]} */
    const cases = [
      [`${CLANG}bundle.js`, send(404, 'text/plain'), 'the compiler', absent + npm],
      [`${CLANG}bundle.js`, send(200, 'text/html'), 'the compiler', login],
      [CLANG + core, send(404, 'text/html'), 'the compiler', absent + npm],
      [CLANG + core, send(403, 'text/plain'), 'the compiler', 'the server answered 403'],
      [CLANG + core, send(200, 'text/html; charset=utf-8'), 'the compiler', login],
      [CLANG + core, send(200, 'application/wasm', new Uint8Array(half)), 'the compiler', damaged],
      [`${CLANG}llvm-resources.tar`, cut, 'the compiler', damaged],
      [kit, send(404, 'text/plain'), 'the prebuilt runtime', `${absent}it is a file of the package goroscope`],
    ];
    for (const [path, answer, what, why] of cases) {
      other.set(path, answer);
      const sentence = await page.evaluate(() => {
        const { said, compiler, program } = /** @type {any} */ (globalThis);
        return said(compiler.compile(program('')));
      });
      other.clear();
      const expected = `Error: ${what} cannot be loaded from ${server.url}${path}: ${why}`;
      assert.ok(sentence.startsWith(expected), `${sentence}\n${expected}`);
      assert.equal(sentence.split('http:').length, 2, sentence);
    }
  }, /Failed to load resource|bundle\.js/));

test('where the policy forbids WebAssembly it is said at once, before the compiler comes', { skip }, async () => {
  /** @type {string[]} */ const paths = [];
  const strict = await serve(ROOT, {
    isolated: true, csp: POLICY.replace(" 'wasm-unsafe-eval'", ''), first: (path) => (paths.push(path), false),
  });
  const page = await browser.newPage();
  try {
    await page.goto(`${strict.url}/package.json`);
    await prepare(page);
    const [built, loaded] = await page.evaluate(async () => {
      const { said, compiler, program, load } = /** @type {any} */ (globalThis);
      return [await said(compiler.compile(program(''))), await said(load('/build/demos/sieve.wasm'))];
    });
    assert.equal(built, "Error: the Content-Security-Policy that the page, or goroscope's modules, came with forbids "
      + "the compiler, which is WebAssembly: 'wasm-unsafe-eval' is missing in its script-src");
    assert.equal(loaded, "Error: /build/demos/sieve.wasm cannot be compiled: 'wasm-unsafe-eval' is missing in the "
      + "script-src of the page's Content-Security-Policy");
    assert.deepEqual(paths.filter((path) => /@yowasp|binaryen\//.test(path)), []);
  } finally {
    await page.close();
    await strict.close();
  }
});

test('a build that goes on for nobody is ended, and the next one gets a new worker',
  { skip: skip || rarely }, () => onPage(async (page) => {
    await prepare(page);
    // Two million statements.
    const eight = (/** @type {number} */ i) => `#define S${i + 1} ${`S${i} `.repeat(8)}\n`;
    const slow = `#define S0 ;\n${[0, 1, 2, 3, 4, 5, 6].map(eight).join('')}void slow(void) { S7 }\n`;
    await page.evaluate(() => /** @type {any} */ (globalThis).compiler.warm());
    const [worker] = page.workers().filter((w) => /wasm\/cc/.test(w.url())), ended = worker.waitForEvent('close');
    const said = await page.evaluate((slow) => {
      const { said, compiler, program } = /** @type {any} */ (globalThis), giving = new AbortController();
      const onProgress = (/** @type {any} */ p) => p.step === 'compile' && setTimeout(() => giving.abort(), 50);
      const given = said(compiler.compile({ 'slow.c': slow }, {}, { signal: giving.signal, onProgress }));
      return Promise.all([given, said(compiler.compile(program('')))]);
    }, slow);
    await ended;
    assert.deepEqual(said, ['AbortError: signal is aborted without reason', 'built']);
  }));

/** What a page gets of files by Stored, and what is kept afterwards; each time as a new worker would. */
const getStored = (/** @type {import('playwright-core').Page} */ page, /** @type {object} */ what) =>
  page.evaluate(async (what) => {
    const { version, compiler = [], ours = [], isBad = false } = /** @type {any} */ (what);
    const at = '/wasm/cc/stored.mjs', { Stored } = await import(at);
    const stored = new Stored(), decoder = new TextDecoder();
    /** @type {Record<string, string>} */ const got = {};
    const note = (/** @type {string} */ name, /** @type {Promise<string>} */ text) =>
      text.then((t) => (got[name] = t), (e) => (got[name] = `${e.name}: ${e.message}`));
    await stored.use(version);
    for (const name of compiler) {
      await note(name, stored.ofCompiler(`${location.origin}/${name}`).then((/** @type {Response} */ r) => r.text()));
    }
    await Promise.all(ours.map((/** @type {string} */ name) =>
      note(name, stored.ofOurs(`${location.origin}/${name}`).then((/** @type {any} */ b) => decoder.decode(b)))));
    if (isBad) await stored.forget();
    /** @type {Record<string, string[]>} */ const kept = {};
    if (globalThis.caches) for (const name of await caches.keys()) {
      kept[name] = (await (await caches.open(name)).keys()).map(({ url }) => url.replace(/.*\//, '')).sort();
    }
    /** @type {Record<string, any>} */ const all = { ...got, kept, isFetching: stored.isFetching };
    return all;
  }, what);

/** @param {Record<string, string>} files */
const answers = (files) => {
  instead.clear();
  for (const [name, text] of Object.entries(files)) instead.set(`/${name}`, text);
};

test('the compiler is kept by its release, our files while they have not changed; no file of another build is used',
  { skip }, () => onPage(async (page) => {
    answers({ clang: 'clang 1', kit: 'kit 1', manual: 'manual 1', cxx: 'cxx 1' });
    const ours = ['kit', 'manual', 'cxx'];
    const all = { clang: 'clang 1', kit: 'kit 1', manual: 'manual 1', cxx: 'cxx 1' };
    await page.evaluate(async () => {
      for (const name of ['goroscope-compiler 0', 'goroscope-kit 0', 'mine']) await caches.open(name);
    });
    const first = await getStored(page, { version: '1', compiler: ['clang'], ours });
    const kept = { 'goroscope-compiler 1': ['clang'], 'goroscope-kit 1': ['cxx', 'kit', 'manual'], mine: [] };
    assert.deepEqual(first, { ...all, kept, isFetching: true });
    // Another text at the same address is not asked for as long as the release is the same.
    answers({ clang: 'clang 2', kit: 'kit 1', manual: 'manual 1', cxx: 'cxx 1' });
    const again = { ...all, kept, isFetching: false };
    assert.deepEqual(await getStored(page, { version: '1', compiler: ['clang'], ours }), again);
    isDown = () => true;
    await page.route('**/stored.mjs', (route) => route.fulfill({ path: `${ROOT}/wasm/cc/stored.mjs` }));
    assert.deepEqual(await getStored(page, { version: '1', compiler: ['clang'], ours }), again);
    isDown = () => false;
    // Ours have changed: what was kept of the other build goes.
    answers({ clang: 'clang 2', kit: 'kit 2', manual: 'manual 2' });
    assert.deepEqual(await getStored(page, { version: '2', compiler: ['clang'], ours: ['kit', 'manual'] }), {
      clang: 'clang 2', kit: 'kit 2', manual: 'manual 2', isFetching: true,
      kept: { 'goroscope-compiler 2': ['clang'], 'goroscope-kit 1': ['kit', 'manual'], mine: [] } });
    isDown = () => true;
    const { cxx, kit } = await getStored(page, { version: '2', ours: ['kit', 'cxx'] });
    assert.deepEqual([kit, cxx], ['kit 2', 'Error: the server did not answer, or does not allow this page']);
    isDown = () => false;
    // What does not come, or not to its end, is no reason to drop what is kept.
    answers({ cut: CUT });
    for (const [name, error] of [['nowhere', 'Error: it is not there'], ['cut', 'TypeError: Failed to fetch']]) {
      const lost = await getStored(page, { version: '2', compiler: ['clang', name], isBad: true });
      assert.deepEqual([lost[name], lost.kept['goroscope-compiler 2']], [error, ['clang']]);
    }
    answers({ clang: 'clang 2', kit: 'kit 2', manual: 'manual 2' });
    // What is not there is not kept; what does not work goes.
    const wrong = await getStored(page, { version: '3', compiler: ['nowhere'], ours: ['nowhere-too'] });
    assert.deepEqual([wrong.nowhere, wrong['nowhere-too']], ['Error: it is not there', 'Error: it is not there']);
    const bad = await getStored(page, { version: '3', compiler: ['clang'], isBad: true });
    assert.deepEqual(bad.kept, { 'goroscope-kit 1': ['kit', 'manual'], mine: [] });
  }, /Failed to load resource/));

test('where nothing can be kept all goes on without', { skip }, () => onPage(async (page) => {
  answers({ clang: 'clang', kit: 'kit' });
  // An origin that is not secure has no Cache Storage at all.
  await page.route('http://plain.test/**', async (route) => {
    const url = route.request().url().replace('http://plain.test', server.url);
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await page.goto('http://plain.test/package.json');
  assert.equal(await page.evaluate(() => 'caches' in globalThis), false);
  const got = { clang: 'clang', kit: 'kit', kept: {}, isFetching: true };
  assert.deepEqual(await getStored(page, { version: '1', compiler: ['clang'], ours: ['kit'] }), got);
  // A private window of some browsers refuses; a full disk takes nothing.
  await page.goto(`${server.url}/package.json`);
  await page.evaluate(() => {
    Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  });
  const { kept, ...rest } = await getStored(page, { version: '1', compiler: ['clang'], ours: ['kit'] });
  assert.deepEqual(rest, { clang: 'clang', kit: 'kit', isFetching: true });
  assert.deepEqual(kept, { 'goroscope-compiler 1': [], 'goroscope-kit 1': [] });
  await page.evaluate(() => {
    caches.open = () => Promise.reject(new DOMException('no', 'SecurityError'));
    caches.keys = () => Promise.reject(new DOMException('no', 'SecurityError'));
  });
  const refused = await page.evaluate(async () => {
    const at = '/wasm/cc/stored.mjs', { Stored } = await import(at), stored = new Stored();
    await stored.use('1');
    return (await stored.ofCompiler('/clang')).text();
  });
  assert.equal(refused, 'clang');
}, /untrustworthy/));
