/**
 * The package as npm makes and installs it: what is in it, and that a page without a bundler, esbuild and TypeScript
 * get a program to run and a viewer to show it. bundlers.test.mjs has the others (`npm run test:package`).
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT, alike } from '../lib/run.mjs';
import { launch } from '../page/chromium.mjs';
import { Projects, opened, run } from './project.mjs';
import { typesHold } from './types.mjs';

const SQUARES = '1\n4\n9\n16\n25\nexit code 0, ';
/** @type {Projects} */ let projects;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} with nothing but the package */ let project;
before(async () => {
  projects = new Projects();
  project = projects.empty('empty');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  projects?.close();
});

test('the tarball has what it names, and nothing large that is no part of it', (t) => {
  const { files } = projects, paths = new Set(files.map(({ path }) => path));
  const told = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = Object.values(told.exports).flatMap((e) => (typeof e === 'string' ? [e] : Object.values(e)));
  for (const path of named.map((p) => p.slice(2)).filter((p) => !p.includes('*')))
    assert.ok(paths.has(path), `${path} is exported and not there`);
  assert.ok(paths.has('LICENSE'));
  assert.deepEqual(Object.keys(told.scripts).filter((s) => /^(pre|post)?(install|pack|prepare)/.test(s)), []);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const [, to] of readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
    assert.ok(paths.has(to) || [...paths].some((p) => p.startsWith(`${to}/`)), `README leads to ${to}`);
  const large = files.filter(({ path, size }) => size > 128 << 10 && !/^build\/|^docs\/.*\.png$/.test(path));
  assert.deepEqual(large, []);
  assert.ok(files.every(({ path }) => !/\.test\.mjs$|node_modules/.test(path)));
  // What a page loads to run a program and show it.
  const loaded = files.filter(({ path }) =>
    /^(wasm\/host|viewer\/(app|view|trace))\/.*\.mjs$|^build\/reader/.test(path));
  const bytes = loaded.reduce((sum, { path }) => sum + gzipSync(readFileSync(join(ROOT, path))).length, 0);
  const kB = Math.round(bytes / 1000);
  t.diagnostic(`tarball ${(projects.size / 1e6).toFixed(1)} MB; loader, viewer and reader ${kB} kB gzipped`);
  assert.ok(bytes < 1e6, `${bytes}`);
});

test('imports in node: programs run, traces are read, nothing else is exported', () => {
  writeFileSync(join(project, 'all.mjs'), `
    import { readFile } from 'node:fs/promises';
    import * as main from 'goroscope';
    import * as alone from 'goroscope/standalone';
    import { readTrace } from 'goroscope/trace';
    import 'goroscope/viewer';
    import 'goroscope/compile';
    import 'goroscope/export';
    const program = await readFile(${JSON.stringify(projects.program)});
    for (const { load } of [main, alone]) {
      let text = '', events = 0;
      const rt = await load(program, { procs: 2, stdout: (piece) => { text += piece; } });
      const reading = (async () => { for await (const _ of readTrace(rt.trace.readable)) events++; })();
      const { exitCode } = await rt.run();
      await reading;
      console.log(JSON.stringify({ text, exitCode, mode: rt.mode, traced: events > 20 }));
    }
    console.log(Object.keys(main).join(), Object.keys(alone).join());
    console.log((await readFile(new URL(import.meta.resolve('goroscope/demos/sieve.wasm')))).length > 1000);
  `);
  const once = JSON.stringify({ text: '1\n4\n9\n16\n25\n', exitCode: 0, mode: 'threads', traced: true });
  assert.equal(run(process.execPath, ['all.mjs'], project),
    `${once}\n${once}\nload GoroscopeViewer,load\ntrue\n`);
});

test('a page without a bundler, with the headers and without', async () => {
  const folder = projects.example('html');
  const { output, requests } = await opened(browser, folder);
  assert.equal(output, `${SQUARES}threads\n`);
  assert.ok(requests.every((url) => !url.includes('/node_modules/goroscope/build/standalone')));
  assert.equal((await opened(browser, folder, { isolated: false })).output, `${SQUARES}sim\n`);
});

test('esbuild with goroscope/standalone: one script, also under a policy that allows blob: workers alone', async () => {
  const folder = projects.example('esbuild');
  projects.build(folder, ['esbuild']);
  const csp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self' "
    + "'unsafe-inline'; img-src 'self' data:";
  const { output, requests } = await opened(browser, join(folder, 'public'), { csp });
  assert.equal(output, `${SQUARES}threads\n`);
  assert.deepEqual(requests.filter((url) => /^http/.test(url)).map((url) => new URL(url).pathname).sort(),
    ['/', '/main.js', '/squares.wasm']);
});

test('a worker of another origin: its address is told, as a blob', async () => {
  const server = await (await import('../page/chromium.mjs')).serve(join(project, 'node_modules'), {
    routes: { '/': (_, response) => response.end('<!doctype html><link rel="icon" href="data:,"><pre></pre>') } });
  const page = await browser.newPage();
  try {
    await page.goto(server.url);
    const wasm = readFileSync(projects.program).toString('base64');
    const said = await page.evaluate(async (wasm) => {
      const { load } = await import(String('/goroscope/wasm/host/loader.mjs'));
      const source = `import ${JSON.stringify(`${location.origin}/goroscope/wasm/host/program-worker.mjs`)};`;
      const worker = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
      let text = '';
      const rt = await load(bytes, { worker, stdout: (/** @type {string} */ t) => { text += t; } });
      await rt.run();
      const wrong = await load(bytes, { worker: '/nowhere.mjs' }).catch((/** @type {Error} */ e) => e.message);
      return [text, wrong];
    }, wasm);
    assert.equal(said[0], '1\n4\n9\n16\n25\n');
    assert.match(String(said[1]), /program-worker\.mjs\) did not load; the option worker of load\(\) says where it is/);
  } finally {
    await page.close();
    await server.close();
  }
});

test('TypeScript 5.9, strict, bundler and node16, libraries checked too', { skip: alike }, () =>
  typesHold(project, join(ROOT, 'node_modules/typescript/bin/tsc')));
