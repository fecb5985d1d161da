/**
 * The same pages in Firefox: the demo page runs a program in threads and simulated, its lanes are drawn, a trace
 * opens, the one-file page too; without an error.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../shell/serve.mjs';
import { LONG, OUT, ROOT } from '../lib/run.mjs';
import { serve as serveAll } from './chromium.mjs';
import { launchFirefox, onFirefoxPage } from './firefox.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const trace = fileURLToPath(new URL('../trace/recorded/go1.27-gc.trace', import.meta.url));
const pictures = join(OUT, 'firefox'), standalone = join(pictures, 'standalone.html');

/** A page of somebody's own with all of the package in one module. */
const STANDALONE = `<!doctype html><meta charset="utf-8"><title>standalone</title>
<goroscope-viewer style="display: block; height: 400px"></goroscope-viewer>
<script type="module">
  const { load } = await import(new URL('/build/standalone.mjs', location));
  const rt = await load('/build/demos/sieve.wasm', { args: ['40'], procs: 2, stdout() {} });
  document.querySelector('goroscope-viewer').attach(rt);
  document.body.dataset.exit = String((await rt.run()).exitCode);
</script>
`;

/** @type {import('puppeteer-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** The compiler, too. @type {Awaited<ReturnType<typeof serveAll>>} */
let all;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  writeFileSync(standalone, STANDALONE);
  [browser, server, all] = await Promise.all([launchFirefox(),
    serve({ port: 0, files: { '/file/gc.trace': trace, '/file/standalone.html': standalone } }),
    serveAll(ROOT, { isolated: true })]);
});

after(async () => {
  await browser?.close();
  await server?.close();
  await all?.close();
});

/**
 * Waits until the viewer knows all of a trace and its lanes are coloured. @param {Page} page @param {string} name
 */
async function drawn(page, name) {
  await page.waitForFunction(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    if (viewer?.info?.state !== 'done' || !viewer.info.lanes.length) return false;
    // The largest canvas is that of the lanes.
    const [canvas] = [...viewer.shadowRoot.querySelectorAll('canvas')]
      .sort((a, b) => b.width * b.height - a.width * a.height);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 40) coloured++;
    return coloured > 1000;
  }, { polling: 200 });
  await page.screenshot({ path: /** @type {`${string}.png`} */ (join(pictures, `${name}.png`)) });
  return page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info);
}

for (const mode of LONG ? ['threads', 'sim'] : ['threads']) {
  test(`the demo page runs a program, ${mode}`, async () => {
    await onFirefoxPage(browser, `${server.url}shell/?demo=sieve&procs=2&mode=${mode}&run=1`, async (page) => {
      await page.waitForFunction(() => ['done', 'failed'].includes(document.documentElement.dataset.run ?? ''),
        { polling: 200 });
      const [run, isolated, output] = await page.evaluate(() => [document.documentElement.dataset.run,
        crossOriginIsolated, document.querySelector('#output')?.textContent]);
      assert.equal(run, 'done', String(output));
      assert.equal(isolated, true);
      const info = await drawn(page, mode);
      assert.equal(info.error, null);
      assert.ok(info.events > 100 && info.lanes.length >= 2);
    });
  });
}

test('a trace of Go opens in the viewer, a span is selected', async () => {
  await onFirefoxPage(browser, `${server.url}viewer/index.html?trace=/file/gc.trace`, async (page) => {
    const info = await drawn(page, 'trace');
    assert.equal(info.events, 31_251);
    assert.equal(info.error, null);
    const selected = page.evaluate(async () => (await /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .select({ lane: 'proc:0', at: 38_000_000 }))?.goid);
    assert.equal(typeof await selected, 'number');
  });
});

test('viewer and trace in one file open from disk', async () => {
  const out = join(pictures, 'gc.html');
  execFileSync(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'export', out, trace]);
  // BiDi opens file: addresses by a navigation of the page's own.
  await onFirefoxPage(browser, `file://${out}`, async (page) => {
    assert.equal((await drawn(page, 'one-file')).events, 31_251);
  });
});

test('a playground runs its program as it came, and edited', async () => {
  await onFirefoxPage(browser, `${all.url}/shell/playground/index.html`, async (page) => {
    await page.waitForFunction(() => customElements.get('goroscope-playground'), { polling: 200 });
    const run = (/** @type {[string, string] | null} */ edit) => page.evaluate(async (edit) => {
      const playground = /** @type {any} */ (document.querySelector('goroscope-playground'));
      if (edit) playground.source = playground.source.replace(...edit);
      const { exitCode } = await playground.run();
      return [playground.state, exitCode, playground.output, playground.diagnostics.length];
    }, edit);
    const [state, exitCode, output] = await run(null);
    assert.deepEqual([state, exitCode], ['done', 0], output);
    assert.match(output, /found by \d+ goroutines/);
    if (LONG) {
      const edited = await run(['found by', 'sifted out by']);
      assert.deepEqual([edited[0], edited[1], edited[3]], ['done', 0, 0], edited[2]);
      assert.match(edited[2], /sifted out by \d+ goroutines/);
    }
    // Lanes of goroutines come from a worker that the page starts for another; here it is a module as we wrote it.
    await page.waitForFunction(() => [.../** @type {any} */ (document.querySelector('goroscope-playground'))
      .viewer.shadowRoot.querySelectorAll('button')].some((b) =>
      /^Goroutines\s*\d/.test(b.textContent.trim()) && b.checkVisibility()), { polling: 200 });
    await page.screenshot({ path: /** @type {`${string}.png`} */ (join(pictures, 'playground.png')) });
  });
});

// Many times: a worker that a worker had started left it standing one in 60 times (viewer-worker.mjs).
test('a page with goroscope/standalone alone runs a program and draws it', async () => {
  for (let n = 0; n < (LONG ? 200 : 3); n++) {
    await onFirefoxPage(browser, `${server.url}file/standalone.html`, async (page) => {
      await page.waitForFunction(() => document.body.dataset.exit === '0', { polling: 200 });
      await page.waitForFunction(() => {
        const { info } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
        return info?.state === 'done' && info.lanes.length >= 2 && info.events > 100;
      }, { polling: 200 });
    });
  }
});
