// The running program's row of controls in a real Chromium: each button does what it says, is there only where the
// program can do it, and the program can be stopped at any moment.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { judge } from '../lib/oracle.mjs';
import { OUT, alike, build, rarely } from '../lib/run.mjs';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, onDemoPage } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;
const dir = join(OUT, 'live-page');
mkdirSync(dir, { recursive: true });

before(async () => {
  [browser, server] = await Promise.all([launch(), serve({ port: 0 }),
    build('tests/page/steady.c', 'emscripten'), build('tests/page/stuck.c', 'emscripten'),
    build('tests/programs/chatter.c', 'wasi')]);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close()]);
  rmSync(dir, { recursive: true, force: true });
});

/** @param {Page} page @param {string} name */
const button = (page, name) => page.locator('goroscope-viewer .livebar button').filter({ hasText: name }).first();

/**
 * Runs a program in the page.
 * @param {string} query @param {(page: Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
const running = (query, body, options) => onDemoPage(browser, `${server.url}?${query}&run=1`, body, options);

/** @param {Page} page @param {(viewer: any) => any} ask @returns {Promise<any>} of the viewer */
const asked = (page, ask) => page.locator('goroscope-viewer').evaluate(ask);

/** @param {Page} page @param {(viewer: any) => boolean} so */
async function becomes(page, so) {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await asked(page, so)) return;
    await page.waitForTimeout(30);
  }
  assert.fail(`never: ${so}\n${await asked(page, (v) => v.shadowRoot.querySelector('.livebar').textContent)}`);
}

/** @param {Page} page @param {string} name of a part of the page's status line */
const status = (page, name) => page.textContent(`#status [data-part="${name}"]`);

/** @param {Page} page what is drawn, saved @param {string} name */
async function judged(page, name) {
  const bytes = await asked(page, async (v) => Array.from(new Uint8Array(await (await v.save()).arrayBuffer())));
  const file = join(dir, `${name}.trace`);
  writeFileSync(file, Uint8Array.from(bytes));
  assert.equal(await judge(file), null);
}

const STEADY = 'program=/build/tests/page/steady.wasm&procs=2';

for (const mode of ['threads', 'sim']) {
  describe(mode, { concurrency: 1 }, () => {
    test('the trace ends and begins by the button; the program goes on', () =>
      running(`${STEADY}&mode=${mode}`, async (page) => {
        await becomes(page, (v) => v.info?.events > 0 && v.live.tracing);
        assert.equal(await button(page, 'Trace').getAttribute('aria-pressed'), 'true');
        await button(page, 'Trace').click();
        await becomes(page, (v) => !v.live.tracing && v.info.state === 'done');
        assert.equal(await button(page, 'Trace').getAttribute('aria-pressed'), 'false');
        assert.equal(await button(page, 'Snapshot').isVisible(), false);
        assert.match(await status(page, 'events') ?? '', /^[\d\u202f]+ events, not traced now$/);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.run), 'running');
        await judged(page, `${mode}-stopped`);
        await button(page, 'Trace').click();
        await becomes(page, (v) => v.live.tracing && v.info?.state === 'live' && v.info.events > 0);
        await page.click('#stop');
        await becomes(page, (v) => v.live.rt === null);
        assert.equal(await page.locator('goroscope-viewer .livebar').first().isVisible(), false);
      }));

    // The same page, of which other tests in sim say more.
    const skip = mode === 'sim' && rarely;
    test('a snapshot has its own view, and the way back leads to the live one', { skip }, () =>
      running(`${STEADY}&mode=${mode}`, async (page) => {
        await becomes(page, (v) => v.info?.events > 0);
        await button(page, 'Snapshot').click();
        await becomes(page, (v) => v.live.parked && v.session !== v.live.parked && v.info.state === 'done');
        assert.match(await asked(page, (v) => v.info.name), /^steady snapshot \d\d:\d\d:\d\d$/);
        await judged(page, `${mode}-snapshot`);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.run), 'running', 'it runs on');
        await button(page, 'Back to live').click();
        await becomes(page, (v) => v.live.parked === null && v.info.state === 'live');
        const then = await asked(page, (v) => v.info.events);
        await page.waitForFunction((n) =>
          /** @type {any} */ (document.querySelector('goroscope-viewer')).info.events > n,
          then);
      }));

    test('what fits a query is counted as the program runs, and again in its next run', { skip }, () =>
      running(`${STEADY}&mode=${mode}`, async (page) => {
        await becomes(page, (v) => v.info?.events > 0);
        await page.locator('goroscope-viewer .lanes').focus();
        await page.keyboard.press('/');
        await page.keyboard.type('state:running');
        const more = (/** @type {number} */ than) => page.waitForFunction((than) => {
          const { find, info } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
          const [spans] = /^[\d\u202f]+(?= spans, )/.exec(find.found.textContent) ?? ['0'];
          const n = Number(spans.replaceAll('\u202f', ''));
          return info.state === 'live' && n > than && n;
        }, than).then((found) => found.jsonValue());
        const first = Number(await more(0));
        await more(Number(await more(first)));
        await page.click('#stop');
        await becomes(page, (v) => v.live.rt === null);
        await page.click('#run');
        await becomes(page, (v) => v.info?.state === 'live' && v.info.events > 0);
        await more(0);
      }));

    test('the number of Ps', { skip }, () => running(`${STEADY}&mode=${mode}`, async (page) => {
      await becomes(page, (v) => v.info?.lanes.length > 0);
      await button(page, '+').click();
      await becomes(page, (v) => v.live.rt.procs === 3 && !v.live.busy);
      assert.equal(await page.inputValue('#procs'), '3', 'what runs next has as many');
      assert.match(page.url(), /procs=3/);
      assert.equal(await status(page, 'mode'), `${mode}, 3 Ps`);
      await becomes(page, (v) => v.info.lanes.some((/** @type {any} */ lane) => lane.kind === 'proc' && lane.id === 2));
      await button(page, '−').click();
      await becomes(page, (v) => v.live.rt.procs === 2 && !v.live.busy);
      await button(page, '−').click();
      await becomes(page, (v) => v.live.rt.procs === 1 && !v.live.busy);
      assert.equal(await button(page, '−').isDisabled(), true);
    }));

    test('the view freezes at the first span that fits a rule; a simulated program is held', () =>
      running(`${STEADY}&mode=${mode}`, async (page) => {
        await becomes(page, (v) => v.info?.events > 0 && v.timeline.view.mode === 'follow');
        await page.locator('goroscope-viewer canvas.lanes').focus();
        await page.keyboard.press('Slash');
        await asked(page, (v) => v.find.freeze.click());
        assert.equal(await asked(page, (v) => v.find.freeze.getAttribute('aria-pressed')), 'false', 'for what?');
        await page.keyboard.type('dur>1500us');
        await asked(page, (v) => v.find.freeze.click());
        await becomes(page, (v) => v.timeline.selected !== null && v.timeline.view.mode === 'free');
        const { start, end } = await asked(page, (v) => v.timeline.selected);
        assert.ok(end - start > 1.5e6, `${end - start} ns`);
        await becomes(page, (v) => /^Frozen: a span fits the query/.test(v.live.bar.said.textContent));
        assert.equal(await asked(page, (v) => v.live.can.sim?.paused ?? null), mode === 'sim' ? true : null);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.run), 'running');
        if (mode === 'sim') return;
        await asked(page, (v) => v.timeline.follow());
        await becomes(page, (v) => v.live.bar.said.textContent === '');
      }));

    test('the selected goroutine is preempted and called', () => running(`${STEADY}&mode=${mode}`, async (page) => {
      await becomes(page, (v) => v.info?.lanes.length > 0 && v.info.lanes[0].spans > 20);
      await asked(page, (v) => v.timeline.selectSpan(v.info.lanes[0].index, 12));
      await becomes(page, (v) => v.live.callables?.join() === 'square' && v.live.goid > 0);
      const goid = await asked(page, (v) => v.live.goid);
      const row = page.locator('goroscope-viewer .goroutine');
      await row.locator('button', { hasText: 'Preempt' }).click();
      await becomes(page, (v) => /was asked to give its P/.test(v.live.bar.said.textContent));
      await row.locator('select').selectOption('square');
      await row.locator('input').fill('12');
      await row.locator('button', { hasText: 'Call' }).click();
      await becomes(page, (v) => !v.live.busy && /144/.test(v.live.bar.said.textContent));
      assert.equal(await page.locator('goroscope-viewer .livesaid').textContent(),
        `square, called while G${goid} stood still: 144`);
    }));

    test('what is not answered says who keeps it waiting, until it is answered', () => stuck(mode, async (page) => {
      await begin(page, 4000);
      await button(page, '+').click();
      await said(page, `Everything waits for G2 (spin), ${HOW}. Stop ends the program.`);
      assert.equal(await button(page, 'Trace').isDisabled(), true);
      await becomes(page, (v) => v.live.rt.procs === 3 && !v.live.busy);
      assert.equal(await page.locator('goroscope-viewer .livesaid').isVisible(), false);
      // A call into what waits for something: nobody is to blame, and it is made when that goes on.
      await select(page);
      await page.locator('goroscope-viewer .goroutine select').selectOption('hello');
      await button(page, 'Call').click();
      await said(page, 'The call is made when G2 (spin) goes on, which waits now: chan receive.');
      await begin(page, 1);
      await said(page, 'hello, called while G2 stood still: hello');
      // Also of a program that is ended so.
      await begin(page, 60_000);
      await button(page, 'Trace').click();
      await said(page, `Everything waits for G2 (spin), ${HOW}. Stop ends the program.`);
      await page.click('#stop');
      await becomes(page, (v) => v.live.rt === null && !v.live.busy);
      await said(page, 'The program has ended.');
    }));
  });
}

const HOW = 'which does not give way: it would only in gr_yield(), or if built with --preempt';

/** @param {string} mode @param {(page: Page) => Promise<void>} body */
const stuck = (mode, body) => running(`program=/build/tests/page/stuck.wasm&procs=2&mode=${mode}`, async (page) => {
  await becomes(page, (v) => v.info?.events > 0);
  await body(page);
});

/** The goroutine spin computes for so long. @param {Page} page @param {number} ms */
const begin = (page, ms) => page.locator('goroscope-viewer').evaluate((v, ms) =>
  /** @type {any} */ (v).live.rt.call('spin_for', String(ms)), ms);

/** Selects it. @param {Page} page */
async function select(page) {
  await asked(page, (v) => v.live.select({ goid: 2, state: 0 }));
  await becomes(page, (v) => v.live.callables?.length > 1);
}

/** Until it is said. @param {Page} page @param {string} sentence below the row of controls */
async function said(page, sentence) {
  assert.equal(await page.locator('goroscope-viewer').evaluate(async (v, sentence) => {
    const { live } = /** @type {any} */ (v), end = performance.now() + 20_000;
    while (live.bar.said.textContent !== sentence && performance.now() < end)
      await new Promise((later) => setTimeout(later, 20));
    return live.bar.said.textContent;
  }, sentence), sentence);
}

test('a goroutine that was asked to give way and does not is told of, until it does', () =>
  stuck('threads', async (page) => {
    await select(page);
    await begin(page, 4000);
    await button(page, 'Preempt').click();
    await said(page, 'G2 (spin) has not given way: it would only in gr_yield(), or if built with --preempt.');
    await said(page, 'G2 has given way.');
  }));

test('looking back by the slider shows nothing from before the trace', () =>
  running(`${STEADY}&mode=sim`, async (page) => {
    await becomes(page, (v) => v.info?.t1 > 1e8 && !v.live.bar.scrub.hidden);
    for (const share of [300, 0]) {
      const { t0, t1, mode } = await page.locator('goroscope-viewer').evaluate((v, value) => {
        const { live: { bar: { scrub } }, timeline: { view } } = /** @type {any} */ (v);
        scrub.value = String(value);
        scrub.dispatchEvent(new Event('input'));
        return view;
      }, share);
      assert.equal(mode, 'free');
      assert.ok(t0 >= 0 && t1 > t0, `${share}: ${t0} to ${t1}`);
    }
  }));

test('sim: hold, step, slow motion; a stop ends a held program', () => running(`${STEADY}&mode=sim`, async (page) => {
  await becomes(page, (v) => v.info?.events > 0);
  assert.equal(await button(page, 'Step').isDisabled(), true);
  await button(page, 'Hold').click();
  await becomes(page, (v) => v.live.can.sim.paused && v.info.eventsPerSecond === 0);
  assert.match(await status(page, 'state') ?? '', /^Held: steady/);
  const held = await asked(page, (v) => v.info.events);
  assert.equal(await button(page, 'Trace').isDisabled(), true, 'it would be answered only when the program goes on');
  for (const key of ['t', 'Shift+.']) {
    await page.locator('goroscope-viewer canvas.lanes').press(key);
    await page.getByText('The program is held: Hold lets it go on.').waitFor();
    await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).live.say(''));
  }
  const clock = await status(page, 'time'), at = await page.evaluate(() => performance.now());
  for (let i = 1; i <= 3; i++) {
    await button(page, 'Step').click();
    await page.waitForFunction((start) => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .live.bar.said.textContent.startsWith(start), `Step ${i}: `);
  }
  await page.waitForFunction((n) =>
    /** @type {any} */ (document.querySelector('goroscope-viewer')).info.events > n, held);
  await becomes(page, (v) => !v.timeline.view.glide && !v.timeline.frames.handle);
  const { step, view, info, plot, said } = await asked(page, ({ timeline, live, info }) => ({ info,
    step: live.steps.last, view: timeline.view, plot: timeline.layout.plot,
    said: live.bar.said.textContent.replaceAll('\u202f', ' ') }));
  assert.match(said, /^Step 3: [\d.]+ [nµm]?s, up to [\d. ]+ [nµm]?s[.:]/);
  // Then: what was decided.
  await becomes(page, (v) =>
    /^Step 3: .*: (P \d (took G\d+ \(.+\)|went idle).*|the same run on|nobody was ready to run)\.$/.test(
      v.live.bar.said.textContent));
  assert.equal(step.t1, info.t1, 'the last that there is');
  assert.ok(step.t0 >= view.t0 && step.t1 <= view.t1 && (step.t1 - step.t0) / (view.t1 - view.t0) * plot >= 12,
    `not to be seen: ${JSON.stringify({ step, view })}`);
  // It is refreshed five times a second.
  await page.waitForFunction((then) => performance.now() > then + 500, at);
  assert.equal(await status(page, 'time'), clock, 'the clock of the run stands');
  const stepped = await asked(page, (v) => v.info.events);
  assert.ok(stepped - held < 200, `three decisions: ${stepped - held} events`);
  await page.locator('goroscope-viewer .livebar select').first().selectOption('1000');
  await becomes(page, (v) => v.live.can.sim.stepsPerSecond === 1000 && v.timeline.view.mode === 'follow'
    && v.timeline.view.width > 1e6 && v.live.bar.said.textContent === '' && v.live.steps.last === null);
  await page.waitForFunction((n) =>
    /** @type {any} */ (document.querySelector('goroscope-viewer')).info.events > n + 300,
    stepped);
  await button(page, 'Hold').click();
  await becomes(page, (v) => v.live.can.sim.paused);
  await judged(page, 'held');
  await page.click('#stop');
  await becomes(page, (v) => v.live.rt === null && v.info.state === 'done');
}));

test('looking back by the slider, and on to the live edge', () => running(`${STEADY}&mode=threads`, async (page) => {
  await becomes(page, (v) => v.info?.t1 > 5e8 && v.timeline.view.mode === 'follow');
  const slider = page.locator('goroscope-viewer .livebar input[type="range"]');
  await slider.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown');
  await becomes(page, (v) => v.timeline.view.mode === 'free' && v.timeline.view.t1 < 0.8 * v.info.t1);
  await page.keyboard.press('End');
  await becomes(page, (v) => v.timeline.view.mode === 'follow');
}));

test('keys: T ends and begins the trace, H holds, X steps', () => running(`${STEADY}&mode=sim`, async (page) => {
  await becomes(page, (v) => v.info?.events > 0);
  await page.locator('goroscope-viewer canvas.lanes').focus();
  await page.keyboard.press('KeyH');
  await becomes(page, (v) => v.live.can.sim.paused);
  await page.keyboard.press('KeyX');
  await page.keyboard.press('KeyH');
  await becomes(page, (v) => !v.live.can.sim.paused);
  await page.keyboard.press('KeyT');
  await becomes(page, (v) => !v.live.tracing && v.info.state === 'done');
}));

test('what a clock cannot tell is said: spans shorter than its step, and how wide that is', () =>
  running(`${STEADY}&mode=threads`, async (page) => {
    await becomes(page, (v) => v.info?.events > 1000);
    assert.match(await page.locator('goroscope-viewer .meter').textContent() ?? '', /clock steps of 5\u202fµs/);
    await asked(page, async (v) => {
      for (let i = 0; ; i++) {
        const span = await v.timeline.detail(v.info.lanes[0].index, i);
        if (span.end - span.start < 4000) return v.timeline.selectSpan(span.lane, i);
      }
    });
    assert.match(await page.locator('goroscope-viewer .details').textContent() ?? '',
      /Durationless than 5\u202fµs, a step of the clock/);
    await asked(page, (v) => v.timeline.view.fit(v.timeline.selected.start, v.timeline.selected.start + 20_000, 0));
    await becomes(page, (v) => { v.timeline.frames.request(); return !v.live.bar.scale.hidden; });
    // Where there is no room in it the words stand beside it.
    await asked(page, (v) => v.timeline.view.fit(v.timeline.selected.start, v.timeline.selected.start + 80_000, 0));
    await becomes(page, (v) => {
      v.timeline.frames.request();
      const { scale, scaleWords } = v.live.bar, box = scale.getBoundingClientRect();
      return box.width > 0 && box.width < 110 && /clock steps of 5/.test(scaleWords.textContent)
        && Math.abs(scaleWords.getBoundingClientRect().right - box.left) < 2;
    });
  }));

test('a program that cannot be driven has no row of controls, and none is there for a file', async () => {
  await running('program=/build/tests/programs/chatter.wasi.wasm&args=300&procs=2', async (page) => {
    await becomes(page, (v) => v.info?.state === 'done' || v.info?.events > 0);
    for (const name of ['Trace', 'Snapshot', '+', 'Hold', 'Step'])
      assert.equal(await button(page, name).isVisible(), false, name);
  });
  await onDemoPage(browser, server.url, async (page) => {
    assert.equal(await page.locator('goroscope-viewer .livebar').first().isVisible(), false);
  });
});

test('on a narrow screen all controls are in sight, and the lanes too', () =>
  running(`${STEADY}&mode=sim`, async (page) => {
    await becomes(page, (v) => v.info?.events > 0);
    const box = await page.locator('goroscope-viewer .livebar').first().boundingBox();
    assert.ok(box && box.height < 110, JSON.stringify(box));
    const cut = await page.locator('goroscope-viewer').evaluate((v) => [...v.shadowRoot?.querySelectorAll(
      '.livebar:not(.goroutine) :is(button, select, input):not([hidden])') ?? []]
      .filter((node) => node.getBoundingClientRect().right > innerWidth).map((node) => node.textContent));
    assert.deepEqual(cut, []);
    const lanes = await page.locator('goroscope-viewer .viewport').boundingBox();
    assert.ok(lanes && lanes.height > 150, JSON.stringify(lanes));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  }, { viewport: { width: 390, height: 800 } }));

test('without shared memory: the same by messages', { skip: alike }, async () => {
  const { serve: plain } = await import('./chromium.mjs');
  const { ROOT } = await import('../lib/run.mjs');
  const other = await plain(ROOT);
  try {
    await onDemoPage(browser, `${other.url}/shell/index.html?${STEADY}&run=1`, async (page) => {
      await becomes(page, (v) => v.info?.events > 0 && v.live.tracing);
      assert.equal(await asked(page, (v) => v.live.rt.trace.region), null);
      assert.match(await page.locator('goroscope-viewer .meter').textContent() ?? '', /clock steps of 100\u202fµs/);
      await button(page, 'Trace').click();
      await becomes(page, (v) => !v.live.tracing && v.info.state === 'done');
      await button(page, 'Trace').click();
      await becomes(page, (v) => v.live.tracing && v.info?.events > 0);
      await button(page, 'Hold').click();
      await becomes(page, (v) => v.live.can.sim.paused);
      await button(page, 'Step').click();
      await button(page, 'Snapshot').click();
      await becomes(page, (v) => v.live.parked !== null && v.info.state === 'done');
      await judged(page, 'hidden-snapshot');
    });
  } finally {
    await other.close();
  }
});

test('what is told of a span that goes on is as of now, and at its end why it ended', () =>
  stuck('threads', async (page) => {
    await begin(page, 4000);
    await until(() => asked(page, async (v) => {
      for (const lane of ['proc:0', 'proc:1']) {
        const span = await v.select({ lane, at: v.info.t1 - 1e6 });
        if (span?.goid === 2 && span.open) return true;
      }
      return false;
    }), Boolean);
    const panel = page.locator('goroscope-viewer .details');
    const rowsOf = (/** @type {string} */ where) => page.locator(`goroscope-viewer ${where}`).evaluate((node) => {
      const cells = (/** @type {string} */ tag) => [...node.querySelectorAll(`dl ${tag}`)].map((c) => c.textContent);
      return Object.fromEntries(cells('dt').map((term, i) => [term, cells('dd')[i]]));
    });
    const rows = () => rowsOf('.details');
    const first = await rows();
    assert.deepEqual([first.State, first.End], ['running (still)', 'not yet']);
    await panel.getByRole('button', { name: 'Zoom to it' }).focus();
    // Beside the pointer, too, where it rests.
    await until(() => asked(page, ({ timeline }) => {
      const { layout, selected } = timeline;
      for (let x = layout.width - 10; x > layout.gutter; x -= 20) {
        for (let y = 0; y < layout.height; y += 10) {
          timeline.pointer = { x, y };
          timeline.updateHit();
          if (timeline.hit?.lane === selected.lane && timeline.hit.index === selected.index) return true;
        }
      }
      return false;
    }), Boolean);
    const tips = () => rowsOf('.tip'), tip = await until(tips, ({ End }) => End === 'not yet');
    await until(tips, ({ Duration, End }) => Duration !== tip.Duration && End === 'not yet');
    const grown = await until(rows, ({ Duration }) => Duration !== first.Duration);
    assert.equal(grown.State, 'running (still)');
    const ended = await until(rows, ({ State }) => State === 'running');
    assert.match(ended.Duration, /^4\.\d/);
    assert.match(ended.End, /\ss$/);
    assert.ok(ended['Ended by'], 'why');
    assert.equal(await asked(page, (v) => v.shadowRoot.activeElement?.textContent), 'Zoom to it');
  }));

/** @template T @param {() => Promise<T>} ask @param {(answer: T) => boolean} so */
async function until(ask, so) {
  for (const end = Date.now() + 20_000;;) {
    const answer = await ask();
    if (so(answer)) return answer;
    assert.ok(Date.now() < end, JSON.stringify(answer));
    await new Promise((later) => setTimeout(later, 30));
  }
}

test('no control is cut, however small the viewer is, while a span that was looked for is selected', () =>
  running(`${STEADY}&mode=threads`, async (page) => {
    await becomes(page, (v) => v.info?.events > 0);
    await button(page, '+').click(); // stops the world: of that there is a button among the lanes', too
    await becomes(page, (v) => v.live.rt.procs === 3 && !v.live.busy);
    await asked(page, (v) => v.timeline.lanesView.toggle('go'));
    await page.locator('goroscope-viewer .lanes-bar').getByText('GC/STW').waitFor({ state: 'attached' });
    await asked(page, ({ find }) => {
      find.open();
      find.put(find.box.value = 'fn:w state:running dur>1ms');
      find.freeze.click();
    });
    await becomes(page, (v) => v.timeline.selected !== null && v.live.callables?.length > 0);
    await becomes(page, (v) => /^Frozen: /.test(v.live.bar.said.textContent));
    assert.equal(await page.locator('goroscope-viewer .hint').isVisible(), false, 'it would cover lanes');
    for (const [width, height] of [[627, 662], [494, 462], [388, 560]])
      assert.deepEqual(await cut(page, width, height), [], `${width} x ${height}`);
  }));

/** Which of the controls that show are not there to be pressed, all of them. @param {Page} page */
const cut = (page, /** @type {number} */ width, /** @type {number} */ height) =>
  page.locator('goroscope-viewer').evaluate(async (v, size) => {
    Object.assign(/** @type {HTMLElement} */ (v).style, size, { position: 'fixed', left: 0, top: 0, zIndex: 99 });
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
    const root = /** @type {ShadowRoot} */ (v.shadowRoot), { bottom } = v.getBoundingClientRect();
    // In one line the lanes' own scroll sideways.
    const where = `.livebar, .find${parseInt(size.width) > 520 ? ', .lanes-bar' : ''}`;
    const controls = [...root.querySelectorAll(where)].flatMap((bar) => [...bar.querySelectorAll('button, select')]);
    return controls.filter((node) => node.checkVisibility()).filter((node) => {
      const box = node.getBoundingClientRect(), y = (box.top + box.bottom) / 2;
      const isThere = [box.left + 3, box.right - 3].every((x) => root.elementFromPoint(x, y) === node);
      return !isThere || box.bottom > bottom;
    }).map((node) => node.textContent);
  }, { width: `${width}px`, height: `${height}px` });
