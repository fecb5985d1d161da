// Two runs beside each other in the demo page: one axis, and a table of what differs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { alike, build } from '../lib/run.mjs';
import { launch, onDemoPage } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve({ port: 0 }),
    build('tests/page/steady.c', 'emscripten')]);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close()]);
});

/** @param {Page} page */
async function runToEnd(page) {
  await page.click('#run');
  await page.waitForFunction(() => document.documentElement.dataset.run === 'done');
  await page.waitForFunction(() => /** @type {any} */ (document.getElementById('viewer')).info?.state === 'done');
}

/** Until the upper viewer shows all of the longer trace, 29,606 ns with one P, or only a part. @param {Page} page */
const untilAll = (page, /** @type {boolean} */ all) => page.waitForFunction((want) => {
  const { t0, t1 } = /** @type {any} */ (document.getElementById('viewer')).timeline.view;
  return (t0 === 0 && t1 > 25_000) === want;
}, all);

/** @param {Page} page */
const untilTogether = (page) => page.waitForFunction(() => {
  const [a, b] = [...document.querySelectorAll('goroscope-viewer')].map((v) => /** @type {any} */ (v).timeline.view);
  return a && b && a.t0 === b.t0 && a.t1 === b.t1;
});

test('one run kept, another with more Ps above it: one axis, both ways; the table has each function once', async () => {
  const url = `${server.url}?demo=mandelbrot&mode=sim&clock=virtual&procs=1&args=64+48+200`;
  await onDemoPage(browser, url, async (page) => {
    assert.ok(await page.isDisabled('#compare'));
    await runToEnd(page);
    await page.click('#compare');
    await page.waitForSelector('#kept goroscope-viewer');
    assert.equal(await page.textContent('#kept [data-part="name"]'), 'Mandelbrot set, 1 P, sim');
    await page.fill('#procs', '4');
    await page.dispatchEvent('#procs', 'change');
    await runToEnd(page);
    await untilAll(page, true); // and the axis ends where the longer trace does
    await untilTogether(page);
    await page.locator('#viewer canvas.lanes').focus();
    await page.keyboard.press('Equal');
    await untilAll(page, false);
    await untilTogether(page);
    await page.locator('#kept canvas.lanes').focus();
    await page.keyboard.press('Digit0');
    await untilAll(page, true);
    await untilTogether(page);

    await page.locator('#viewer').getByRole('button', { name: 'Tables', exact: true }).click();
    await page.locator('#viewer').getByRole('tab', { name: 'Compared' }).click();
    const row = page.locator('#viewer .drawer [role="row"]', { hasText: 'worker' }).first();
    await row.waitFor();
    assert.match(await row.textContent() ?? '', /\d×/);
    const heads = await page.locator('#viewer .drawer [role="columnheader"]').evaluateAll((all) => all.map((head) =>
      ({ text: head.textContent, isCut: head.scrollWidth > head.clientWidth })));
    assert.deepEqual(heads.filter(({ isCut }) => isCut), []);
    assert.equal(new Set(heads.map((head) => head.text)).size, heads.length, 'no two heads say the same');
    const passes = await page.evaluate(async () => {
      const [a, b] = /** @type {any[]} */ ([...document.querySelectorAll('goroscope-viewer')]);
      let n = 0;
      const save = b.save.bind(b);
      b.save = () => {
        n++;
        return save();
      };
      a.drawer.make();
      await new Promise((resolve) => setTimeout(resolve, 50));
      delete b.save;
      return n;
    });
    assert.equal(passes, 0, 'the other trace is read once');
    await row.waitFor();
    const bound = await page.evaluate(() => {
      const [a, b] = /** @type {any[]} */ ([...document.querySelectorAll('goroscope-viewer')]);
      const c = /** @type {any} */ (document.createElement('goroscope-viewer'));
      const told = [];
      b.compareWith(null);
      told.push([a.compared, b.compared].every((both) => both === null));
      a.compareWith(b);
      c.compareWith(b);
      told.push(a.compared === null && b.compared === c.compared && c.compared !== null);
      a.compareWith(b);
      told.push(c.compared === null && a.compared === b.compared && a.compared !== null);
      return told;
    });
    assert.deepEqual(bound, [true, true, true], 'whoever ends or replaces a comparison frees both');

    await page.click('#kept [data-part="close"]');
    assert.equal(await page.locator('goroscope-viewer').count(), 1);
    await page.locator('#viewer').getByText('This trace is compared with none.').waitFor();
  });
});

test('a run beside a longer one: following shows its live edge, and both axes are one in every frame', {
  skip: alike,
}, async () => {
  const url = `${server.url}?program=/build/tests/page/steady.wasm&procs=2`;
  await onDemoPage(browser, url, async (page) => {
    const grownTo = (/** @type {number} */ ns) => page.waitForFunction((want) =>
      /** @type {any} */ (document.getElementById('viewer')).info?.t1 > want, ns);
    await page.click('#run');
    await grownTo(5e9); // longer than following ever shows
    await page.click('#stop');
    await page.waitForFunction(() => /** @type {any} */ (document.getElementById('viewer')).info?.state === 'done');
    await page.click('#compare');
    await page.waitForSelector('#kept goroscope-viewer');
    await page.waitForFunction(() => /** @type {any} */ (document.getElementById('viewer')).compared);
    await page.click('#run');
    await page.waitForFunction(() => {
      const { info } = /** @type {any} */ (document.getElementById('viewer'));
      return info?.state === 'live' && info.t1 > 5e8;
    });
    const wrong = await page.evaluate(async () => {
      const [above, below] = /** @type {any[]} */ ([...document.querySelectorAll('goroscope-viewer')]);
      const told = [];
      let drawn = above.info.t1;
      for (let i = 0; i < 60; i++) {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const { view } = above.timeline, its = below.timeline.view;
        const edge = above.info.t1;
        // What came since the last frame, on a slow machine seconds of the program, is not drawn yet.
        const isSeen = view.t0 < edge && drawn < view.t1 + 5e8 && view.t1 < edge + 1e9 + view.width / 2;
        drawn = edge;
        if (view.mode !== 'follow' || !isSeen || view.t0 !== its.t0 || view.t1 !== its.t1)
          told.push([view.mode, edge, view.t0, view.t1, its.t0, its.t1]);
      }
      return told;
    });
    assert.deepEqual(wrong, []);
    // Moved below, it stays there, and the program runs on.
    await page.locator('#kept canvas.lanes').focus();
    await page.keyboard.press('Digit0');
    await page.waitForFunction(() => {
      const { t0, t1 } = /** @type {any} */ (document.getElementById('viewer')).timeline.view;
      return t0 === 0 && t1 > 5e9;
    });
    await untilTogether(page);
    await page.locator('#viewer').getByRole('button', { name: 'Follow', exact: true }).click();
    await page.waitForFunction(() => {
      const { info, timeline: { view } } = /** @type {any} */ (document.getElementById('viewer'));
      return view.mode === 'follow' && !view.glide && view.t1 > info.t1 - 5e8 && view.t1 < info.t1 + view.width;
    });
    await untilTogether(page);
    await page.click('#stop');
  });
});

test('the axis is as long as the longer trace that is there, not as one that was', async () => {
  const url = `${server.url}?demo=mandelbrot&mode=sim&clock=virtual&procs=4&args=64+48+200`;
  await onDemoPage(browser, url, async (page) => {
    const axis = () => page.evaluate(() => [...document.querySelectorAll('goroscope-viewer')].map((v) => {
      const { info, timeline: { view } } = /** @type {any} */ (v);
      return { ns: info.t1, t0: view.t0, t1: view.t1, extent: view.extent };
    }));
    const withProcs = async (/** @type {string} */ procs) => {
      await page.fill('#procs', procs);
      await page.dispatchEvent('#procs', 'change');
      await runToEnd(page);
    };
    /** Until all of what is there shows. @param {number} of viewers */
    const untilFits = (of) => page.waitForFunction((n) => {
      const all = /** @type {any[]} */ ([...document.querySelectorAll('goroscope-viewer')]);
      const longest = Math.max(...all.map((v) => v.info?.t1 ?? 0));
      return all.length === n && all.every(({ timeline: { view } }) => view.t0 === 0 && view.t1 === longest
        && view.extent === longest);
    }, of).catch(async () => assert.fail(JSON.stringify(await axis())));
    await runToEnd(page);
    await page.click('#compare');
    await page.waitForSelector('#kept goroscope-viewer');
    await withProcs('1');
    await untilFits(2);
    const [long] = await axis();
    await withProcs('4');
    await untilFits(2);
    const [short] = await axis();
    assert.ok(short.t1 < long.t1, `${short.t1} after ${long.t1}`);
    await page.click('#compare'); // the short one is kept
    await page.waitForFunction(() => /** @type {any} */ (document.getElementById('viewer')).compared);
    await withProcs('1');
    await untilFits(2);
    await withProcs('8');
    await untilFits(2);
    await page.click('#kept [data-part="close"]');
    await untilFits(1);
  });
});

for (const viewport of [{ width: 1000, height: 600 }, { width: 400, height: 800 }]) {
  test(`with everything open nothing lies over the status, and all tabs are in sight: ${viewport.width} px`, () =>
    onDemoPage(browser, `${server.url}?demo=mandelbrot&mode=sim&clock=virtual&args=64+48+200`, async (page) => {
      await runToEnd(page);
      await page.click('#compare');
      await page.waitForFunction(() => /** @type {any} */ (document.getElementById('viewer')).compared);
      await page.locator('#viewer').getByRole('button', { name: 'Tables', exact: true }).click();
      await page.locator('#viewer .drawer [role="row"]').first().waitFor();
      await page.locator('#viewer').getByRole('button', { name: 'Find', exact: true }).click();
      await page.evaluate(() => {
        const { timeline } = /** @type {any} */ (document.getElementById('viewer'));
        return timeline.selectSpan(timeline.session.info.lanes[0].index, 0);
      });
      await page.locator('#viewer .details').waitFor();
      const { over, tabs, lanes } = await page.evaluate(() => {
        const box = (/** @type {Element | null | undefined} */ node) =>
          /** @type {Element} */ (node).getBoundingClientRect();
        const status = box(document.getElementById('status'));
        const aside = box(document.querySelector('aside'));
        // What scrolls inside what does not reach out of it.
        const over = [...document.querySelectorAll('.kept, .viewport, aside')].filter((node) => {
          const { top, bottom } = box(node), within = node.closest('.timeline');
          const seen = within && getComputedStyle(within).overflowY === 'auto' ? box(within) : { top, bottom };
          return Math.min(bottom, seen.bottom) > status.top + 1 && Math.max(top, seen.top) < status.bottom - 1;
        }).map((node) => node.className || node.tagName);
        const tabs = [...document.querySelectorAll('aside [role="tab"]')].filter((tab) =>
          tab.scrollWidth > tab.clientWidth || box(tab).right > aside.right || box(tab).left < aside.left)
          .map((tab) => tab.textContent);
        const canvas = document.getElementById('viewer')?.shadowRoot?.querySelector('.viewport');
        return { over, tabs, lanes: box(canvas).height };
      });
      assert.deepEqual(over, []);
      assert.deepEqual(tabs, []);
      assert.ok(lanes >= 55, `lanes have ${lanes} px`);
      await page.click('#tab-whatif');
      assert.equal(await page.isVisible('#whatif [data-part="go"]'), true);
    }, { viewport }));
}
