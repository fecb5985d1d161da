// The list of goroutines beside the timeline, in a real Chromium: what it shows of a program that
// runs, hangs, has ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { build } from '../lib/run.mjs';
import { launch, onDemoPage } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Awaited<ReturnType<typeof serve>>} */
let bare;

before(async () => {
  [browser, server, bare] = await Promise.all([launch(), serve({ port: 0 }), serve({ port: 0, isolated: false })]);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close(), bare?.close()]);
});

/**
 * The page with the program running and its goroutines' tab open, reached by keys.
 * @param {string} url @param {(page: Page) => Promise<void>} body
 */
const withGoroutines = (url, body) => onDemoPage(browser, url, async (page) => {
  await page.focus('#tab-output');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.isVisible('#goroutines'));
  assert.match(await note(page), /^While a program runs/);
  await page.click('#run');
  await body(page);
});

/** @param {Page} page */
const note = (page) => page.textContent('#goroutines-note').then((text) => text ?? '');

/** @param {Page} page @param {number} n */
const untilRows = (page, n) =>
  page.waitForFunction((want) => document.querySelectorAll('#goroutines li').length === want, n);

/** @param {Page} page @param {string} selector */
const texts = (page, selector) => page.locator(`#goroutines li ${selector}`).allTextContents();

test('what each goroutine waits for, narrowed to a reason; a site leads to the source', async () => {
  await withGoroutines(`${server.url}?demo=philosophers&procs=2&args=5+60`, async (page) => {
    await untilRows(page, 6);
    assert.equal(await note(page), '6 goroutines');
    assert.deepEqual(await texts(page, 'b'), ['G1 gr_main', ...[2, 3, 4, 5, 6].map((g) => `G${g} philosopher`)]);
    await page.waitForFunction(() => [...document.querySelectorAll('#goroutines-filter option')]
      .some((o) => /^\u2003select \([1-9]/.test(o.textContent ?? '')));
    await page.selectOption('#goroutines-filter', 'waiting: select');
    // At times nobody waits there.
    const states = await (await page.waitForFunction(() => {
      const all = [...document.querySelectorAll('#goroutines li .state')].map((node) => node.textContent ?? '');
      return all.length > 0 && all;
    })).jsonValue();
    assert.ok(states && states.every((state) => /^select, [\d.]+\s*(ns|µs|ms|s)$/.test(state)), String(states));
    await page.selectOption('#goroutines-filter', 'all');
    await page.click('#goroutines-freeze');
    const frozen = await page.textContent('#goroutines-list');
    await page.waitForTimeout(1200);
    assert.equal(await page.textContent('#goroutines-list'), frozen);
    await page.click('#goroutines-freeze');
    await page.waitForFunction((text) => document.getElementById('goroutines-list')?.textContent !== text, frozen);
    await page.click('#goroutines li:nth-child(2) .from .link');
    assert.ok(await page.isVisible('#source'));
    assert.match(await page.textContent('#source .marked') ?? '', /gr_go\(philosopher, p\)/);
    await page.click('#tab-goroutines');
    await page.click('#stop');
    await page.waitForFunction(() => document.documentElement.dataset.run === 'done');
    assert.equal(await note(page), '6 goroutines, when last seen; the program has ended');
  });
});

for (const mode of ['threads', 'sim']) {
  test(`a program that hangs shows where, ${mode}`, async () => {
    await build('tests/programs/spin.c', 'emscripten');
    await withGoroutines(`${server.url}?program=/build/tests/programs/spin.wasm&procs=1&mode=${mode}`, async (page) => {
      await page.waitForFunction(() => document.getElementById('output')?.textContent?.includes('spinning'));
      await page.waitForFunction(() => [...document.querySelectorAll('#goroutines .state')]
        .some((s) => /^running, /.test(s.textContent ?? '')));
      await page.click('#stop');
    });
  });
}

test('without shared memory the program answers between two slices; one that hangs is said not to', async () => {
  await withGoroutines(`${bare.url}?demo=philosophers&procs=2&args=5+60`,
    (page) => untilRows(page, 6).then(() => page.click('#stop')));
  await withGoroutines(`${bare.url}?program=/build/tests/programs/spin.wasm&procs=1`, async (page) => {
    await page.waitForFunction(() =>
      /has not answered/.test(document.getElementById('goroutines-note')?.textContent ?? ''));
    await page.click('#stop');
  });
});
