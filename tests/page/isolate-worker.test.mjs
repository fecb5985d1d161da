// Goal: on a host that sends no headers the service worker makes a page isolated by loading it once more, so that
// programs run on threads, and the page builds and runs them without a network as well.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, madeKit, rarely } from '../lib/run.mjs';
import { chromiumPath, launch, serve, until } from './chromium.mjs';

const skip = !chromiumPath() && 'no Chromium';
const FILE = readFileSync(join(ROOT, 'shell/playground/isolate-worker.mjs'), 'utf8');

/** The lines by which it says that a page gets rid of it. */
const REMOVAL = /\/\/ {5}(<script>\n[^]*?<\/script>)/.exec(FILE)?.[1].replace(/^\/\/ {5}/gm, '') ?? '';

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;
let isDown = false;
/** @type {string[]} */ let asked = [];

before(async () => {
  if (skip) return;
  await madeKit();
  /** @param {string} type @param {string | Buffer} text */
  const answer = (type, text) => (/** @type {any} */ _, /** @type {import('node:http').ServerResponse} */ response) =>
    void response.setHeader('Content-Type', type).end(text);
  const page = (/** @type {string} */ src) => answer('text/html',
    `<!doctype html><link rel="icon" href="data:,"><script src="${src}"></script><p>page</p>`);
  const script = answer('text/javascript', FILE);
  const json = answer('application/json', `"${'x'.repeat(998)}"`);
  server = await serve(ROOT, {
    routes: {
      '/isolate-worker.mjs': script, '/deep/isolate-worker.mjs': script, '/page': page('/isolate-worker.mjs'),
      '/lenient/page': page('/lenient/isolate-worker.mjs?credentialless'), '/lenient/isolate-worker.mjs': script,
      '/high': page('/deep/isolate-worker.mjs'), '/secret.json': answer('text/plain', 'secret'),
      '/few/page': page('/few/isolate-worker.mjs'), '/few/isolate-worker.mjs':
        answer('text/javascript', FILE.replace('const BYTES = 128 << 20', `const BYTES = ${FILE.length + 2500}`)),
      '/few/1.json': json, '/few/2.json': json, '/few/3.json': json, '/few/api': json,
      '/few/endless.json': (_, response) => void response.writeHead(200).write('['),
      '/few/gone': answer('text/html', `<!doctype html><link rel="icon" href="data:,">${REMOVAL}<p>gone</p>`),
    },
    first(path, response) {
      asked.push(path);
      if (isDown) response.destroy();
      response.setHeader('Cache-Control', path === '/secret.json' ? 'private' : 'no-cache');
      return isDown;
    },
  });
  browser = await launch();
});
after(() => Promise.all([browser?.close(), server?.close()]));

/** Builds and runs a program there. @param {import('playwright-core').Page} page @param {string} text */
const run = (page, text) => page.evaluate(async (text) => {
  const at = ['/shell/playground/compiler.mjs', '/wasm/host/loader.mjs'];
  const [{ compile }, { load }] = await Promise.all(at.map((path) => import(path)));
  let fetched = 0, out = '';
  const onProgress = (/** @type {any} */ p) => (fetched = p.fetched ?? fetched);
  const built = await compile({ 'p.c': `#include <goroscope.h>\n#include <stdio.h>\n${text}` }, {}, { onProgress });
  if (!built.wasm) throw new Error(built.text);
  const rt = await load(built.wasm, { mode: 'threads', procs: 2, stdout: (/** @type {string} */ s) => (out += s) });
  const { exitCode } = await rt.run();
  return { exitCode, out, isFetched: fetched > 0 };
}, text);
const PROGRAM = 'static void one(void *c) { gr_chan_send(c, &(int){7}); }\nint gr_main(int argc, char **argv) {\n'
  + '  gr_chan *c = gr_chan_make(sizeof(int), 0);\n  gr_go(one, c);\n  int n = argc - !argv;\n  gr_chan_recv(c, &n);\n'
  + '  printf("%d\\n", n);\n  return 0;\n}\n';

/** @param {import('playwright-core').Page} page */
const isolated = (page) => page.waitForFunction(() => crossOriginIsolated);

test('a page of a host without headers runs threads after one more load, and goes on without a network',
  { skip: skip || rarely }, async () => {
    const context = await browser.newContext(), page = await context.newPage();
    await page.goto(`${server.url}/page`);
    await isolated(page);
    assert.equal(asked.filter((p) => p === '/page').length, 2);
    assert.deepEqual(await run(page, PROGRAM), { exitCode: 0, out: '7\n', isFetched: true });
    await page.evaluate(() => fetch('/secret.json'));
    await page.goto(`${server.url}/page`); // a second visit loads once
    await isolated(page);
    assert.equal(asked.filter((p) => p === '/page').length, 3);
    const kept = await until(page, async () => {
      /** @type {Record<string, string[]>} */ const all = {};
      for (const name of await caches.keys()) {
        all[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
      }
      const names = Object.keys(all), compiler = names.find((n) => n.startsWith('goroscope-compiler '));
      return compiler && all[compiler].length === 5 && names.length === 3 && all;
    });
    const { 'goroscope-pages 2': pages, ...others } = /** @type {Record<string, string[]>} */ (kept);
    for (const path of ['/page', '/wasm/cc/build-worker.mjs', '/node_modules/binaryen/index.js',
      '/wasm/host/program-worker.mjs'])
      assert.ok(pages.includes(path), `${path} is not kept: ${pages}`);
    assert.deepEqual(pages.filter((p) => p === '/secret.json' || Object.values(others).flat().includes(p)), []);

    isDown = true;
    await page.reload();
    await isolated(page);
    assert.deepEqual(await run(page, PROGRAM.replace('"%d', '"alone %d')),
      { exitCode: 0, out: 'alone 7\n', isFetched: false });
    isDown = false;
    await context.close();
  });

/**
 * Until just these of a folder are kept: the worker drops others a moment later.
 * @param {import('playwright-core').Page} page @param {string[]} names in order
 */
const untilKept = (page, names) => until(page, async (wanted) => {
  const keys = await (await caches.open('goroscope-pages 2')).keys();
  return keys.map(({ url }) => new URL(url).pathname.replace('/few/', '')).sort().join() === wanted;
}, names.join());

test('it keeps files that end, up to so many bytes, and no other answers; a page can get rid of it', { skip },
  async () => {
    const context = await browser.newContext(), page = await context.newPage();
    await page.goto(`${server.url}/few/page`);
    await isolated(page);
    const fetched = (/** @type {string} */ name) => page.evaluate(async (name) => (await fetch(name)).text(), name);
    assert.equal(await page.evaluate(async () => {
      const { body } = await fetch('endless.json');
      return (await body?.getReader().read())?.value?.length;
    }), 1);
    for (const name of ['api', '1.json', '2.json']) await fetched(name);
    await untilKept(page, ['1.json', '2.json', 'isolate-worker.mjs', 'page']);
    await fetched('3.json');
    await untilKept(page, ['1.json', '2.json', '3.json']);

    await page.goto(`${server.url}/few/gone`);
    await until(page, async () => !await navigator.serviceWorker.getRegistration()
      && !await caches.has('goroscope-pages 2'));
    await page.goto(`${server.url}/few/gone`);
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    await context.close();
  });

test('it can let in what others send without a word of theirs; where it cannot reach the page it says so', { skip },
  async () => {
    const context = await browser.newContext(), page = await context.newPage();
    await page.goto(`${server.url}/lenient/page`);
    await isolated(page);
    const headers = await page.evaluate(async () => Object.fromEntries((await fetch('/lenient/page')).headers));
    assert.equal(headers['cross-origin-embedder-policy'], 'credentialless');
    asked = [];
    const said = page.waitForEvent('console');
    await page.goto(`${server.url}/high`);
    const sentence = (await said).text();
    assert.match(sentence, /^goroscope: .*deep\/isolate-worker\.mjs cannot be registered, so programs run without /);
    assert.match(sentence, /: it reaches .*\/deep\/ and below, so it must lie higher up$/);
    assert.equal(asked.filter((p) => p === '/high').length, 1);
    await context.close();
  });
