// The page's "What if": the program again with other numbers of Ps, by the virtual clock.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { launch, onDemoPage } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>[]} */
let servers;

before(async () => {
  servers = await Promise.all([serve({ port: 0 }), serve({ port: 0, isolated: false })]);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all((servers ?? []).map((s) => s.close()));
});

/** The table's body, as text. @param {Page} page */
const rows = (page) => page.locator('#whatif tr').evaluateAll((all) =>
  all.slice(1).map((tr) => [...tr.children].map((cell) => cell.textContent ?? '')));

/** @param {Page} page @param {RegExp} text */
const untilNote = (page, text) => page.waitForFunction((source) =>
  new RegExp(source).test(document.querySelector('#whatif [data-part="note"]')?.textContent ?? ''), text.source);

/** @param {Page} page @returns {Promise<string[][]>} */
async function ask(page) {
  await page.click('#tab-whatif');
  await page.click('#whatif button');
  await untilNote(page, /virtual clock\.$/);
  return rows(page);
}

test('seven numbers of Ps, the same answer with and without shared memory', async () => {
  /** @type {string[][][]} */
  const answers = [];
  for (const { url } of servers)
    await onDemoPage(browser, `${url}?demo=mandelbrot&args=64+48+200&seed=7`, async (page) => {
      answers.push(await ask(page));
      assert.equal(await page.locator('#whatif circle').count(), 7);
      assert.equal(await page.textContent('#whatif [data-part="note"]'),
        'Mandelbrot set, simulated with seed 7; 100 % is the time with 1 P, by the virtual clock.');
    });
  const [shared, hidden] = answers;
  assert.deepEqual(hidden, shared);
  assert.deepEqual(shared.map((r) => r[0]), ['1', '2', '4', '8', '16', '32', '64']);
  const texts = shared.flatMap((r) => r.slice(1)).join(' ');
  assert.doesNotMatch(texts, /[nµm]?s\b/, 'no times that would stand beside those of the run');
  assert.equal(shared[0][1], '100 %');
  const gains = shared.map((r) => parseFloat(r[2]));
  assert.equal(gains[0], 1);
  assert.ok(gains[1] > 1.5 && gains[1] <= 2.05 && gains[3] > gains[1], gains.join(' ')); // rows are independent
});

test('it can be stopped, says what fails, and forgets when a setting changes', async () => {
  await onDemoPage(browser, `${servers[0].url}?demo=mandelbrot&args=1920+1080+10000`, async (page) => {
    await page.click('#tab-whatif');
    await page.click('#whatif button');
    await untilNote(page, /^Running Mandelbrot set with 1 P, 0 of 7 done/);
    await page.click('#whatif button');
    await untilNote(page, /^Stopped\.$/);
    assert.equal(await page.textContent('#whatif button'), 'Run it with 1, 2, 4, 8, 16, 32 and 64 Ps');
    await page.fill('#args', 'nonsense');
    await page.dispatchEvent('#args', 'change');
    assert.equal(await page.textContent('#whatif [data-part="note"]'), '');
    await page.click('#whatif button');
    await untilNote(page, /^With 1 P it ended with exit code \d+\.$/);
  });
});
