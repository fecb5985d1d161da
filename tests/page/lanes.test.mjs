/**
 * Goal: lanes of goroutines, threads, tasks, regions and curves in a real Chromium: groups open and close, lanes are
 * found, pinned, hidden and moved, arrows are followed, colours can be told apart, and 10,000 lanes cost what shows.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { build, run } from '../lib/run.mjs';
import { STATES } from '../../viewer/view/states.mjs';
import { assemble } from '../trace/assemble.mjs';
import { oneM } from '../trace/samples.mjs';
import { inPage, launch, serve, viewerRoutes } from './chromium.mjs';
import { drawn, settled } from './on-viewer.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const recorded = (/** @type {string} */ name) => readFileSync(new URL(`../trace/recorded/${name}`, import.meta.url));

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {{url: string, close: () => Promise<void>}} */
let server;
/** Served below /traces/. @type {Record<string, Uint8Array>} */
const traces = {
  mixed: recorded('go1.27-mixed.trace'), gc: recorded('go1.27-gc.trace'),
  open: assemble(oneM([5, 6, 7].map((task) => `UserTaskBegin dt=10 task=${task} parent_task=0 name=7 stack=1`
    + (task < 7 ? `\nUserTaskEnd dt=20 task=${task} stack=1` : '')).join('\n'))),
};

/** Many tasks of one name, one of which has a part; one of another name. */
traces.many = assemble(oneM([...Array(20).keys()].map((i) => `UserTaskBegin dt=10 task=${i + 1} parent_task=${
  i === 19 ? 3 : 0} name=${i === 5 ? 2 : 7} stack=1\nUserTaskEnd dt=20 task=${i + 1} stack=1`).join('\n')));

before(async () => {
  server = await serve(root, { isolated: true, routes: new Proxy(await viewerRoutes(), {
    get: (modules, path) => {
      if (String(path) in modules) return modules[String(path)];
      const bytes = traces[String(path).replace('/traces/', '')];
      return bytes && ((/** @type {any} */ _, /** @type {any} */ response) => response.writeHead(200).end(bytes));
    },
  }) });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/**
 * A viewer that shows a trace, and what a test does with it; errors of the page fail the test.
 * @param {string} name @param {(page: import('playwright-core').Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
async function viewing(name, body, options = {}) {
  await inPage(browser, async (page) => {
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/viewer/index.html`);
    await page.waitForFunction(() => customElements.get('goroscope-viewer'));
    await page.evaluate((url) => /** @type {any} */ (document.querySelector('goroscope-viewer')).open(url),
      `/traces/${name}`);
    await drawn(page);
    await body(page);
    assert.deepEqual(errors, []);
  }, options);
}

/**
 * The rows as [kind, name, count].
 * @param {import('playwright-core').Page} page @returns {Promise<Array<[string, string, number]>>}
 */
const rowsOf = (page) => page.evaluate(() =>
  /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.rows
    .map((/** @type {any} */ row) => [row.kind, row.name, row.count]));

/** Clicks a chip of the lanes' bar. @param {import('playwright-core').Page} page @param {string} name */
const chip = async (page, name) => {
  await page.locator('.lanes-bar button.chip', { hasText: name }).click();
  await settled(page);
};

/**
 * Where a row and a moment lie on the page.
 * @param {import('playwright-core').Page} page @param {string} key @param {number} t
 */
const placeOf = (page, key, t) => page.evaluate(([key, t]) => {
  const { timeline, shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
  const { layout, view, rows, scrollY } = timeline;
  const at = rows.findIndex((/** @type {any} */ row) => row.key === key);
  const box = shadowRoot.querySelector('.lanes').getBoundingClientRect();
  return { x: box.left + layout.gutter + (Number(t) - view.t0) / (view.t1 - view.t0) * layout.plot,
    y: box.top + 26 + (layout.tops[at] + layout.tops[at + 1]) / 2 - scrollY, gutter: box.left + layout.gutter / 2 };
}, /** @type {[string, number]} */ ([key, t]));

test('groups open and close by chip and by heading, with their counts; nested rows stand below their goroutine', () =>
  viewing('mixed', async (page) => {
    const closed = await rowsOf(page);
    assert.deepEqual(closed.filter(([kind]) => kind === 'head').map(([, name, count]) => [name, count]),
      [['Curves', 4], ['Ps', 2], ['Ms (threads)', 3], ['Goroutines', 137]]);
    assert.ok(closed.every(([kind]) => ['head', 'proc', 'stw', 'gc'].includes(kind)), 'Ps alone are open at first');
    assert.deepEqual(await page.evaluate(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return timeline.rows.filter((/** @type {any} */ row) => row.kind === 'stw' || row.kind === 'gc')
        .map((/** @type {any} */ row) => row.height);
    }), [24, 24], 'no lane of stops takes the room of a P');
    await chip(page, 'Goroutines');
    const open = await rowsOf(page);
    assert.ok(open.some(([kind, name, count]) => kind === 'head' && name === 'main.fan.func1' && count === 63));
    assert.ok(open.some(([kind, name]) => kind === 'go' && name === 'G1 main.main'), 'an only one has no heading');
    const fan = await placeOf(page, 'go/main.fan.func1', 0);
    await page.mouse.click(fan.gutter, fan.y);
    await settled(page);
    const more = await rowsOf(page);
    assert.equal(more.filter(([kind]) => kind === 'go').length, open.filter(([kind]) => kind === 'go').length + 63);
    await page.locator('canvas.lanes').hover();
    await page.keyboard.press('Shift+KeyG');
    await settled(page);
    assert.equal((await rowsOf(page)).filter(([kind]) => kind === 'go').length, 137, 'all functions at once, by key');
    await page.locator('.lanes-bar select').selectOption('family');
    await settled(page);
    assert.equal((await rowsOf(page)).filter(([kind]) => kind === 'go').length, 137, 'all of the family tree');
  }));

test('many tasks stand together by name, each with its parts; who goes to one opens its name', () =>
  viewing('many', async (page) => {
    await chip(page, 'Tasks');
    const list = (await rowsOf(page)).filter(([, name]) => /task|Task|main/.test(name));
    assert.deepEqual(list, [['head', 'Tasks', 20], ['head', 'a task', 18], ['task', 'Task 6 main.worker', 0]]);
    await page.evaluate(() => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      viewer.drawer.host.navigate({ t0: 681, t1: 701, lane: 'task:20' });
    });
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.selected?.key === 'task:20');
    const rows = await rowsOf(page), at = rows.findIndex(([, name]) => name === 'Task 3 a task');
    assert.deepEqual(rows[at + 1], ['task', 'Task 20 a task', 0], 'a part stands below what it is part of');
    assert.equal(rows.filter(([kind]) => kind === 'task').length, 20);
  }));

test('a group that is opened by its chip comes into view, with the first of its lanes', () =>
  viewing('mixed', async (page) => {
    await chip(page, 'Goroutines');
    const seen = await page.evaluate(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const row = timeline.lanesView.rowOfKey('go');
      return [row, row + 1, row + 3].map((r) => timeline.isRowSeen(r));
    });
    assert.deepEqual(seen, [true, true, true]);
  }, { viewport: { width: 1000, height: 330 } }));

test('a trace of ours: tasks, nested regions, logs and labels; their text is text', async () => {
  const out = `${root}build/tests/page-lanes.trace`;
  const program = await build('tests/page/lanes.c', 'emscripten');
  const port = /** @type {const} */ ({ target: 'emscripten', mode: 'sim', clock: 'virtual', seed: 1, procs: 2 });
  const ran = await run(/** @type {import('../lib/run.mjs').Port} */ (port), program, [], { trace: out });
  assert.equal(ran.exitCode, 0, ran.stderr);
  traces.own = readFileSync(out);
  await viewing('own', async (page) => {
    await chip(page, 'Tasks');
    await chip(page, 'Goroutines');
    const rows = await rowsOf(page);
    assert.equal(rows.filter(([kind]) => kind === 'task').length, 6);
    assert.equal(rows.filter(([kind]) => kind === 'region').length, 4, 'two workers, two deep');
    const log = await page.evaluate(async () => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const row = timeline.rows.find((/** @type {any} */ r) => r.key === 'task:2');
      const { points } = timeline.session.source.tiles.lanes.find((/** @type {any} */ l) => l.lane === row.index);
      return { n: points.n, t: points.t[0] };
    });
    assert.equal(log.n, 1);
    const at = await placeOf(page, 'task:2', log.t);
    await page.mouse.move(at.x - 1, at.y);
    const tip = page.locator('.tip .name');
    await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .shadowRoot.querySelector('.tip .name')?.textContent.startsWith('Log'));
    assert.equal(await tip.textContent(), 'Log: parsed: odd <b>request</b>');
  });
});

test('lanes are found, pinned, hidden, moved; a view of them can be kept and given back', () =>
  viewing('mixed', async (page) => {
    await page.keyboard.press('Escape');
    await page.locator('canvas.lanes').hover();
    await page.getByRole('searchbox', { name: 'Find lanes' }).click();
    await page.keyboard.type('main.main');
    await settled(page);
    const found = (await rowsOf(page)).filter(([kind]) => kind === 'go').map(([, name]) => name);
    assert.ok(found.length >= 2 && found.every((name) => String(name).includes('main.main')));
    await page.keyboard.press('Escape');
    await chip(page, 'Goroutines');
    const menu = async (/** @type {string} */ key, /** @type {string} */ item) => {
      const { gutter, y } = await placeOf(page, key, 0);
      await page.mouse.click(gutter, y);
      const { width } = await page.locator('goroscope-viewer .viewport .menu').boundingBox() ?? { width: 0 };
      assert.ok(width > 60 && width < 240, `a menu of ${width} px`);
      await page.getByRole('menuitem', { name: item }).click();
      await settled(page);
    };
    await menu('go:1', 'Pin to the top');
    assert.deepEqual((await rowsOf(page)).slice(0, 2).map(([kind, name]) => [kind, name]),
      [['head', 'Pinned'], ['go', 'G1']]);
    await menu('proc:0', 'Hide');
    assert.ok(!(await rowsOf(page)).some(([, name]) => name === 'P 0'));
    await page.getByRole('button', { name: 'Show 1 hidden' }).click();
    await menu('proc:0', 'Move down');
    const procs = (await rowsOf(page)).filter(([kind]) => kind === 'proc').map(([, name]) => name);
    assert.deepEqual(procs, ['P 1', 'P 0']);
    const kept = await page.evaluate(() => {
      const { lanesView } = /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline;
      const text = JSON.stringify(lanesView.state);
      lanesView.state = {};
      const fresh = lanesView.rows(lanesView.made.list).length;
      lanesView.state = JSON.parse(text);
      return { fresh, again: JSON.stringify(lanesView.state) === text };
    });
    assert.ok(kept.again && kept.fresh > 0);
  }));

test('G brings a lane to the middle, and the window to its life', () => viewing('mixed', async (page) => {
  const before = await page.evaluate(async () => {
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const { session, view } = timeline;
    const { lanes } = await session.client.query({ t0: 0, t1: view.own, px: 1000, patient: true,
      lanes: session.lanes.all.filter((/** @type {any} */ lane) => lane.kind === 'go')
        .map((/** @type {any} */ lane) => lane.index) });
    const late = lanes.filter((/** @type {any} */ { n }) => n)
      .sort((/** @type {any} */ a, /** @type {any} */ b) => b.start[0] - a.start[0])[0];
    view.mode = 'free';
    view.set(0, late.start[0] / 2);
    return { goid: session.lanes.byIndex(late.lane).id, start: late.start[0], width: view.width };
  });
  await page.locator('canvas.lanes').focus();
  await page.keyboard.press('g');
  await page.keyboard.type(`G${before.goid} `);
  await page.keyboard.press('Enter');
  await page.waitForFunction((start) => {
    const { timeline: { view } } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    return !view.glide && view.t0 < start && view.t1 > start;
  }, before.start);
  const { width, scrollY, wanted } = await page.evaluate((goid) => {
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const { layout, scrollY, lanesView, view } = timeline, row = lanesView.rowOfKey(`go:${goid}`);
    const middle = (layout.tops[row] + layout.tops[row + 1]) / 2 - (layout.height - 26) / 2;
    return { width: view.width, scrollY, wanted: Math.min(layout.scrollMax, Math.max(0, middle)) };
  }, before.goid);
  assert.ok(Math.abs(width / before.width - 1) < 1e-6, 'as wide as it was');
  assert.ok(scrollY > 0 && Math.abs(scrollY - wanted) < 2, `${scrollY}, not ${wanted}`);
}, { viewport: { width: 1000, height: 330 } }));

test('[ and ] go along who woke whom; details tell the stack, and text of them reaches the page as text', () =>
  viewing('mixed', async (page) => {
    const start = await page.evaluate(async () => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const lane = timeline.session.lanes.byKey('go:1');
      // The first span in which main wakes somebody that already was there.
      for (let i = 0; i < lane.spans; i++) {
        const span = await timeline.session.client.detail(lane.index, i);
        if (!span?.woke?.length) continue;
        await timeline.selectAndShow(span);
        return { key: span.key, index: span.index, first: span.woke[0] };
      }
      return null;
    });
    assert.ok(start, 'main wakes nobody in this trace');
    const terms = await page.evaluate(async () => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const { selected, session } = timeline;
      for (const lane of session.lanes.all.filter((/** @type {any} */ l) => l.kind === 'go')) {
        const span = await session.client.detail(lane.index, 0);
        if (!span?.createdBy || !span.unblockedBy || span.startReason !== 'created') continue;
        timeline.select(span);
        const told = [...timeline.parts.details.querySelectorAll('dt')].map((dt) => dt.textContent);
        timeline.select(selected);
        return told;
      }
      return null;
    });
    assert.equal(terms?.filter((/** @type {string} */ term) => term === 'Created by').length, 1, String(terms));
    const selected = () => page.evaluate(() => {
      const { selected, scene } = /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline;
      void scene;
      return { key: selected.key, index: selected.index, goid: selected.goid, by: selected.unblockedBy?.goid };
    });
    const arrows = await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.scene().arrows.length);
    assert.ok(arrows > 0, 'arrows to whom it woke');
    const drawing = await page.evaluate(async () => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const path = '/viewer/view/svg.mjs';
      const { sceneToSvg } = await import(path);
      const svg = sceneToSvg(viewer.timeline.scene(), viewer.timeline.currentTheme(), 'it', viewer.drawn.annotations());
      const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
      const some = (/** @type {string} */ what) => documentElement.querySelectorAll(what).length;
      return { bows: some('path[d*="Q"]'), heads: some('path[d$="z"]'), patterns: some('[fill="url(#dots)"]') };
    });
    assert.ok(drawing.bows >= 2 && drawing.heads > 0, 'a saved drawing has the arrows');
    assert.ok(drawing.patterns > 0, 'and the patterns of states');
    await page.locator('canvas.lanes').hover();
    await page.keyboard.press(']');
    await page.waitForFunction((goid) => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.selected?.goid === goid, start.first.goid);
    assert.equal((await selected()).by, 1);
    await page.keyboard.press('[');
    await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.selected?.goid === 1);
    assert.deepEqual([(await selected()).key, (await selected()).index], [start.key, start.index], 'and back again');
    const stack = await page.locator('.details .stack li').allTextContents();
    assert.ok(stack.length > 1 && stack.some((frame) => frame.startsWith('main.main')), stack.join());
    await page.getByRole('button', { name: 'All of main.main' }).click();
    await settled(page);
    assert.ok((await rowsOf(page)).every(([kind, name]) => kind !== 'go' || name.includes('main.main')));
  }));

test('GC and stops lie over all lanes until O takes them away; a row says where generations were lost', () =>
  viewing('gc', async (page) => {
    const told = await page.evaluate(async () => {
      const { timeline, shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const canvas = shadowRoot.querySelector('.lanes');
      const stw = timeline.session.lanes.byKey('gc:0');
      const span = await timeline.session.client.detail(stw.index, 0);
      const { layout, view, rows } = timeline;
      const at = rows.findIndex((/** @type {any} */ row) => row.key === 'curves');
      const x = layout.gutter + ((span.start + span.end) / 2 - view.t0) / (view.t1 - view.t0) * layout.plot;
      // Right of the heading's name.
      const y = 26 + layout.tops[at] + 3;
      const pixel = () => [...canvas.getContext('2d').getImageData(Math.round(x), Math.round(y), 1, 1).data].join();
      const over = pixel();
      return { over, x, y };
    });
    await page.locator('canvas.lanes').hover();
    await page.keyboard.press('o');
    await settled(page);
    const bare = await page.evaluate(({ x, y }) => {
      const { shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const canvas = shadowRoot.querySelector('.lanes');
      return [...canvas.getContext('2d').getImageData(Math.round(x), Math.round(y), 1, 1).data].join();
    }, told);
    assert.notEqual(told.over, bare);
    const gap = await page.evaluate(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const { session } = timeline;
      const { t1 } = session.info;
      session.info.gaps = [{ t0: t1 / 4, t1: t1 / 2, count: 3 }];
      session.lanes.update(session.info);
      timeline.frames.flush();
      return timeline.rows[0].kind;
    });
    assert.equal(gap, 'gap');
  }));

/** Relative luminance of a CSS colour. @param {number[]} rgb */
const luminance = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
  .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
/** @param {number[]} a @param {number[]} b */
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

for (const scheme of /** @type {const} */ (['light', 'dark'])) {
  test(`states differ in pattern, stand out from the ground, and text on them can be read: ${scheme}`, () =>
    viewing('mixed', async (page) => {
      const told = await page.evaluate((states) => {
        const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
        const pen = /** @type {any} */ (new OffscreenCanvas(1, 1).getContext('2d'));
        const rgb = (/** @type {string} */ css) => {
          pen.fillStyle = css;
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data];
        };
        const theme = timeline.currentTheme();
        return { states: states.map((s, i) => ({ name: s.color, pattern: s.pattern, rgb: rgb(theme.states[i]) })),
        ground: rgb(theme.ground), ink: rgb(theme.ink), faint: rgb(theme.faint), spanInk: rgb(theme.spanInk) };
      }, [...STATES]);
      for (const { name, rgb } of told.states) {
        // Waiting is pale, and told from nothing by the edge below it.
        const outer = name === 'waiting' ? told.faint : rgb;
        assert.ok(contrast(outer, told.ground) >= 3, `${name} on the ground: ${contrast(outer, told.ground)}`);
        const ink = name === 'waiting' ? told.ink : told.spanInk;
        assert.ok(contrast(ink, rgb) >= 4.5, `text on ${name}: ${contrast(ink, rgb)}`);
      }
      const ofGoroutines = told.states.filter((/** @type {any} */ s) =>
        ['running', 'runnable', 'waiting', 'syscall', 'no-p'].includes(s.name));
      assert.equal(new Set(ofGoroutines.map((/** @type {any} */ s) => s.pattern)).size, 5);
    }, { colorScheme: scheme }));
}

/** What stands in the rows of curves, in their order. */
const KEYS = ['running', 'system call', 'runnable', 'waiting', 'allocated', 'goal of the GC', 'Ps that run',
  'Ps there are', 'few', 'all Ps run'];

for (const scheme of /** @type {const} */ (['light', 'dark'])) {
  test(`curves say what their colours and lines are, also to who cannot see them: ${scheme}`, () =>
    viewing('gc', async (page) => {
      await chip(page, 'Curves');
      const told = await page.evaluate(async (words) => {
        const svg = /** @type {any} */ (await import(/** @type {any} */ ('/viewer/view/svg.mjs')));
        const { timeline, shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
        const canvas = shadowRoot.querySelector('canvas.lanes'), theme = timeline.currentTheme();
        const { rows, layout, scrollY } = timeline;
        const pen = canvas.getContext('2d');
        const first = (/** @type {string} */ key) => {
          const at = rows.findIndex((/** @type {any} */ row) => row.key === key);
          const [x, y] = [layout.gutter + 10, 26 + layout.tops[at] - scrollY + 8].map((v) => v * layout.dpr);
          return `#${[...pen.getImageData(x, y, 1, 1).data.slice(0, 3)]
            .map((v) => v.toString(16).padStart(2, '0')).join('')}`;
        };
        const drawn = svg.sceneToSvg(timeline.scene(), theme, '', { area: null, marks: [] });
        return { drawn: words.filter((word) => drawn.includes(`>${word}</text>`)),
          colors: ['curve:goroutines', 'curve:heap', 'curve:ps'].map(first),
          states: [0, 6, 0].map((state) => theme.states[state].toLowerCase()) };
      }, KEYS);
      assert.deepEqual(told.drawn, KEYS);
      assert.deepEqual(told.colors, told.states);
      await page.waitForFunction(() => /on average: allocated [\d.]+ MB, goal of the GC [\d.]+ MB/.test(
        document.querySelector('goroscope-viewer')?.shadowRoot?.querySelector('.sr table')?.textContent ?? ''));
    }, { colorScheme: scheme }));
}

test('a histogram says which of the tasks it is of that the table beside it counts', () =>
  viewing('open', async (page) => {
    await page.getByRole('button', { name: 'Tables', exact: true }).click();
    await page.getByRole('tab', { name: 'Tasks', exact: true }).click();
    const row = page.getByRole('grid', { name: 'Tasks by name' }).locator('.rows [role="row"]').first();
    assert.equal(await row.locator('> *').nth(1).textContent(), '3');
    assert.match(await page.locator('goroscope-viewer .histogram figcaption').textContent() ?? '',
      /, those that ended \(1 had not\): 2$/);
  }));

test('a curve under the pointer tells its values there', () => viewing('gc', async (page) => {
  await chip(page, 'Curves');
  const { x, y } = await placeOf(page, 'curve:heap', 20e6);
  await page.mouse.move(x, y);
  const tip = page.locator('goroscope-viewer .tip');
  await tip.waitFor();
  assert.match(await tip.textContent() ?? '', /^HeapHereallocated [\d.]+ MB, goal of the GC [\d.]+ MBAt(19\.9|20)/);
}));

test('what was read without lanes of goroutines is read again with them at a click', () =>
  viewing('mixed', async (page) => {
    await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .open('/traces/mixed', { lanes: false }));
    await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.rows.every((/** @type {any} */ row) => row.kind === 'proc' || row.kind === 'stw'));
    await page.getByRole('button', { name: 'Read goroutines, too' }).click();
    await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.rows.some((/** @type {any} */ row) => row.key === 'go'));
    assert.equal(await page.getByRole('button', { name: 'Read goroutines, too' }).count(), 0);
  }));

test('until the lanes of goroutines are there the strip says that they come', () => viewing('mixed', async (page) => {
  const strip = () => page.evaluate(() => {
    const { timeline, info, session } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const { coming } = timeline.lanesBar, told = [coming.hidden];
    for (const lanesDone of [false, true]) {
      session.lanes.update({ ...info, lanesDone });
      timeline.grow({ ...info, lanesDone });
      told.push(coming.hidden);
    }
    return told;
  });
  assert.deepEqual(await strip(), [true, false, true]);
}));

test('of 10,000 lanes only those that show are asked for and drawn', () => viewing('mixed', async (page) => {
  const told = await page.evaluate(async () => {
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const { session } = timeline;
    const some = session.lanes.more.filter((/** @type {any} */ l) => l.kind === 'go');
    // The same goroutines again and again under keys of their own: only the list grows, the trace does not.
    for (let i = 0; session.lanes.more.length < 10_000; i++)
      session.lanes.more.push({ ...some[i % some.length], key: `go:${1e6 + i}`, id: 1e6 + i });
    session.lanes.changed();
    timeline.lanesView.state = { by: 'none', toggled: ['go'] };
    /** @type {number[]} */
    const asked = [];
    const query = session.client.query.bind(session.client);
    session.client.query = (/** @type {any} */ q) => {
      asked.push(q.lanes.length);
      return query(q);
    };
    const cost = [];
    for (let i = 0; i < 60; i++) {
      timeline.scrollBy(137);
      const from = performance.now();
      timeline.frames.flush();
      cost.push(performance.now() - from);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    cost.sort((a, b) => a - b);
    return { rows: timeline.rows.length, asked: Math.max(...asked), p95: cost[Math.floor(cost.length * 0.95)],
      shown: Math.ceil(timeline.layout.height / 17) };
  });
  assert.ok(told.rows > 9_800, `${told.rows} rows`);
  assert.ok(told.asked <= told.shown + 8, `${told.asked} lanes asked for at once, ${told.shown} fit on the screen`);
  console.log(`10,000 lanes: 95 % of the frames drawn in under ${told.p95.toFixed(1)} ms`);
}));
