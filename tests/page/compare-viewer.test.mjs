/**
 * Comparing on the viewer's own page, where there is one trace at first: another file is shown below on the same axis;
 * on pages that do not show one the tables alone tell what differs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { ViewerPages, part, text } from './on-viewer.mjs';

const other = fileURLToPath(new URL('../trace/recorded/go1.27-tasks.trace', import.meta.url));
const mixed = readFileSync(fileURLToPath(new URL('../trace/recorded/go1.27-mixed.trace', import.meta.url)));
const BARE = '<!doctype html><title>Bare</title><goroscope-viewer style="height: 90vh"></goroscope-viewer>'
  + '<script type="module" src="/viewer/app/element.mjs"></script>';

/** @type {ViewerPages} */
let pages;
before(async () => { pages = await ViewerPages.start({ '/traces/mixed.trace': mixed, '/bare.html': BARE }); });
after(() => pages?.close());

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {() => Promise<void>} ask */
async function choose(page, ask) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), ask()]);
  await chooser.setFiles(other);
}

/** Until both show one stretch of time. @param {Page} page */
const untilTogether = (page) => page.waitForFunction(() => {
  const [a, b] = [...document.querySelectorAll('goroscope-viewer')].map((v) => /** @type {any} */ (v));
  return a?.compared && b.info?.state === 'done' && a.timeline.view.t0 === b.timeline.view.t0
    && a.timeline.view.t1 === b.timeline.view.t1;
});

for (const viewport of [{ width: 1300, height: 800 }, { width: 400, height: 800 }]) {
  test(`another file is compared with the trace that shows, and no more when it is closed: ${viewport.width} px`, () =>
    pages.on(async (page) => {
      await page.evaluate(() =>
        /** @type {any} */ (document.querySelector('goroscope-viewer')).drawer.show('compared'));
      const first = page.locator('goroscope-viewer').first();
      await choose(page, () => first.getByRole('button', { name: 'Compare with another trace…' }).click());
      await untilTogether(page);
      const row = first.locator('.drawer [role="row"]', { hasText: 'main.main' }).first();
      await row.waitFor();
      assert.match(await row.textContent() ?? '', /\d×/);
      assert.match(await page.locator('.below header').innerText(), /Compared with go1\.27-tasks\.trace/);
      const heights = await page.locator('goroscope-viewer').evaluateAll((all) => all.map((v) => v.clientHeight));
      assert.ok(heights.every((px) => px > 150), heights.join());
      assert.equal(await page.evaluate(() => document.documentElement.scrollHeight > innerHeight), false);
      // Zoomed above, zoomed below.
      await first.locator('canvas.lanes').focus();
      await page.keyboard.press('Equal');
      await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
        .timeline.view.mode === 'free');
      await untilTogether(page);
      await page.getByRole('button', { name: 'Compare no more' }).click();
      assert.equal(await page.locator('goroscope-viewer').count(), 1);
      await first.getByText('This trace is compared with none.').waitFor();
    }, { path: '/viewer/index.html?trace=/traces/mixed.trace', viewport }));
}

test('the heading below says what is compared: none where a file cannot be read, else what the lower one opens', () =>
  pages.on(async (page) => {
    const first = page.locator('goroscope-viewer').first(), heading = page.locator('.below header span');
    await page.evaluate(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).drawer.show('compared'));
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'),
      first.getByRole('button', { name: 'Compare with another trace…' }).click()]);
    await chooser.setFiles({ name: 'broken.trace', mimeType: '', buffer: Buffer.from('no trace at all') });
    await page.getByText('Nothing is compared: broken.trace could not be read').waitFor();
    await first.getByText('This trace is compared with none.').waitFor();
    await page.locator('goroscope-viewer').nth(1).locator('input[type=file]').setInputFiles(other);
    await untilTogether(page);
    await page.waitForFunction(() => /^Compared with go1\.27-tasks\.trace, on the same axis/.test(
      document.querySelector('.below header span')?.textContent ?? ''));
    await first.locator('.drawer [role="row"]', { hasText: 'main.main' }).first().waitFor();
    assert.equal(await heading.locator('b').evaluate((b) => getComputedStyle(b).unicodeBidi), 'isolate');
  }, { path: '/viewer/index.html?trace=/traces/mixed.trace' }));

test('the palette has it, too; on a page that shows none beside, the tables tell what differs', () =>
  pages.on(async (page) => {
    await page.waitForFunction(() => customElements.get('goroscope-viewer'));
    await page.evaluate(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).open('/traces/mixed.trace'));
    await part(page, '.lanes').focus();
    await page.keyboard.press('Control+Shift+KeyP');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('compare with');
    await page.getByRole('option', { name: 'Compare with another trace', selected: true }).waitFor();
    await choose(page, () => page.keyboard.press('Enter'));
    await part(page, '.drawer [role="row"]').filter({ hasText: 'main.main' }).first().waitFor();
    assert.equal(await page.locator('goroscope-viewer').count(), 1);
    assert.match(await text(page, '.drawer .rows'), /\d×/);
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).info.name), 'mixed.trace', 'it stays');
    await page.getByRole('button', { name: 'Another trace…' }).waitFor();
  }, { path: '/bare.html' }));
