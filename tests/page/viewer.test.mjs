/**
 * The viewer in a real Chromium, on traces whose every span is known: what it draws, how it moves, what it says.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OWN, launch, longestTask, serve, takePage, viewerRoutes } from './chromium.mjs';
import { middle, settled, small } from './on-viewer.mjs';
import { read } from '../trace/reader.mjs';
import { syntheticTrace } from './synthetic.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const big = syntheticTrace({ procs: 4, slices: 84_000, busyNs: 6_000, idleNs: 2_000 });
/** No single task of the page's main thread may take longer, whatever the trace's size. */
const LONG_TASK_MS = 50;

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {{url: string, close: () => Promise<void>}} */
let server;
/** What the server hands out below /traces/. @type {Record<string, Uint8Array>} */
const files = {
  '/traces/small.trace': small.bytes, '/traces/big.trace': big.bytes,
  '/traces/photo.jpg': new Uint8Array(5000).fill(200),
};

before(async () => {
  /** @type {Record<string, (request: unknown, response: import('node:http').ServerResponse) => void>} */
  const routes = {};
  for (const [path, bytes] of Object.entries(files)) {
    routes[path] = (_, response) =>
      void response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(bytes);
  }
  server = await serve(root, { isolated: true, routes: { ...await viewerRoutes(), ...routes } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/**
 * A page with the stand-alone viewer in it; errors of the page fail the test.
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
async function viewerPage(options) {
  const { page, release } = await takePage(browser, options);
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${server.url}/viewer/index.html`);
  await page.waitForFunction(() => customElements.get('goroscope-viewer'));
  return {
    page,
    /** Opens /traces/NAME and waits until it is drawn. @param {string} name */
    async open(name) {
      const ok = await page.evaluate(
        (url) => /** @type {any} */ (document.querySelector('goroscope-viewer')).open(url), `/traces/${name}`);
      await settled(page);
      return ok;
    },
    async done() {
      assert.deepEqual(errors, []);
      await release();
    },
  };
}

/** The window shown, and where on the page a moment of a lane is. @param {import('playwright-core').Page} page */
function geometry(page) {
  return page.evaluate(() => {
    const { timeline, shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const box = shadowRoot.querySelector('.lanes').getBoundingClientRect();
    const { gutter, plot, laneHeight, tops } = timeline.layout;
    // Above the lanes of Ps stand headings.
    const first = timeline.rows.findIndex((/** @type {any} */ row) => row.kind === 'proc');
    return {
      t0: timeline.view.t0, t1: timeline.view.t1, left: box.left + gutter, top: box.top + 26 + tops[first],
      plot, laneHeight, scrollY: timeline.scrollY,
    };
  });
}

/** @param {import('playwright-core').Page} page @param {number} lane @param {number} t */
async function placeOf(page, lane, t) {
  const { t0, t1, left, top, plot, laneHeight, scrollY } = await geometry(page);
  return { x: left + ((t - t0) / (t1 - t0)) * plot, y: top + (lane + 0.5) * laneHeight - scrollY };
}

/**
 * The canvas pixel there, below the middle of the lane so that no label is hit.
 * @param {import('playwright-core').Page} page @param {number} lane @param {number} t
 */
async function pixel(page, lane, t) {
  const { x, y } = await placeOf(page, lane, t);
  return page.evaluate(({ x, y }) => {
    const canvas = /** @type {any} */ (document.querySelector('goroscope-viewer')).shadowRoot.querySelector('.lanes');
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return [...canvas.getContext('2d')
      .getImageData(Math.floor((x - box.left) * scale), Math.floor((y - box.top + 12) * scale), 1, 1).data];
  }, { x, y });
}

/** Text of a part of the element. @param {import('playwright-core').Page} page @param {string} selector */
function text(page, selector) {
  return page.locator(`goroscope-viewer ${selector}`).innerText();
}

/** @param {import('playwright-core').Page} page @param {string} name @param {Uint8Array} bytes */
function drop(page, name, bytes) {
  return page.evaluate(({ name, data }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], name));
    const viewer = /** @type {Element} */ (document.querySelector('goroscope-viewer'));
    for (const type of ['dragenter', 'dragover', 'drop']) {
      viewer.dispatchEvent(new DragEvent(type, {
        dataTransfer: transfer, bubbles: true, cancelable: true, composed: true,
      }));
    }
  }, { name, data: [...bytes] });
}

test('a trace opens: a lane per P, one colour per goroutine, idle time visible as idle', async () => {
  const { page, open, done } = await viewerPage();
  assert.match(await text(page, '.empty'), /Drop a Go execution trace here/);
  assert.equal(await open('small.trace'), true);
  const info = await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info);
  assert.deepEqual(info.lanes.map((/** @type {any} */ lane) => lane.name), ['P 0', 'P 1']);
  assert.equal(info.state, 'done');
  assert.match(await text(page, '.status'), /small\.trace .*6 goroutines/);
  const colors = [];
  for (const lane of [0, 1]) for (const s of [3, 4, 5]) colors.push(String(await pixel(page, lane, middle(s))));
  assert.equal(new Set(colors).size, 6, 'six goroutines, six colours');
  for (const lane of [0, 1]) {
    for (const s of [3, 4, 5]) assert.equal(String(await pixel(page, lane, middle(s + 9))), colors[3 * lane + (s % 3)]);
  }
  const idle = await pixel(page, 0, middle(5) + 50_000);
  assert.ok(!colors.includes(String(idle)), 'idle is no goroutine');
  assert.ok(Math.max(...idle.slice(0, 3)) - Math.min(...idle.slice(0, 3)) < 20, `idle is quiet: ${idle}`);
  await done();
});

test('keys zoom at the pointer and pan; 0 shows everything again', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  const all = await geometry(page);
  const at = await placeOf(page, 0, middle(10));
  await page.mouse.move(at.x, at.y);
  await page.keyboard.down('w');
  await page.waitForTimeout(500);
  await page.keyboard.up('w');
  await settled(page);
  const near = await geometry(page);
  assert.ok(near.t1 - near.t0 < 0.7 * (all.t1 - all.t0), `zoomed to ${near.t1 - near.t0} ns`);
  const still = await placeOf(page, 0, middle(10));
  assert.ok(Math.abs(still.x - at.x) < 2, 'the moment under the pointer stays');
  await page.keyboard.down('d');
  await page.waitForTimeout(200);
  await page.keyboard.up('d');
  await settled(page);
  const right = await geometry(page);
  assert.ok(right.t0 > near.t0 && Math.abs(right.t1 - right.t0 - (near.t1 - near.t0)) < 1, 'panned to the right');
  await page.keyboard.press('0');
  await settled(page);
  const again = await geometry(page);
  assert.deepEqual([again.t0, again.t1], [all.t0, all.t1]);
  await done();
});

test('wheel with ctrl zooms, with shift pans; a drag with shift pans; a double click zooms to the span', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  const all = await geometry(page);
  const at = await placeOf(page, 1, middle(7));
  await page.mouse.move(at.x, at.y);
  await page.keyboard.down('Control');
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -120);
  await page.keyboard.up('Control');
  await settled(page);
  const near = await geometry(page);
  assert.ok(near.t1 - near.t0 < 0.5 * (all.t1 - all.t0));
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, 100);
  await page.keyboard.up('Shift');
  await settled(page);
  const panned = await geometry(page);
  assert.ok(panned.t0 > near.t0);
  await page.keyboard.down('Shift');
  await page.mouse.down();
  await page.mouse.move(at.x + 100, at.y, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await settled(page);
  assert.ok((await geometry(page)).t0 < panned.t0, 'what was under the pointer went right with it');
  const span = await placeOf(page, 1, middle(7));
  await page.mouse.dblclick(span.x, span.y);
  await settled(page);
  const { t0, t1 } = await geometry(page);
  assert.ok(t0 > 690_000 && t0 <= 700_010 && t1 >= 759_990 && t1 < 772_000, `${t0} to ${t1}`);
  await done();
});

test('hover tells goroutine, function, times and call site; a click keeps the details; Esc lets go', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  const at = await placeOf(page, 1, middle(7));
  await page.mouse.move(at.x, at.y);
  await page.locator('goroscope-viewer .tip', { hasText: 'demo.c:42' }).waitFor({ state: 'visible' });
  const tip = (await text(page, '.tip')).replaceAll('\u202f', ' ');
  assert.match(tip, new RegExp(`G${small.goid(1, 7)}\\b`));
  assert.match(tip, /main\.worker/);
  assert.match(tip, /running/);
  assert.match(tip, /Duration\s+(60|59\.99\d|60\.00\d) µs/);
  assert.match(tip, /chan receive/);
  const selected = page.evaluate(() => new Promise((resolve) => {
    const viewer = document.querySelector('goroscope-viewer');
    viewer?.addEventListener('select', (event) => resolve(/** @type {CustomEvent} */ (event).detail), { once: true });
  }));
  await page.mouse.click(at.x, at.y);
  const span = /** @type {any} */ (await selected);
  assert.equal(span.goid, small.goid(1, 7));
  // Go's order moves events that share a moment apart by a nanosecond each.
  assert.ok(Math.abs(span.end - span.start - 60_000) < 20, `${span.end - span.start} ns`);
  assert.match(await text(page, '.details'), /Created by\s+G1 at main\.main/);
  await page.mouse.move(at.x, 790);
  await page.keyboard.press('ArrowRight');
  await page.locator('goroscope-viewer .details', { hasText: `G${small.goid(1, 8)}` }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('goroscope-viewer .details').isHidden(), true);
  await done();
});

test('a dropped file opens; a broken one says one sentence and leaves what is drawn', async () => {
  const { page, done } = await viewerPage();
  await drop(page, 'dropped.trace', small.bytes);
  await page.waitForFunction(
    () => /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.state === 'done');
  await settled(page);
  const before = await pixel(page, 0, middle(5));
  assert.match(await text(page, '.status'), /dropped\.trace.* trace format of Go 1\.23$/);
  await drop(page, 'photo.jpg', files['/traces/photo.jpg']);
  await page.locator('goroscope-viewer .message').waitFor({ state: 'visible' });
  const sentence = await text(page, '.message span');
  assert.match(sentence, /^photo\.jpg: this is not a Go execution trace/);
  assert.doesNotMatch(sentence, /byte|rule/, 'that helps who writes a tracer');
  assert.ok(sentence.length < 250 && !sentence.includes('\n') && !/undefined|\[object|Error:/.test(sentence), sentence);
  await settled(page);
  assert.deepEqual(await pixel(page, 0, middle(5)), before, 'the first trace is still there');
  assert.match(await text(page, '.status'), /dropped\.trace/);
  await page.locator('goroscope-viewer .message button').click();
  assert.equal(await page.locator('goroscope-viewer .message').isHidden(), true);
  await done();
});

test('a file that is chosen again, written anew meanwhile, is opened again', async () => {
  const { page, done } = await viewerPage();
  const folder = mkdtempSync(join(tmpdir(), 'goroscope-'));
  const path = join(folder, 'own.trace');
  /** Chooses it, and waits until so many events of it are read. @param {Uint8Array} bytes */
  const choose = async (bytes) => {
    writeFileSync(path, bytes);
    const { events } = (await read(bytes)).store;
    await page.locator('goroscope-viewer input[type=file]').setInputFiles(path);
    await page.waitForFunction((events) => {
      const { info } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return info?.state === 'done' && info.events === events;
    }, events);
  };
  await choose(small.bytes);
  await choose(syntheticTrace({ procs: 2, slices: 50, busyNs: 6_000, idleNs: 2_000 }).bytes);
  rmSync(folder, { recursive: true });
  await done();
});

test('who cancels the reading of a long trace keeps what was read, and is told', async () => {
  const { page, done } = await viewerPage();
  const told = await page.evaluate(async () => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const bytes = new Uint8Array(await (await fetch('/traces/big.trace')).arrayBuffer());
    /** @type {any} */ let feed;
    const opening = viewer.open(new ReadableStream({ start: (c) => { feed = c; } }), { name: 'long' });
    feed.enqueue(bytes.slice(0, bytes.length / 2)); // no more comes
    while (!viewer.info?.generations || viewer.info.state !== 'loading')
      await new Promise((next) => viewer.addEventListener('info', next, { once: true }));
    const { events } = viewer.info;
    viewer.cancel();
    const ok = await opening;
    return { ok, events, then: viewer.info.events, state: viewer.info.state, lanes: viewer.info.lanes.length };
  });
  assert.deepEqual([told.ok, told.state, told.lanes], [false, 'done', 4]);
  assert.ok(told.then >= told.events && told.events > 1000, JSON.stringify(told));
  assert.equal(await text(page, '.message span'), 'long: Reading was cancelled; what comes before is drawn.');
  await done();
});

test("a goroutine's span is selected as soon as the trace is read: its lane is waited for", async () => {
  const { page, done } = await viewerPage(), key = `go:${big.goid(0, 0)}`;
  const told = await page.evaluate(async (key) => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const isRead = new Promise((resolve) => viewer.addEventListener('info', () => {
      if (viewer.info.state === 'done') resolve(viewer.session.lanes.byKey(key) === undefined);
    }));
    void viewer.open('/traces/big.trace');
    const early = await isRead;
    const span = await viewer.select({ lane: key, at: 3000 });
    return { early, key: span?.key, none: await viewer.select({ lane: 'go:123456', at: 5 }) };
  }, key);
  assert.deepEqual(told, { early: true, key, none: null });
  await done();
});

test('who asks for goroutines where their lanes were not read is told so', async () => {
  const { page, done } = await viewerPage();
  await page.evaluate(async () => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    await viewer.open('/traces/small.trace', { lanes: false });
    viewer.find.open();
    viewer.find.put('state:waiting');
  });
  const told = page.locator('goroscope-viewer .found');
  await told.filter({ hasText: 'none on Ps: goroutines are not read' }).waitFor();
  await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).readLanes());
  await told.filter({ hasText: /^\d+ spans, / }).waitFor();
  await done();
});

test('what no P has is looked for on the other lanes; where none has it no lane is hidden', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  const put = (/** @type {string} */ query) => page.evaluate((query) => {
    const { find } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    find.show(true);
    find.put(query);
  }, query);
  const told = page.locator('goroscope-viewer .found');
  await put('kind:proc');
  await told.filter({ hasText: /^\d+ spans, / }).waitFor();
  const rows = () => page.evaluate(() =>
    /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.rows.length);
  const all = await rows();
  await put('waiting'); // a word: Ps have none that says so
  await told.filter({ hasText: /^\d+ spans, / }).waitFor();
  await put('nosuchname');
  await told.filter({ hasText: /^none$/ }).waitFor();
  await page.getByRole('button', { name: 'Only these lanes' }).click();
  assert.equal(await rows(), all);
  await done();
});

test('a trace cut off in the middle shows what came before, and says so', async () => {
  const { page, done } = await viewerPage();
  const cut = syntheticTrace({ procs: 2, slices: 40, busyNs: 60_000, idleNs: 40_000, perGen: 10 });
  const broken = cut.bytes.slice();
  // Nonsense in the last generation: the generations before it stand on their own.
  broken.fill(0xff, broken.length - 300);
  await drop(page, 'cut.trace', broken);
  await page.locator('goroscope-viewer .message').waitFor({ state: 'visible' });
  await settled(page);
  assert.match(await text(page, '.message span'),
    /^cut\.trace: .*\(byte \d+.*; rule: [a-z-]+\); what comes before is drawn\.$/);
  const info = await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info);
  assert.ok(info.t1 > 1_900_000, `drawn up to ${info.t1}`);
  await done();
});

test('a missing file and a wrong argument are said in words', async () => {
  const { page, open, done } = await viewerPage();
  for (let shown = 0; shown < 2; shown++) { // nothing, then a trace, which is not to blame
    if (shown) await open('small.trace');
    assert.equal(await open('nowhere.trace'), false);
    assert.match(await text(page, '.message span'),
      /^http:\S*nowhere\.trace could not be fetched: the server answered 404/);
    await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).open(42));
    assert.match(await text(page, '.message span'), /^open\(\) takes a file, a URL/);
  }
  await done();
});

test('while a trace is fetched the element says so, whatever attribute is set meanwhile', async () => {
  const { page, done } = await viewerPage();
  const says = await page.evaluate(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    globalThis.fetch = () => new Promise(() => {});
    void viewer.open('/never');
    return ['theme', 'empty'].map((name) => {
      viewer.setAttribute(name, 'dark');
      return viewer.shadowRoot.querySelector('.empty p').textContent;
    });
  });
  assert.deepEqual(says, ['Reading the trace…', 'Reading the trace…']);
  await drop(page, 'small.trace', small.bytes);
  await settled(page);
  const stopped = await page.evaluate(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer')), { stop } = viewer.parts;
    void viewer.open('/never');
    const before = stop.hidden;
    stop.click();
    return [before, stop.hidden, viewer.info.name];
  });
  assert.deepEqual(stopped, [false, true, 'small.trace'], 'Cancel ends it, and leaves what is drawn');
  await done();
});

test('a connection that breaks, and a file that is but a header, are told as that', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  await page.evaluate((start) => {
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(Uint8Array.from(start)),
      pull: (controller) => controller.error(new Error('reset by peer')),
    }, { highWaterMark: 0 });
    return /** @type {any} */ (document.querySelector('goroscope-viewer')).open(broken, { name: 'far.trace' });
  }, [...small.bytes.subarray(0, 100)]);
  assert.equal(await text(page, '.message span'),
    'far.trace: The trace broke off after 100 bytes, where more was to come: reset by peer.');
  const told = page.evaluate(() => new Promise((resolve) => document.querySelector('goroscope-viewer')
    ?.addEventListener('info', (e) => resolve(/** @type {CustomEvent} */ (e).detail.name), { once: true })));
  await drop(page, 'header.trace', Buffer.from('go 1.26 trace\0\0\0')); // of older versions that is an error
  assert.equal(await told, 'header.trace', 'who embeds the viewer hears of a trace without lanes, too');
  assert.match(await text(page, '.empty'), /Of this trace there is the beginning only/);
  await done();
});

test('of a gzipped file that is cut off, or has more behind its end, what can be read is drawn', async () => {
  const { page, done } = await viewerPage();
  const packed = gzipSync(readFileSync(new URL('../trace/recorded/go1.27-mixed.trace', import.meta.url)));
  const opened = (/** @type {Uint8Array} */ bytes) => page.evaluate(async (bytes) => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const whole = await viewer.open(new Blob([Uint8Array.from(bytes)]), { name: 'packed.trace.gz' });
    const { generations, events, lanes } = viewer.info;
    return { whole, generations, drawn: events > 1000 && lanes.length > 1,
      said: viewer.shadowRoot.querySelector('.message span').textContent };
  }, [...bytes]);
  const said = 'packed.trace.gz: The gzipped file is damaged or cut off; what comes before is drawn.';
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await opened(packed.subarray(0, packed.length - 2000)),
      { whole: false, generations: 1, drawn: true, said });
    assert.deepEqual(await opened(Buffer.concat([packed, Buffer.from('what is here')])),
      { whole: false, generations: 2, drawn: true, said });
  }
  await done();
});

test('save gives back the bytes that came in', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  const saved = await page.evaluate(async () => {
    const blob = await /** @type {any} */ (document.querySelector('goroscope-viewer')).save();
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  assert.deepEqual(Uint8Array.from(saved), small.bytes);
  await done();
});

/** Opens the big trace and moves about in it, in the page. @returns what took long there */
async function workWithBig() {
  /** @type {number[]} */
  const long = [];
  const observer = new PerformanceObserver(
    (list) => list.getEntries().forEach((entry) => long.push(Math.round(entry.duration))));
  observer.observe({ type: 'longtask' });
  const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const start = performance.now();
  await viewer.open('/traces/big.trace');
  const read = performance.now() - start;
  for (let i = 0; i < 120; i++) {
    viewer.timeline.input.zoomAtX(i % 60 < 40 ? 0.85 : 1.35, 600);
    viewer.timeline.input.panPixels(i % 2 ? 25 : -20);
    viewer.timeline.input.hover(300 + 5 * i, 100);
    await frame();
  }
  viewer.timeline.fitAll();
  for (let i = 0; i < 30; i++) await frame();
  await new Promise((resolve) => setTimeout(resolve, 500));
  observer.disconnect();
  return { long, read, events: viewer.info.events };
}

test('a million events: no task over 50 ms on the main thread while reading, zooming and panning', async () => {
  const { page, done } = await viewerPage(OWN);
  assert.ok(big.events > 1_000_000);
  // Other work on the machine can stretch any task; one that is long by itself is long every time, and in CPU time too.
  let long = [0], least = Infinity, slowness = 1;
  for (let attempt = 1; attempt <= 4 && (long.length > 0 || least > LONG_TASK_MS); attempt++) {
    const { result, cpu, quiet } = await longestTask(browser, page, workWithBig);
    ({ long } = result);
    console.log(`# ${result.events} events read in ${Math.round(result.read)} ms; long tasks: ${
      long.join(', ') || 'none'}; most CPU time in one: ${cpu.toFixed(1)} ms, ${quiet.toFixed(1)} on a quiet machine`);
    assert.ok(quiet > 0);
    least = Math.min(least, quiet);
    slowness = cpu / quiet;
  }
  assert.ok(least <= LONG_TASK_MS, `a task took ${least} ms of CPU time`);
  const isQuiet = loadavg()[0] <= availableParallelism() && slowness < 1.2;
  if (isQuiet) assert.deepEqual(long, []);
  await settled(page);
  const frames = await page.evaluate(
    () => /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.frames.frames);
  await page.waitForTimeout(600);
  const later = await page.evaluate(
    () => /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.frames.frames);
  assert.equal(later, frames, 'a page at rest draws no frames');
  await done();
});

test('a stream grows live: lanes change while it comes, the right edge follows, a pan lets go, L returns', async () => {
  const { page, done } = await viewerPage();
  const live = syntheticTrace({ procs: 2, slices: 4000, busyNs: 60_000, idleNs: 40_000, perGen: 250 });
  const edges = await page.evaluate(async (data) => {
    const bytes = new Uint8Array(data);
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    /** @type {ReadableStreamDefaultController<Uint8Array>} */
    let feed;
    const readable = new ReadableStream({ start: (controller) => void (feed = controller) });
    viewer.attach({ trace: { region: null, readable } });
    const seen = [];
    const step = Math.ceil(bytes.length / 16);
    for (let at = 0; at < bytes.length; at += step) {
      // @ts-ignore: set by start() above
      feed.enqueue(bytes.slice(at, at + step));
      await new Promise((resolve) => setTimeout(resolve, 60));
      const { timeline, info } = viewer;
      seen.push({ t1: info?.t1 ?? 0, edge: timeline.view.t1, mode: timeline.view.mode });
    }
    viewer.timeline.input.panPixels(40);
    const panned = viewer.timeline.view.mode;
    const canvas = viewer.shadowRoot.querySelector('.lanes');
    canvas.focus();
    canvas.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyL', key: 'l', bubbles: true, composed: true }));
    const back = viewer.timeline.view.mode;
    // @ts-ignore: set by start() above
    feed.close();
    return { seen, panned, back };
  }, [...live.bytes]);
  const lengths = edges.seen.map((s) => s.t1);
  assert.ok(new Set(lengths).size > 4, `grew in steps: ${lengths}`);
  assert.ok(edges.seen.every((s) => s.mode === 'follow'));
  assert.equal(edges.panned, 'free');
  assert.equal(edges.back, 'follow');
  await page.waitForFunction(
    () => /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.state === 'done');
  await done();
});

test('dark and light, by attribute and by system; a phone sees lanes too; paper has no buttons', async () => {
  const ground = (/** @type {import('playwright-core').Page} */ page) => page.evaluate(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    return getComputedStyle(viewer.shadowRoot.querySelector('.frame')).backgroundColor;
  });
  const { page, open, done } = await viewerPage({
    colorScheme: 'dark', viewport: { width: 420, height: 700 }, hasTouch: true,
  });
  await open('small.trace');
  assert.equal(await ground(page), 'rgb(18, 21, 27)');
  const dark = await pixel(page, 0, middle(5));
  await page.evaluate(() => document.querySelector('goroscope-viewer')?.setAttribute('theme', 'light'));
  await settled(page);
  assert.equal(await ground(page), 'rgb(255, 255, 255)');
  assert.notDeepEqual(await pixel(page, 0, middle(5)), dark);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 420, 'nothing sticks out');
  const at = await placeOf(page, 0, middle(7));
  await page.touchscreen.tap(at.x, at.y);
  await page.locator('goroscope-viewer .details').waitFor({ state: 'visible' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('goroscope-viewer .bar button, goroscope-viewer .details button')
    .filter({ visible: true }).count(), 0, 'on paper there is nothing to press');
  assert.ok(await page.locator('goroscope-viewer .details').isVisible());
  await done();
});

test('two fingers zoom about their middle, one finger pans', async () => {
  const phone = { viewport: { width: 420, height: 700 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  const { page, open, done } = await viewerPage(phone);
  await open('small.trace');
  const all = await geometry(page);
  const cdp = await page.context().newCDPSession(page);
  /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {number[]} xs */
  const touch = (type, xs) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y: 180, id })) });
  await touch('touchStart', [200, 260]);
  for (let i = 1; i <= 8; i++) await touch('touchMove', [200 - 10 * i, 260 + 10 * i]);
  await touch('touchEnd', []);
  await settled(page);
  const near = await geometry(page);
  const factor = (all.t1 - all.t0) / (near.t1 - near.t0);
  assert.ok(factor > 3 && factor < 4.5, `fingers 60 px apart went to 220 px: zoomed ${factor}`);
  await touch('touchStart', [300]);
  for (let i = 1; i <= 6; i++) await touch('touchMove', [300 - 20 * i]);
  await touch('touchEnd', []);
  await settled(page);
  const panned = await geometry(page);
  assert.ok(panned.t0 > near.t0 && Math.abs(panned.t1 - panned.t0 - (near.t1 - near.t0)) < 1);
  await done();
});

test('the help sheet opens with ?, lists the keys, and Esc closes it', async () => {
  const { page, open, done } = await viewerPage();
  await open('small.trace');
  await page.mouse.move(600, 300);
  await page.keyboard.press('?');
  const sheet = await text(page, 'dialog.help');
  for (const line of ['Zoom in at the pointer', 'Show the whole trace', 'Follow the live edge'])
    assert.ok(sheet.includes(line), line);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('goroscope-viewer dialog.help').isHidden(), true);
  await done();
});
