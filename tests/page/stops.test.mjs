// Stops of the world in a real Chromium: a lane of their own, told by the panel in the words of Go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { build } from '../lib/run.mjs';
import { launch } from './chromium.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  [browser, server] = await Promise.all(
    [launch(), serve({ port: 0 }), build('tests/programs/stopping.c', 'emscripten')]);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close()]);
});

for (const mode of ['threads', 'sim']) {
  test(`each stop is in the lane STW, with reason and place, ${mode}`, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.url}?program=/build/tests/programs/stopping.wasm&procs=3&mode=${mode}`);
    await page.waitForFunction(() => document.documentElement.dataset.run !== undefined);
    const legend = page.locator('goroscope-viewer .legend span', { hasText: 'STW: the world was stopped' });
    assert.equal(await legend.isVisible(), false);
    await page.click('#run');
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.state === 'done');
    assert.match(await page.textContent('#output') ?? '', /^stopped 10 times/);
    const lanes = await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info.lanes);
    assert.deepEqual(lanes.map((/** @type {any} */ l) => l.name), ['P 0', 'P 1', 'P 2', 'STW']);
    assert.equal(lanes[3].spans, 10);
    assert.ok(await legend.isVisible());
    await page.evaluate((lane) =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.selectSpan(lane, 0), lanes[3].index);
    await page.waitForFunction(() => document.querySelector('goroscope-viewer')
      ?.shadowRoot?.querySelector('.details')?.textContent?.includes('the world is stopped'));
    const details = await page.evaluate(() => document.querySelector('goroscope-viewer')
      ?.shadowRoot?.querySelector('.details dl')?.textContent ?? '');
    assert.match(details, /ReasonGOMAXPROCS/);
    assert.match(details, /Stopped byG1 at gr_main\s+stopping\.c:\d+/);
    await page.close();
  });
}
