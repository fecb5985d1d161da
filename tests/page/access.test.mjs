/**
 * Who cannot see, hear, point or trust: axe finds nothing on the pages in any state of theirs, and a strict content
 * security policy is never broken.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { STRICT, ViewerPages, drag, drawn, middle, part, placeOf, settled } from './on-viewer.mjs';
import { ALL, alike } from '../lib/run.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @type {ViewerPages} */
let viewer;

before(async () => {
  viewer = await ViewerPages.start({}, { csp: STRICT });
});

after(() => viewer?.close());

/**
 * @param {import('playwright-core').Page} page @param {string} where for the message
 * @param {boolean} [isColor] only what colours matter for
 */
async function noFindings(page, where, isColor = false) {
  const found = await page.evaluate(async (isColor) => {
    const rules = isColor ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {};
    const { violations } = await /** @type {any} */ (window).axe.run(document, rules);
    return violations.flatMap((/** @type {any} */ rule) => rule.nodes.map(
      (/** @type {any} */ node) => `${rule.id}: ${node.target.flat().join(' ')}: ${node.failureSummary}`));
  }, isColor);
  assert.deepEqual(found, [], where);
}

for (const [name, options] of /** @type {Array<[string, object]>} */ ([
  ['light', {}], ['dark', { colorScheme: 'dark' }],
  ['390 px, touch', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
])) {
  const isColor = name === 'dark' && ALL; // all else is as in light
  test(`axe finds nothing on the viewer: ${name}`, {
    skip: name === 'light' && alike,
  }, () => viewer.on(async (page) => {
    await page.evaluate(axe);
    await noFindings(page, 'a trace', isColor);
    const at = await placeOf(page, 0, middle(5));
    await page.mouse.click(at.x, at.y);
    await part(page, '.details').waitFor({ state: 'visible' });
    await noFindings(page, 'details', isColor);
    await drag(page, [0, 300_000], [1, 900_000]);
    await part(page, '.area .sums').waitFor();
    await page.keyboard.press('Shift+M');
    await noFindings(page, 'area, marks', isColor);
    await page.keyboard.press('Escape'); // from the note
    await page.keyboard.press('/');
    await page.keyboard.type('state:runing');
    await part(page, '.query-error').waitFor({ state: 'visible' });
    await noFindings(page, 'a query with a mistake', isColor);
    await part(page, '.query').fill('go:2');
    await part(page, '.found').filter({ hasText: 'spans' }).waitFor();
    await part(page, '.lanes').focus();
    for (const [key, what] of [['Control+Shift+P', 'palette'], ['g', 'lanes'], ['?', 'help']]) {
      await page.keyboard.press(key);
      await part(page, 'dialog[open]').waitFor();
      await noFindings(page, what, isColor);
      await page.keyboard.press('Escape');
    }
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await noFindings(page, 'settings', isColor);
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      viewer.close();
      return viewer.open(new Blob(['no trace']));
    });
    await part(page, '.message').waitFor({ state: 'visible' });
    await noFindings(page, 'no trace, and an error', isColor);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px stick out`);
  }, options));

  test(`axe finds nothing on the demo page: ${name}`, {
    skip: name !== 'light' && alike,
  }, () => viewer.on(async (page) => {
    await page.waitForFunction(() => document.documentElement.dataset.run !== undefined);
    await page.evaluate(axe);
    await noFindings(page, 'the first visit', isColor);
    await page.goto(`${viewer.server.url}/shell/index.html?demo=sieve&mode=sim&clock=virtual&run=1`);
    await page.waitForFunction(() => document.documentElement.dataset.run === 'done');
    await page.evaluate(axe);
    await noFindings(page, 'after a run', isColor);
  }, { ...options, path: '/shell/index.html' }));
}

test('where the system chooses the colours, what is chosen and what a colour means is seen', () =>
  viewer.on(async (page) => {
    await page.keyboard.press('q');
    await part(page, '.tabs [aria-selected="true"]').waitFor();
    const ground = (/** @type {string} */ selector) =>
      part(page, selector).first().evaluate((node) => getComputedStyle(node).backgroundColor);
    assert.notEqual(await ground('.chip[aria-pressed="true"]'), await ground('.chip[aria-pressed="false"]'));
    assert.notEqual(await ground('.tabs [aria-selected="true"]'), await ground('.tabs [aria-selected="false"]'));
    assert.equal(await part(page, '.legend i').first().evaluate((node) => getComputedStyle(node).forcedColorAdjust),
      'none');
  }, { forcedColors: 'active' }));

test('a strict content security policy holds for all that the viewer does', () => viewer.on(async (page) => {
  await page.addInitScript(() => {
    /** @type {any} */ (window).broken = [];
    addEventListener('securitypolicyviolation', (event) =>
      /** @type {any} */ (window).broken.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
  });
  await page.reload();
  await drawn(page);
  const at = await placeOf(page, 0, middle(5));
  await page.mouse.move(at.x, at.y);
  await part(page, '.tip').waitFor({ state: 'visible' });
  await page.mouse.click(at.x, at.y);
  await drag(page, [0, 300_000], [1, 900_000]);
  await page.keyboard.press('Shift+M');
  await page.keyboard.press('Escape'); // from the note
  await page.keyboard.press('/');
  await page.keyboard.type('go:2 stat:');
  await part(page, '.query-error').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.press('Escape');
  for (const item of [/^Trace file/, 'Picture', 'Drawing']) {
    await page.getByRole('button', { name: 'Save' }).click();
    await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
  }
  await settled(page);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).broken), []);
  // That the test would see one:
  await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
  await page.waitForFunction(() => /** @type {any} */ (window).broken.length === 1);
}, { breaks: /Content Security Policy/, locale: 'en' })); // a context of its own: it is given a script for good
