/**
 * The element as others use it: where there is no page, ten on one page, taken out and put back, its events,
 * and nothing left behind in the page.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { checkState, decodeState, encodeState } from '../../viewer/app/state.mjs';
import { ViewerPages, drawn, geometry, middle, settled, small } from './on-viewer.mjs';

/** @type {ViewerPages} */
let viewer;

const BARE = '<!doctype html><html lang="en"><title>x</title><link rel="icon" href="data:,"><body></body></html>';

before(async () => {
  viewer = await ViewerPages.start({
    '/bare.html': BARE, '/traces/broken.trace': small.bytes.slice(0, 100).fill(0xff, 60),
  });
});

after(() => viewer?.close());

test('the API is all there: what the types promise the element has', () => viewer.on(async (page) => {
  const source = readFileSync(join(ROOT, 'viewer/app/api.d.mts'), 'utf8');
  const promised = /interface GoroscopeViewerApi \{([^]*?)\n\}/.exec(source)?.[1] ?? '';
  const names = [...promised.matchAll(/^ {2}(?:readonly |get |set )?(\w+)[(:]/gm)].map((m) => m[1]);
  assert.ok(names.length >= 9, names.join());
  const missing = await page.evaluate((names) => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    return names.filter((name) => !(name in viewer));
  }, names);
  assert.deepEqual(missing, []);
  const styles = readFileSync(join(ROOT, 'viewer/app/styles.mjs'), 'utf8');
  const colors = new Set([...styles.matchAll(/(--goroscope-[a-z-]+?)(?:-\d)?:/g)].map((m) => m[1]));
  for (const color of colors) assert.ok(source.includes(color), `${color} is listed`);
}));

test('without HTMLElement the import defines nothing and throws nothing', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e',
    "const before = Object.keys(globalThis); await import('goroscope/viewer'); "
    + 'console.log(Object.keys(globalThis).filter((k) => !before.includes(k)).length);'],
  { cwd: ROOT, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), '0');
});

test('ten on one page, each with its own trace; none leaves anything in the page', () => viewer.on(async (page) => {
  const found = await page.evaluate(async () => {
    const before = Object.getOwnPropertyNames(window);
    const path = '/viewer/app/element.mjs';
    await import(path);
    const all = Array.from({ length: 10 }, () => document.createElement('goroscope-viewer'));
    document.body.append(...all);
    const read = await Promise.all(all.map((viewer) => viewer.open('/traces/small.trace')));
    all[3].state = { version: 1, t0: 100_000, t1: 200_000 };
    await all[4].select({ lane: 'proc:1', at: 730_000 });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const here = Object.getOwnPropertyNames(window).filter((name) => !before.includes(name));
    return {
      read, here, head: document.head.children.length, modes: all.map((viewer) => viewer.state.mode),
      selections: all.map((viewer) => viewer.state.selection?.lane ?? ''), hash: location.hash,
    };
  });
  assert.deepEqual(found.read, Array(10).fill(true));
  assert.deepEqual(found.here, []);
  assert.equal(found.head, 2);
  assert.equal(found.hash, '', 'the address is the page\'s');
  assert.deepEqual(found.modes, Array.from({ length: 10 }, (_, i) => (i === 3 ? 'free' : 'all')));
  assert.deepEqual(found.selections, Array.from({ length: 10 }, (_, i) => (i === 4 ? 'proc:1' : '')));
}, { path: '/bare.html' }));

test('keys are the viewer\'s that was used last; text fields and what scrolls the page keep theirs', () =>
  viewer.on(async (page) => {
    await page.evaluate(async () => {
      const path = '/viewer/app/element.mjs';
      await import(path);
      const field = Object.assign(document.createElement('input'), { id: 'field' });
      const button = Object.assign(document.createElement('button'), { id: 'button', textContent: 'Elsewhere' });
      document.body.append(field, button, document.createElement('goroscope-viewer'));
      await /** @type {any} */ (document.querySelector('goroscope-viewer')).open('/traces/small.trace');
    });
    await drawn(page);
    const widths = () => page.evaluate(() => [...document.querySelectorAll('goroscope-viewer')]
      .map((/** @type {any} */ viewer) => Math.round(viewer.state.t1 - viewer.state.t0) || 0));
    await page.mouse.move(1, 1);
    await page.locator('#field').focus();
    await page.keyboard.press('=');
    assert.deepEqual(await widths(), [0], 'typed');
    await page.locator('#button').focus();
    await page.keyboard.press('=');
    await settled(page);
    const [once] = await widths();
    assert.ok(once > 0, 'zoomed, with nothing clicked in the viewer');
    await page.locator('goroscope-viewer').evaluate((viewer) => viewer.setAttribute('keys', 'focus'));
    await page.keyboard.press('=');
    await settled(page);
    assert.deepEqual(await widths(), [once], 'the page has keys of its own');
    await page.locator('goroscope-viewer').evaluate((viewer) => viewer.removeAttribute('keys'));
    await page.evaluate(async () => {
      const second = document.createElement('goroscope-viewer');
      document.body.append(second);
      await second.open('/traces/small.trace');
    });
    await page.keyboard.press('=');
    await settled(page);
    assert.deepEqual(await widths(), [once, 0], 'of two none was used yet');
    await page.locator('goroscope-viewer').nth(1).hover();
    await page.mouse.move(1, 1);
    await page.keyboard.press('=');
    await page.waitForFunction(() => {
      const { timeline, state } = /** @type {any} */ (document.querySelectorAll('goroscope-viewer')[1]);
      return state.mode === 'free' && !timeline.view.glide;
    });
    assert.equal((await widths())[0], once);
  }, { path: '/bare.html' }));

test('what is no program and no place to select is called so; close() leaves nothing of the trace', () =>
  viewer.on(async (page) => {
    const told = await page.evaluate(async () => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const errors = /** @type {string[]} */ ([]), seen = /** @type {unknown[]} */ ([]);
      viewer.addEventListener('error', (/** @type {ErrorEvent} */ event) => errors.push(event.message));
      for (const rt of [null, undefined, {}, 5]) {
        viewer.say('');
        viewer.attach(rt);
      }
      viewer.say('');
      for (const what of [{}, { lane: 'go:1' }, { t0: 5, t1: NaN }, { t0: 5, t1: 1 }, 'go:1'])
        seen.push(await viewer.select(what).then(() => 'taken', (/** @type {Error} */ e) => e.name));
      // An area is summed up in place of the details of a span.
      await viewer.select({ lane: 'proc:1', at: 730_000 });
      await viewer.select({ t0: 1e5, t1: 2e5 });
      seen.push(viewer.parts.details.hidden, viewer.parts.area.hidden);
      viewer.find.show(true);
      viewer.find.put('foo:::');
      viewer.close();
      seen.push(viewer.find.node.hidden, viewer.state.query, viewer.find.error.hidden);
      return { errors, seen };
    });
    assert.deepEqual(told.errors, Array(4).fill(
      'attach() takes a program that load() of goroscope gave, and this is none.'));
    assert.deepEqual(told.seen, [...Array(5).fill('TypeError'), true, false, true, undefined, true]);
  }));

test('taken out of the page and put back it goes on: keys, drags, size', () => viewer.on(async (page) => {
  await page.evaluate(() => {
    const viewer = /** @type {HTMLElement} */ (document.querySelector('goroscope-viewer'));
    const place = /** @type {HTMLElement} */ (viewer.parentElement);
    for (let i = 0; i < 3; i++) {
      viewer.remove();
      place.append(viewer);
    }
  });
  await drawn(page);
  await page.locator('goroscope-viewer .lanes').focus();
  const before = await geometry(page);
  await page.keyboard.press('=');
  const once = await geometry(page);
  assert.ok(once.t0 > before.t0);
  assert.ok(Math.abs((once.t1 - once.t0) * 1.6 - 1_960_000) < 2000, 'one step, not one for each time it came');
}));

test('events tell what happens: open, select, areachange, viewchange, error', () => viewer.on(async (page) => {
  const seen = await page.evaluate(async () => {
    const viewer = /** @type {import('../../viewer/app/api.d.mts').GoroscopeViewer} */ (
      document.querySelector('goroscope-viewer'));
    /** @type {string[]} */
    const seen = [];
    for (const type of /** @type {const} */ (['open', 'select', 'areachange', 'error', 'settings'])) {
      viewer.addEventListener(type, (event) => {
        const detail = JSON.stringify(/** @type {CustomEvent} */ (event).detail)?.slice(0, 20);
        seen.push(`${type} ${event instanceof ErrorEvent ? event.message.slice(0, 30) : detail}`);
      });
    }
    const changed = new Promise((resolve) => viewer.addEventListener('viewchange', resolve, { once: true }));
    const span = await viewer.select({ lane: 'proc:1', at: 730_000 });
    await changed;
    seen.push(`${span?.goid}`);
    for (const nowhere of [{ lane: 'proc:1', at: 780_000 }, { lane: 'x', at: 0 }])
      seen.push(String(await viewer.select(nowhere)));
    await viewer.select({ t0: 1e5, t1: 2e5, lanes: ['proc:0'] });
    await viewer.select(null);
    viewer.settings = { drag: 'pan' };
    viewer.settings = { drag: 'pan' };
    await viewer.open('/traces/broken.trace');
    try {
      viewer.state = /** @type {any} */ ({ version: 99 });
    } catch (error) {
      seen.push(`${error}`);
    }
    return seen;
  });
  assert.deepEqual(seen.map((s) => s.replace(/ \{.*/, ' {…')), [
    'select {…', `${small.goid(1, 7)}`, 'null', 'null', 'select null', 'areachange {…', 'areachange null',
    'settings {…', seen[8],
    'TypeError: This view was saved by another version of the viewer (state 99, here 1): open it there.']);
  assert.match(seen[8], /^error \S/);
}));

test('where a viewer that is there already loads from can be said until it reads its first trace', () =>
  viewer.on(async (page) => {
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.route('**/elsewhere.wasm', (route) => route.fulfill({ path: join(ROOT, 'build/reader.wasm') }));
    await page.evaluate(async () => {
      const path = '/viewer/app/element.mjs', { GoroscopeViewer } = await import(path);
      const viewer = document.body.appendChild(document.createElement('goroscope-viewer'));
      GoroscopeViewer.loadFrom({ reader: '/elsewhere.wasm' });
      await viewer.open('/traces/small.trace');
      /** @type {any} */ (viewer).drawer.toggle();
    });
    const analysed = () => /** @type {any} */ (document.querySelector('goroscope-viewer')).drawer.desk !== null;
    await page.waitForFunction(analysed);
    assert.deepEqual([...new Set(asked.filter((path) => path.endsWith('.wasm')))], ['/elsewhere.wasm']);
  }, { path: '/bare.html' }));

test('taken out while its help is open and put back, it is as it was before that', () => viewer.on(async (page) => {
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.evaluate(() => {
    const viewer = /** @type {Element} */ (document.querySelector('goroscope-viewer')), { parentNode } = viewer;
    viewer.remove();
    parentNode?.append(viewer);
  });
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('q');
  await page.locator('goroscope-viewer .drawer').waitFor();
}));

test('a worker whose message cannot be read has failed: who waits for it is told', () => viewer.on(async (page) => {
  const said = await page.evaluate(async () => {
    const path = '/viewer/trace/analyst.mjs', { Analyst } = await import(path), analyst = new Analyst();
    const read = analyst.read(new Blob(['no trace'])).catch((/** @type {Error} */ e) => e.message);
    analyst.tables.worker.dispatchEvent(new MessageEvent('messageerror'));
    return read;
  });
  assert.equal(said, 'The analysis could not run: a message could not be read.');
}, { path: '/bare.html' }));

test('a state is looked at part by part; an address gives back what went in', () => {
  const state = checkState({
    version: 1, t0: 5, t1: 9, query: 'fn:"ü"', marks: [{ t0: middle(1), text: 'ß', color: 99 }, { t0: 'x' }, null],
    area: { t0: 1, t1: 0, lanes: [] }, selection: { lane: 7, at: 1 }, scroll: { lane: 'proc:1', y: NaN }, more: 1,
    mode: 'fly', lanes: { pinned: ['go:1'] }, __proto__: { query: 'x' },
  });
  assert.deepEqual(state, {
    version: 1, t0: 5, t1: 9, mode: 'free', query: 'fn:"ü"',
    marks: [{ t0: middle(1), t1: middle(1), text: 'ß', color: 6 }], lanes: { pinned: ['go:1'] },
  });
  assert.deepEqual(decodeState(encodeState(state)), state);
  assert.match(encodeState(state), /^[\w-]+$/);
  for (const bad of ['', '%%%', 'e30x', encodeState(state).slice(0, -9), 'x'.repeat(100_000)])
    assert.throws(() => decodeState(bad), /The view in this address is damaged/, bad.slice(0, 9));
  for (const bad of [null, 5, 'x', []]) assert.throws(() => checkState(bad), TypeError);
});
