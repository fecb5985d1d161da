/**
 * The same pages in Firefox: the demo page runs a program in threads and simulated, its lanes are drawn, a trace
 * opens, the one-file page too; without an error.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../shell/serve.mjs';
import { LONG, OUT, ROOT } from '../lib/run.mjs';
import { launchFirefox, onFirefoxPage } from './firefox.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const trace = fileURLToPath(new URL('../trace/recorded/go1.27-gc.trace', import.meta.url));
const pictures = join(OUT, 'firefox');

/** @type {import('puppeteer-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  [browser, server] = await Promise.all([launchFirefox(), serve({ port: 0, files: { '/file/gc.trace': trace } })]);
});

after(async () => {
  await browser?.close();
  await server?.close();
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
  }, { timeout: 60_000, polling: 200 });
  await page.screenshot({ path: /** @type {`${string}.png`} */ (join(pictures, `${name}.png`)) });
  return page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info);
}

for (const mode of LONG ? ['threads', 'sim'] : ['threads']) {
  test(`the demo page runs a program, ${mode}`, async () => {
    await onFirefoxPage(browser, `${server.url}shell/?demo=sieve&procs=2&mode=${mode}&run=1`, async (page) => {
      await page.waitForFunction(() => ['done', 'failed'].includes(document.documentElement.dataset.run ?? ''),
        { timeout: 90_000, polling: 200 });
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
