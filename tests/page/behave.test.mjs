/**
 * How the viewer behaves in a real Chromium: areas, marks, undo, the palette, finding, what a view keeps.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { bundledViewer, lastFileKept, until, viewInAddress } from './chromium.mjs';
import {
  ViewerPages, drag, drawn, geometry, middle, part, placeOf, settled, small, stateOf, text,
} from './on-viewer.mjs';
import { syntheticTrace } from './synthetic.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {ViewerPages} */
let viewer;

/** Spans are so dense that the whole of it is known summed up only. */
const dense = syntheticTrace({ procs: 2, slices: 60_000, busyNs: 600, idleNs: 400 });

before(async () => {
  viewer = await ViewerPages.start({ '/traces/dense.trace': dense.bytes });
});

after(() => viewer?.close());

test('a drag selects an area; the panel sums up what happened in it, exactly', () => viewer.on(async (page) => {
  // Details of a span do not hide what a drag sums up.
  const inside = await placeOf(page, 0, middle(2));
  await page.mouse.click(inside.x, inside.y);
  await part(page, '.details').waitFor({ state: 'visible' });
  // From the beginning of slice 4 to the end of slice 13 on P 1: ten slices of 60 µs.
  await drag(page, [1, 395_000], [1, 1_395_000]);
  const panel = part(page, '.area');
  await panel.locator('td', { hasText: '10' }).waitFor();
  assert.ok(await part(page, '.details').isHidden());
  const { area, mode } = await stateOf(page);
  assert.equal(mode, 'all', 'the view did not move');
  assert.deepEqual(area.lanes, ['proc:1']);
  assert.ok(Math.abs(area.t0 - 395_000) < 2500 && Math.abs(area.t1 - 1_395_000) < 2500, JSON.stringify(area));
  const words = await text(page, '.area');
  assert.match(words, /on 1 lane/);
  assert.match(words, /P 1\s+600 µs \(60%\)\s+10/);
  assert.match(words, /3 goroutines, longest: G\d main\.worker/);
  assert.doesNotMatch(words, /about/);
  // On both lanes, from the ruler; then its right edge is taken further.
  const { ruler, left } = await geometry(page);
  const a = await placeOf(page, 0, 100_000);
  await page.mouse.move(a.x, ruler);
  await page.mouse.down();
  await page.mouse.move(a.x + 200, ruler, { steps: 4 });
  await page.mouse.up();
  assert.deepEqual((await stateOf(page)).area.lanes, [], 'all lanes');
  const before = (await stateOf(page)).area;
  await page.mouse.move(a.x + 200, a.y);
  await page.mouse.down();
  await page.mouse.move(a.x + 400, a.y, { steps: 4 });
  await page.mouse.up();
  const wider = (await stateOf(page)).area;
  assert.ok(wider.t0 === before.t0 && wider.t1 > before.t1 * 1.5 && left > 0, JSON.stringify(wider));
  await page.keyboard.press('Escape');
  assert.equal(await panel.isHidden(), true);
  assert.equal((await stateOf(page)).area, undefined);
}));

test('an area of 60 000 spans is summed up to the nanosecond', () => viewer.on(async (page) => {
  await page.mouse.move(600, 300);
  await page.keyboard.press('r');
  const words = part(page, '.area .sums');
  await words.locator('caption', { hasText: /^Time by state$/ }).waitFor();
  const spans = (await text(page, '.area .sums tbody tr:last-child td:last-child')).replaceAll(' ', '');
  assert.equal(spans, '120000');
  assert.match(await text(page, '.area .sums tbody tr:first-child'), /P 0\s+36 ms \(60%\)/);
}, { path: '/viewer/index.html?trace=/traces/dense.trace' }));

test('shift-, middle- and space-drag move the view, and a setting turns drag and shift-drag round', () =>
  viewer.on(async (page) => {
    await part(page, '.lanes').focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('=');
    await settled(page);
    const moves = async () => {
      const { t0 } = await geometry(page);
      return { t0, area: (await stateOf(page)).area };
    };
    const at = (await geometry(page)).t0 + 150_000;
    let was = (await moves()).t0;
    for (const how of ['Shift', 'middle', 'Space']) {
      if (how !== 'middle') await page.keyboard.down(how);
      await drag(page, [0, at], [0, at - 50_000], how === 'middle' ? 'middle' : 'left');
      if (how !== 'middle') await page.keyboard.up(how);
      const now = await moves();
      assert.ok(now.t0 > was + 20_000 && !now.area, `${how}: ${was} to ${now.t0}`);
      was = now.t0;
    }
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await part(page, '.setting select').first().selectOption('pan');
    await page.keyboard.press('Escape');
    await drag(page, [0, at + 100_000], [0, at + 50_000]);
    assert.ok((await moves()).t0 > was + 20_000, 'a drag moves');
    await page.keyboard.down('Shift');
    await drag(page, [0, at + 150_000], [0, at + 200_000]);
    await page.keyboard.up('Shift');
    assert.ok((await moves()).area, 'with shift it selects');
    await page.reload();
    await drawn(page);
    assert.equal((await stateOf(page)).settings.drag, 'pan', 'the page keeps it');
  }));

test('keys alone make an area, and make it longer and higher', () => viewer.on(async (page) => {
  await part(page, '.lanes').focus();
  await page.keyboard.press('ArrowRight');
  await part(page, '.details').waitFor({ state: 'visible' });
  await settled(page);
  assert.equal((await stateOf(page)).mode, 'all', 'what is in sight needs no move, least of all to before the trace');
  await page.keyboard.press('r');
  const { area } = await stateOf(page);
  assert.ok(area.lanes.length === 1 && Math.abs(area.t1 - area.t0 - 60_000) < 50, JSON.stringify(area));
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const more = (await stateOf(page)).area;
  assert.ok(more.t1 > area.t1 && more.lanes.length === 0, 'both lanes are all lanes');
  await page.keyboard.press('Shift+ArrowUp');
  assert.deepEqual((await stateOf(page)).area.lanes, area.lanes);
}));

test('F brings the selection to the middle, F again zooms to it; moves are undone and done again', () =>
  viewer.on(async (page) => {
    const all = await geometry(page);
    const at = await placeOf(page, 0, middle(3));
    await page.mouse.click(at.x, at.y);
    await part(page, '.details').waitFor({ state: 'visible' });
    await page.mouse.move(600, 5);
    await part(page, '.lanes').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('=');
    await settled(page);
    const zoomed = await geometry(page);
    await page.keyboard.press('f');
    await settled(page);
    const centred = await geometry(page);
    assert.ok(Math.abs((centred.t0 + centred.t1) / 2 - middle(3)) < 2000, `${centred.t0} to ${centred.t1}`);
    await page.keyboard.press('f');
    await settled(page);
    const close = await geometry(page);
    assert.ok(close.t1 - close.t0 < 90_000, `${close.t1 - close.t0}`);
    const back = [];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Control+z');
      await settled(page);
      back.push(await geometry(page));
    }
    assert.ok(Math.abs(back[0].t0 - centred.t0) < 1);
    assert.ok(Math.abs(back[1].t0 - zoomed.t0) < 1 || Math.abs(back[1].t1 - zoomed.t1) < 1);
    for (let i = 0; i < 9; i++) await page.keyboard.press('Control+z');
    await settled(page);
    const first = await geometry(page);
    assert.deepEqual([first.t0, first.t1, first.mode], [all.t0, all.t1, 'all']);
    for (let i = 0; i < 12; i++) await page.keyboard.press('Control+y');
    await settled(page);
    assert.ok(Math.abs((await geometry(page)).t0 - close.t0) < 1);
  }));

test('marks: a temporary one gives way, a kept one has a note and a colour, is listed and deleted', () =>
  viewer.on(async (page) => {
    const pixels = () => page.evaluate(() => {
      const { parts } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const { width } = parts.lanes;
      const { data } = parts.lanes.getContext('2d').getImageData(0, 4, width, 1);
      let colored = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [low, , high] = [...data.slice(i, i + 3)].sort((a, b) => a - b);
        if (high - low > 60) colored++;
      }
      return { colored };
    });
    const a = await placeOf(page, 0, middle(4));
    await page.mouse.move(a.x, a.y);
    assert.equal((await pixels()).colored, 0);
    await page.keyboard.press('m');
    await settled(page);
    assert.ok((await pixels()).colored > 3, 'a flag on the ruler');
    const b = await placeOf(page, 0, middle(8));
    await page.mouse.move(b.x, b.y);
    await page.keyboard.press('m');
    await settled(page);
    assert.equal((await stateOf(page)).marks, undefined, 'temporary ones are not kept');
    await page.keyboard.press('Shift+M');
    const list = part(page, '.notes');
    await list.waitFor({ state: 'visible' });
    await page.keyboard.type('<b>here</b> it "stalls", n /'); // its note has the focus
    assert.ok(await part(page, '.find').isHidden());
    await page.keyboard.press('Enter');
    assert.ok(await part(page, '.lanes').evaluate((node) => node.matches(':focus')));
    const gap = await page.evaluate(() => {
      const { shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const boxOf = (/** @type {string} */ name) => shadowRoot.querySelector(name).getBoundingClientRect();
      return boxOf('.legend').top - boxOf('.notes').bottom;
    });
    assert.ok(gap >= 0 && gap < 8, `${gap} px below the list`);
    await list.locator('select').last().selectOption('3');
    const { marks } = await stateOf(page);
    assert.equal(marks.length, 1);
    assert.ok(marks[0].text === '<b>here</b> it "stalls", n /' && marks[0].color === 3);
    assert.ok(Math.abs(marks[0].t0 - middle(8)) < 3000);
    await list.locator('li').last().getByTitle('Go there').click();
    await settled(page);
    const { t0, t1 } = await geometry(page);
    assert.ok(t0 < middle(8) && t1 > middle(8) && t1 - t0 < 500_000, 'the list leads there');
    await list.getByRole('button', { name: /Delete/ }).last().click();
    assert.equal((await stateOf(page)).marks, undefined);
    await page.keyboard.press('Shift+M');
    await page.keyboard.type('none was here');
    await page.keyboard.press('Enter');
    assert.equal((await stateOf(page)).marks[0].text, 'none was here');
  }));

test('the same place is marked once, and keeping its mark keeps that one', () => viewer.on(async (page) => {
  const marks = () => page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).marks.list
    .map((/** @type {any} */ { kept }) => kept));
  await part(page, '.lanes').focus();
  await page.keyboard.press('r');
  await page.keyboard.press('m');
  assert.deepEqual(await marks(), [false]);
  for (const key of ['Shift+M', 'Shift+M', 'm']) {
    await page.keyboard.press(key);
    assert.deepEqual(await marks(), [true], key);
    if (key !== 'm') await page.keyboard.press('Escape'); // from its note
  }
  await part(page, '.notes').waitFor({ state: 'visible' });
  assert.equal(await part(page, '.notes li').count(), 1);
}));

test('what a key could not do is not said any longer once another key could', () => viewer.on(async (page) => {
  const hint = part(page, '.hint');
  const a = await placeOf(page, 0, middle(4));
  await page.mouse.click(a.x, a.y);
  await part(page, '.details').waitFor({ state: 'visible' });
  const index = () => page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
    .timeline.selected.index);
  const before = await index();
  await page.evaluate(() => { // it stays, but for what takes it away
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    timeline.hint('Nobody is known to have woken it');
    clearTimeout(timeline.hintTimer);
  });
  await page.keyboard.press('ArrowRight');
  await hint.waitFor({ state: 'hidden' });
  await settled(page);
  assert.ok(await index() > before);
  await page.keyboard.press('BracketLeft');
  await hint.waitFor({ state: 'visible' });
  await page.keyboard.press('Equal');
  assert.equal(await hint.isVisible(), false);
}));

test('the palette runs commands, and G goes to a lane', () => viewer.on(async (page) => {
  await part(page, '.lanes').focus();
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('zoom in one');
  await page.keyboard.press('Enter');
  await settled(page);
  assert.ok((await geometry(page)).t0 > 0);
  assert.equal(await part(page, 'dialog.palette').isHidden(), true);
  await page.getByRole('button', { name: 'All commands' }).click();
  await page.keyboard.type('no such thing');
  assert.match(await text(page, '.palette .none'), /Nothing fits/);
  await page.keyboard.press('Escape');
  await part(page, '.lanes').focus();
  await page.keyboard.press('g');
  assert.deepEqual((await part(page, '.palette li').allInnerTexts()).slice(0, 2), ['P 0', 'P 1']);
  await page.keyboard.type('P 1');
  await page.keyboard.press('Enter');
  assert.equal(await part(page, 'dialog.palette').isHidden(), true);
  await settled(page);
  const pointed = () => page.evaluate(() => {
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    return [timeline.pointed, timeline.laneKey()];
  });
  assert.deepEqual(await pointed(), ['proc:1', 'proc:1'], 'outlined, and what commands act on');
  await page.keyboard.press('Escape');
  assert.equal((await pointed())[0], null);
}));

test('find: counts, leads from one to the next, fades the rest, hides lanes; a mistake is pointed at', () =>
  viewer.on(async (page) => {
    const goid = small.goid(1, 4);
    const colorAt = async (/** @type {number} */ lane, /** @type {number} */ t) => {
      const { x, y } = await placeOf(page, lane, t);
      return page.evaluate(({ x, y }) => {
        const { lanes } = /** @type {any} */ (document.querySelector('goroscope-viewer')).parts;
        const box = lanes.getBoundingClientRect();
        const scale = lanes.width / box.width;
        return [...lanes.getContext('2d').getImageData(
          Math.floor((x - box.left) * scale), Math.floor((y - box.top + 12) * scale), 1, 1).data].join();
      }, { x, y });
    };
    const [kept, other] = [await colorAt(1, middle(4)), await colorAt(1, middle(5))];
    await part(page, '.lanes').focus();
    await page.keyboard.press('/');
    const { lanes } = await geometry(page);
    await page.keyboard.type(`p:1 go:${goid} dur>50us`);
    await part(page, '.found').filter({ hasText: '7 spans' }).waitFor();
    await settled(page);
    assert.equal(await colorAt(1, middle(4)), kept);
    assert.notEqual(await colorAt(1, middle(5)), other, 'what does not fit fades');
    const seen = [];
    for (let i = 0; i < 3; i++) {
      const next = page.evaluate(() => new Promise((resolve) => {
        const viewer = document.querySelector('goroscope-viewer');
        viewer?.addEventListener('select', (event) => resolve(event.detail), { once: true });
      }));
      await page.keyboard.press('Enter');
      seen.push(/** @type {any} */ (await next));
    }
    assert.ok(seen.every((span) => span.goid === goid), JSON.stringify(seen));
    assert.ok(seen[0].start < seen[1].start && seen[1].start < seen[2].start);
    await page.getByRole('button', { name: 'Only these lanes' }).click();
    await settled(page);
    assert.equal((await geometry(page)).lanes, 1);
    assert.equal((await stateOf(page)).onlyFitting, true);
    await part(page, '.query').fill('go:1 stat:running');
    await part(page, '.query-error').waitFor({ state: 'visible' });
    assert.match(await text(page, '.query-error'),
      /^ {5}\^\^\^\^\s*Column 6: There is no field “stat”; did you mean state\?/);
    assert.equal(await part(page, '.query').getAttribute('aria-invalid'), 'true');
    await page.keyboard.press('Escape');
    await settled(page);
    assert.equal(await part(page, '.find').isHidden(), true);
    assert.equal((await geometry(page)).lanes, lanes);
    assert.equal((await stateOf(page)).query, undefined);
  }));

test('find leads to lanes that are folded away; to go to one that “Only these lanes” hides shows all again', () =>
  viewer.on(async (page) => {
    const row = () => page.evaluate(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const { selected, lanesView, session } = timeline;
      if (!selected) return null;
      const at = lanesView.rowOf(selected.lane);
      return { lane: session.lanes.byIndex(selected.lane).key, isSeen: at >= 0 && timeline.isRowSeen(at) };
    });
    const goid = small.goid(1, 4);
    await page.keyboard.press('/');
    await part(page, '.find input').fill(`lane:G${goid} state:running`);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.selected);
    await settled(page);
    assert.deepEqual(await row(), { lane: `go:${goid}`, isSeen: true });
    await page.getByRole('button', { name: 'Only these lanes' }).click();
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.lanesView.only);
    const far = small.goid(0, 0);
    await page.evaluate((goid) => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return viewer.drawer.host.navigate({ t0: 0, t1: 60_000, goid });
    }, far);
    await page.waitForFunction((goid) => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .timeline.selected?.goid === goid, far);
    await settled(page);
    assert.deepEqual(await row(), { lane: `go:${far}`, isSeen: true });
    assert.equal(await page.getByRole('button', { name: 'Only these lanes' }).getAttribute('aria-pressed'), 'false');
    assert.match(await text(page, '.hint'), /^All lanes show again/);
  }));

test('a menu that has no room below it scrolls', () => viewer.on(async (page) => {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const last = page.getByRole('menuitem').last();
  await page.keyboard.press('End');
  const [menu, box] = await Promise.all([page.getByRole('menu').boundingBox(), last.boundingBox()]);
  assert.ok(menu && box && menu.y + menu.height <= 300 && box.y + box.height <= menu.y + menu.height + 1,
    JSON.stringify({ menu, box }));
}, { viewport: { width: 1000, height: 300 } }));

test('only lanes that were looked through and have something stay, those of goroutines too', () =>
  viewer.on(async (page) => {
    await part(page, '.lanes').focus();
    await page.keyboard.press('/');
    await page.getByRole('button', { name: 'Only these lanes' }).click();
    await page.keyboard.press('/');
    await part(page, '.query').fill('state:running at:0us..50us');
    const shown = await page.waitForFunction(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const { only } = timeline.lanesView;
      return only && timeline.session.lanes.all.filter(only).map((/** @type {any} */ lane) => lane.key);
    });
    const keys = /** @type {string[]} */ (await shown.jsonValue()).filter((key) => !key.startsWith('m:'));
    assert.deepEqual(keys.sort(), ['proc:0', 'proc:1', `go:${small.goid(0, 0)}`, `go:${small.goid(1, 0)}`].sort());
  }));

test('a file that was opened by hand is there again after a reload and Back, with its view; a new tab has none', () =>
  viewer.on(async (page) => {
    const choose = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => part(page, 'input[type=file]')
      .setInputFiles({ name, mimeType: '', buffer: Buffer.from(bytes) });
    await choose('by-hand.trace', small.bytes);
    await drawn(page);
    await page.evaluate(() => {
      /** @type {any} */ (document.querySelector('goroscope-viewer')).state = {
        version: 1, t0: 300_000, t1: 900_000, marks: [{ t0: 500_000, text: 'here', color: 2 }],
      };
    });
    await viewInAddress(page, 'here');
    const before = await stateOf(page);
    assert.equal(before.trace, 'by-hand.trace');
    await lastFileKept(page, 'by-hand.trace');
    await page.reload();
    await drawn(page);
    assert.deepEqual(await stateOf(page), before);
    const hint = await text(page, '.hint');
    assert.match(hint, /^by-hand\.trace as it was when you opened it at .*\d/);
    // Once more, later: it tells when it was opened, not when it was shown last.
    await page.evaluate(() => new Promise((resolve) => {
      const opening = indexedDB.open('goroscope-viewer');
      opening.onsuccess = () => {
        const store = opening.result.transaction('files', 'readwrite').objectStore('files');
        store.openCursor().onsuccess = ({ target }) => {
          const cursor = /** @type {any} */ (target).result;
          cursor?.update({ ...cursor.value, at: Date.now() - 3600 * 1000 });
        };
        store.transaction.oncomplete = () => resolve(opening.result.close());
      };
    }));
    for (let i = 0; i < 2; i++) {
      await page.reload();
      await drawn(page);
      const later = await text(page, '.hint');
      assert.ok(later !== hint && later.startsWith('by-hand.trace as it was'), `${hint}, ${later}`);
    }
    await page.goto('about:blank');
    await page.goBack();
    await drawn(page);
    assert.deepEqual(await stateOf(page), before);
    // Another file takes its place; an address that shows none, or is opened elsewhere, brings none.
    await choose('other.trace', small.bytes);
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).info.name === 'other.trace');
    await lastFileKept(page, 'other.trace');
    const link = page.url();
    // What is a day old goes with the next page.
    const stored = () => page.evaluate(() => new Promise((resolve) => {
      const opening = indexedDB.open('goroscope-viewer');
      opening.onsuccess = () => {
        const store = opening.result.transaction('files', 'readwrite').objectStore('files');
        store.put({ file: new File(['x'], 'old.trace'), at: Date.now() - 25 * 3600 * 1000 }, 'another tab');
        store.getAll().onsuccess = ({ target }) => resolve(/** @type {any} */ (target).result.length);
        store.transaction.oncomplete = () => opening.result.close();
      };
    }));
    assert.equal(await stored(), 2);
    await page.goto('about:blank');
    await page.goto(link.split('#')[0]);
    await until(page, () => new Promise((resolve) => {
      const opening = indexedDB.open('goroscope-viewer');
      opening.onsuccess = () => {
        const all = opening.result.transaction('files').objectStore('files').getAll();
        all.onsuccess = () => {
          resolve(all.result.length === 1 && all.result[0].file.name === 'other.trace');
          opening.result.close();
        };
      };
    }));
    assert.equal(await part(page, '.empty').isVisible(), true);
    const other = await page.context().newPage();
    await other.goto(link);
    await part(other, '.message').waitFor({ state: 'visible' });
    assert.match(await text(other, '.message span'), /which is not here: open that file\.$/);
    await other.close();
  }, { path: '/viewer/index.html' }));

test('the view is in the address: a reload, a link and Back bring it again, another trace does not take it', () =>
  viewer.on(async (page) => {
    await page.evaluate(() => {
      /** @type {any} */ (document.querySelector('goroscope-viewer')).state = {
        version: 1, t0: 300_000, t1: 900_000, query: 'go:2', marks: [{ t0: 500_000, text: 'ä <i>', color: 2 }],
        selection: { lane: 'proc:1', at: 430_000 }, area: { t0: 400_000, t1: 600_000, lanes: ['proc:0'] },
      };
    });
    await part(page, '.details').waitFor({ state: 'visible' });
    await viewInAddress(page, '"selection"');
    const before = await stateOf(page);
    assert.equal(before.query, 'go:2');
    assert.equal(before.selection.lane, 'proc:1');
    await page.reload();
    await drawn(page);
    await part(page, '.details').waitFor({ state: 'visible' });
    assert.deepEqual(await stateOf(page), before);
    const link = page.url();
    // Back and Forward leave marks as they are: those made since stay, those struck out do not come back.
    const marked = (/** @type {number} */ t0, /** @type {object[]} */ marks) => page.evaluate(({ t0, marks }) => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      viewer.state = { ...viewer.state, t0, marks };
    }, { t0, marks });
    const from = (/** @type {number} */ t0) => page.waitForFunction((t0) => {
      const { state } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return Math.abs(state.t0 - t0) < 1;
    }, t0);
    const noted = async () => (await stateOf(page)).marks.map((/** @type {any} */ { text }) => text);
    await page.evaluate(() => history.pushState(null, '', location.href));
    await marked(200_000, [{ t0: 500_000, text: 'one' }]);
    await viewInAddress(page, '"one"');
    await page.evaluate(() => history.pushState(null, '', location.href));
    await marked(100_000, [{ t0: 500_000, text: 'one' }, { t0: 600_000, text: 'later' }]);
    await viewInAddress(page, '"later"');
    await page.goBack();
    await from(200_000);
    assert.deepEqual(await noted(), ['one', 'later']);
    await marked(250_000, [{ t0: 600_000, text: 'later' }]);
    await viewInAddress(page, '"t0":250000');
    await page.goForward();
    await from(100_000);
    assert.deepEqual(await noted(), ['later']);
    // Somebody's link has marks of theirs.
    await page.evaluate((link) => { location.hash = new URL(link).hash; }, link);
    await from(300_000);
    assert.deepEqual(await noted(), ['ä <i>', 'later']);
    await page.goto('about:blank');
    await page.goBack();
    await drawn(page);
    await page.evaluate((state) => {
      /** @type {any} */ (document.querySelector('goroscope-viewer')).state = state;
    }, before);
    await part(page, '.details').waitFor({ state: 'visible' });
    assert.deepEqual(await stateOf(page), before);
    assert.ok(link.length < 900, `${link.length} characters`);
    await page.goto(link.replace('small.trace', 'dense.trace'));
    await drawn(page);
    assert.equal((await stateOf(page)).marks, undefined, 'it is no view of this trace');
    const missing = 'This address is a view of the trace small.trace, which is not here: open that file.';
    assert.equal(await text(page, '.message span'), missing);
    // Nothing is opened at all; then that file is.
    await page.goto('about:blank');
    await page.goto(link.replace('?trace=/traces/small.trace', ''));
    await part(page, '.message').waitFor({ state: 'visible' });
    assert.equal(await text(page, '.message span'), missing);
    await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).open(
      '/traces/small.trace'));
    await part(page, '.details').waitFor({ state: 'visible' });
    assert.deepEqual(await stateOf(page), before);
    assert.equal(await part(page, '.message').isHidden(), true);
    // Of a damaged one the viewer says so, and shows the trace.
    await page.goto(`${link.slice(0, link.indexOf('#'))}&x#view=eyJ2ZXJz`);
    await drawn(page);
    assert.match(await text(page, '.message span'), /The view in this address is damaged/);
  }));

test('a live trace: Space stops following and follows again; the view stops where a query comes true', () =>
  viewer.on(async (page) => {
    const made = syntheticTrace({ procs: 2, slices: 4000, busyNs: 60_000, idleNs: 40_000, perGen: 250 });
    const wanted = made.goid(1, 7);
    await page.evaluate(() => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const readable = new ReadableStream({
        start: (controller) => void (/** @type {any} */ (window).push = controller),
      });
      viewer.attach({ trace: { region: null, readable } });
    });
    let sent = 0;
    /** Piece by piece, until the page tells of this moment. @param {number} t */
    const pushUntil = async (t) => {
      for (let known = 0; known < t && sent < made.bytes.length; sent += 4000) {
        known = await page.evaluate(async (bytes) => {
          const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
          /** @type {any} */ (window).push.enqueue(new Uint8Array(bytes));
          await new Promise((resolve) => setTimeout(resolve, 40)); // the reader tells 30 times a second at most
          return viewer.info?.t1 ?? 0;
        }, [...made.bytes.slice(sent, sent + 4000)]);
      }
    };
    await pushUntil(5e7);
    const mode = async () => (await geometry(page)).mode;
    assert.equal(await mode(), 'follow');
    const scale = await page.evaluate(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return { strip: timeline.stripEnd, window: timeline.view.home().t1, trace: timeline.view.own };
    });
    assert.ok(scale.strip === scale.window && scale.window > scale.trace, 'the strip has the room that the lanes have');
    await part(page, '.lanes').focus();
    await page.keyboard.press(' ');
    assert.equal(await mode(), 'free');
    await page.keyboard.press(' ');
    assert.equal(await mode(), 'follow');
    await page.keyboard.press('/');
    await page.keyboard.type(`p:1 go:${wanted} at>150ms`);
    await page.getByRole('button', { name: 'Stop there' }).click();
    await pushUntil(2e8);
    await part(page, '.details').waitFor({ state: 'visible' });
    const { selection } = await stateOf(page);
    assert.equal(await mode(), 'free');
    assert.ok(selection.lane === 'proc:1' && selection.at > 1.499e8, JSON.stringify(selection));
    await page.evaluate(() => /** @type {any} */ (window).push.close());
  }, { path: '/viewer/index.html' }));

test('reading is cancelled: what was shown before stays', () => viewer.on(async (page) => {
  await page.evaluate(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    void viewer.open(new ReadableStream(), { name: 'never' });
  });
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.match(await text(page, '.status'), /^small\.trace/);
  assert.equal(await part(page, '.bar progress').isHidden(), true);
  await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).close());
}));

test('the workers that a session has asked for end with it; one asked for just before is not begun', () =>
  viewer.on(async (page) => {
    const untilThereAre = async (/** @type {number} */ n) => {
      for (let i = 0; page.workers().length !== n; i++) {
        assert.ok(i < 600, `${page.workers().length} workers, not ${n}`);
        await page.waitForTimeout(50);
      }
    };
    const cores = await page.evaluate(async () => {
      const at = ['/viewer/trace/workers.mjs', '/viewer/trace/roles.mjs'];
      const [{ prepareSession, startWorker }, { ROLE }] = await Promise.all(at.map((path) => import(path)));
      prepareSession({ lanes: true });
      Object.assign(window, { session: startWorker(ROLE.SESSION), role: ROLE.LANES });
      return navigator.hardwareConcurrency;
    });
    await untilThereAre(cores > 1 ? 3 : 2);
    const begun = page.waitForEvent('worker', { timeout: 1000 }).then(() => true, () => false);
    await page.evaluate(() => {
      const { session, role } = /** @type {any} */ (window), { port1, port2 } = new MessageChannel();
      session.terminate();
      session.dispatchEvent(new MessageEvent('message', { data: { type: 'start', role, asker: port1, about: port2 } }));
    });
    assert.equal(await begun, false);
    await untilThereAre(0);
  }, { path: '/viewer/trace/roles.mjs' })); // no viewer is there

test('a worker of a session\'s that cannot begin is told of, and is not kept', async () => {
  const worker = '/viewer/trace/viewer-worker.mjs', code = (await bundledViewer())[worker];
  const wrong = await ViewerPages.start({ '/traces/dense.trace': dense.bytes,
    [worker]: `if (self.name === 'goroscope lanes') throw new Error('not today');\n${code}` });
  try {
    await wrong.on(async (page) => {
      await page.getByText('The worker that reads lanes failed: Uncaught Error: not today.').first().waitFor();
      const name = (/** @type {import('playwright-core').Worker} */ worker) =>
        worker.evaluate(() => self.name).catch(() => 'ended');
      let names = [''];
      for (let i = 0; i < 100 && names.some((one) => ['', 'goroscope lanes'].includes(one)); i++) {
        names = await Promise.all(page.workers().map(name));
        await page.waitForTimeout(50);
      }
      assert.ok(names.includes('goroscope trace') && !names.includes('goroscope lanes'), names.join());
    }, { path: '/viewer/index.html?trace=/traces/dense.trace', breaks: /not today/ });
  } finally {
    await wrong.close();
  }
});

test('saved: the trace, a picture, and a drawing with the names as text', () => viewer.on(async (page) => {
  await drag(page, [0, 200_000], [0, 700_000]);
  const saved = async (/** @type {RegExp} */ name) => {
    await page.getByRole('button', { name: 'Save' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };
  const trace = await saved(/Trace file/);
  assert.equal(trace.name, 'small.trace');
  assert.deepEqual(new Uint8Array(trace.bytes), small.bytes);
  const png = await saved(/PNG/);
  assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG');
  assert.equal(png.bytes.readUInt32BE(16), 1280, 'as wide as the lanes');
  const svg = (await saved(/SVG/)).bytes.toString();
  assert.ok(svg.includes('>P 0</text>') && svg.includes(`G${small.goid(1, 4)}</text>`));
  assert.ok(svg.includes('small.trace · ') && svg.includes('>one colour = one goroutine</text>'), 'it says what it is');
  const shapes = await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    return parsed.querySelector('parsererror') ? -1 : parsed.querySelectorAll('rect').length;
  }, svg);
  assert.ok(shapes > 40, `${shapes} rectangles`);
}));

test('a finger: a long press shows details, and goes on to select an area', () => viewer.on(async (page) => {
  const cdp = await page.context().newCDPSession(page);
  /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {{x: number, y: number}[]} at */
  const touch = (type, at) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: at });
  const at = await placeOf(page, 0, middle(5));
  await touch('touchStart', [at]);
  await part(page, '.details').waitFor({ state: 'visible' });
  for (let i = 1; i <= 5; i++) await touch('touchMove', [{ x: at.x + 15 * i, y: at.y }]);
  await touch('touchEnd', []);
  await part(page, '.area').waitFor({ state: 'visible' });
  assert.ok(await part(page, '.details').isHidden());
  assert.deepEqual((await stateOf(page)).area.lanes, ['proc:0']);
}, { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }));

test('a query that takes the place of another one, or cannot be answered, is not left with what that one found',
  () => viewer.on(async (page) => {
    const found = part(page, '.found');
    const put = (/** @type {string} */ text) =>
      page.evaluate((text) => /** @type {any} */ (document.querySelector('goroscope-viewer')).find.put(text), text);
    await part(page, '.lanes').focus();
    await page.keyboard.press('/');
    await put('p:1');
    await found.filter({ hasText: /^20 spans, / }).waitFor();
    // The way to the next one ends after the other query was typed.
    await page.evaluate(async () => {
      const { find, timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const select = timeline.selectSpan;
      timeline.selectSpan = async (/** @type {any[]} */ ...span) => {
        find.put('dur>=0');
        return select.apply(timeline, span);
      };
      await find.go(1);
      timeline.selectSpan = select;
    });
    await found.filter({ hasText: /^40 spans, / }).waitFor();
    await settled(page);
    assert.match(await text(page, '.found'), /^40 spans, /);
    await page.evaluate(() => {
      const { client } = /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.session;
      client.query = () => { // once
        delete client.query;
        return Promise.reject(new Error('no memory'));
      };
    });
    await put('p:0');
    await found.filter({ hasText: 'not found out: no memory' }).waitFor();
    await put('p:1');
    await found.filter({ hasText: /^20 spans, / }).waitFor();
  }));
