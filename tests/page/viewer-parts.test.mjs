/**
 * The viewer's parts that need no page: words for times, the moving window, colour mixing, what is asked of the reader.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { knownWords } from '../../viewer/view/kinds/head.mjs';
import { exactTime, niceCeil, shortTime, ticksFor } from '../../viewer/view/time.mjs';
import { itemAt, laneAtY, makeLayout, timeOfX, visibleLanes, xOfTime } from '../../viewer/view/layout.mjs';
import { byteToLinear, cssColor, linearToByte, makePalette } from '../../viewer/view/color.mjs';
import { RowPainter } from '../../viewer/view/rows.mjs';
import { labelFor } from '../../viewer/view/lanes.mjs';
import { ViewWindow, interpolate } from '../../viewer/app/window.mjs';
import { TileSource, bucketFor } from '../../viewer/app/tiles.mjs';
import { FreezeRule } from '../../viewer/app/freeze.mjs';
import { Query } from '../../viewer/trace/query/match.mjs';
import { LaneList } from '../../viewer/app/lanelist.mjs';
import { LanesView } from '../../viewer/app/lanesview.mjs';
import { PanZoomKeys } from '../../viewer/app/panzoom.mjs';
import { COMMANDS, commandFor } from '../../viewer/app/commands.mjs';
import { overdueWords, stillWords } from '../../viewer/app/overdue.mjs';
import { notices, spanRows, statusParts, wakeWord } from '../../viewer/app/words.mjs';

const viewer = new URL('../../viewer/', import.meta.url);
/** @param {string} text */
const plain = (text) => text.replaceAll('\u202f', ' ');

/**
 * @param {Array<{start: number, end: number, goid: number, index?: number, busy?: number, state?: number}>} list
 * @param {number} [lane]
 */
function laneOf(list, lane = 0) {
  return {
    lane,
    n: list.length,
    start: Float64Array.from(list, (s) => s.start),
    end: Float64Array.from(list, (s) => s.end),
    goid: Float64Array.from(list, (s) => s.goid),
    state: Uint8Array.from(list, (s) => s.state ?? 0),
    index: Int32Array.from(list, (s, i) => s.index ?? i),
    busy: Float32Array.from(list, (s) => s.busy ?? 1),
    fn: Uint32Array.from(list, () => 1),
  };
}

test('times are told to the nanosecond, and short where a glance is enough', () => {
  assert.equal(plain(exactTime(0)), '0 ns');
  assert.equal(plain(exactTime(999)), '999 ns');
  assert.equal(plain(exactTime(12_345)), '12.345 µs');
  assert.equal(plain(exactTime(558_178_030)), '558.178 030 ms');
  assert.equal(plain(exactTime(2e9)), '2 s');
  assert.equal(plain(exactTime(1_000_000_001)), '1.000 000 001 s');
  assert.equal(plain(exactTime(-1500)), '-1.500 µs');
  assert.equal(plain(shortTime(1_234_567)), '1.23 ms');
  assert.equal(plain(shortTime(87_654)), '87.7 µs');
  assert.equal(plain(shortTime(4e9)), '4 s');
});

test('ruler steps are 1, 2 or 5, labels stay short wherever one looks', () => {
  assert.equal(niceCeil(0.3 / 0.1), 5);
  assert.equal(niceCeil(2), 2);
  for (const [t0, width] of [[0, 50], [0, 1e6], [123_456, 777], [3.6e12, 1e4], [-500, 2000], [7e9, 4e9]]) {
    const ticks = ticksFor(t0, t0 + width, 1200, 96);
    assert.ok(ticks.at.length >= 2 && ticks.at.length <= 13, `${ticks.at.length} ticks for a window of ${width}`);
    assert.ok([1, 2, 5].includes(Math.round(ticks.step / 10 ** Math.floor(Math.log10(ticks.step) + 1e-9))));
    const labels = ticks.at.map(ticks.label);
    assert.equal(new Set(labels).size, labels.length, `labels differ: ${labels}`);
    for (const label of labels) assert.ok(label.length <= 12, `label ${label} is short`);
  }
});

test('moments and pixels convert back and forth; a lane is found under the pointer', () => {
  const layout = makeLayout(1000, 400, 2, 64);
  const win = { t0: 1e9, t1: 1e9 + 4321 };
  for (const x of [layout.gutter, 500, 1000])
    assert.ok(Math.abs(xOfTime(layout, win, timeOfX(layout, win, x)) - x) < 1e-6);
  assert.ok(layout.scrollMax > 0, '64 lanes do not fit');
  assert.equal(laneAtY(layout, layout.scrollMax, layout.height - 1), 63);
  assert.equal(laneAtY(layout, 0, 3), -1, 'the ruler is no lane');
  const [first, end] = visibleLanes(layout, 100);
  assert.ok(first === Math.floor(100 / layout.laneHeight) && end < 64);
});

test('a span is found at its moment, and a narrow one near it', () => {
  const items = laneOf([{ start: 10, end: 20, goid: 1 }, { start: 30, end: 31, goid: 2 }]);
  assert.equal(itemAt(items, 10, 0), 0);
  assert.equal(itemAt(items, 28, 3), 1);
  assert.equal(itemAt(items, 22, 3), 0);
  assert.equal(itemAt(items, 25, 3), -1);
});

test('a pixel half red, half blue, is their mean in linear light', () => {
  const track = /** @type {[number, number, number]} */ ([0, 0, 0]);
  const palette = { size: 1024, linear: new Float32Array(3072), quiet: new Float32Array(3072), floor: 0.02 };
  palette.linear.set([1, 0, 0], 3);
  palette.linear.set([0, 0, 1], 6);
  const row = new RowPainter();
  row.resize(4);
  row.clear();
  const items = laneOf([
    { start: 0, end: 5, goid: 1 }, { start: 5, end: 10, goid: 2 },
    { start: 20, end: 30, goid: 1, index: -1, busy: 0.5 },
  ]);
  row.add(items, { t0: 0, nsPerPixel: 10, from: 0, to: 40, gap: 1 }, palette, 0);
  const rgba = new Uint8ClampedArray(16);
  row.write(rgba, 0, track, palette.floor);
  const half = linearToByte(0.5);
  assert.ok(half > 180, 'half the light is far more than half the byte');
  assert.deepEqual([...rgba.subarray(0, 4)], [half, 0, half, 255]);
  assert.equal(rgba[7], 0, 'an idle pixel stays open, so the idle track shows');
  assert.deepEqual([...rgba.subarray(8, 12)], [half, 0, 0, 255]);
  assert.ok(Math.abs(row.busy - 1.5) < 1e-6, 'busy time is the true one');
});

test('a microsecond in ten milliseconds still leaves a trace of colour', () => {
  const palette = makePalette(false, [1, 1, 1]);
  const row = new RowPainter();
  row.resize(1);
  row.clear();
  row.add(laneOf([{ start: 0, end: 1e3, goid: 5 }]), { t0: 0, nsPerPixel: 1e7, from: 0, to: 1e7, gap: 1 }, palette, 0);
  const rgba = new Uint8ClampedArray(4);
  row.write(rgba, 0, [1, 1, 1], palette.floor);
  assert.equal(rgba[3], 255);
  assert.ok(Math.min(rgba[0], rgba[1], rgba[2]) < 250, `visible: ${rgba}`);
});

test('neighbouring goroutines differ in colour, and their names stay readable on it', () => {
  for (const dark of [false, true]) {
    const palette = makePalette(dark, [0.8, 0.8, 0.8]);
    const ink = byteToLinear(dark ? 0x0e : 0x15);
    for (let g = 1; g < 200; g++) {
      assert.notEqual(cssColor(palette, g), cssColor(palette, g + 1));
      const [r, gr, b] = palette.linear.subarray(3 * g, 3 * g + 3);
      const contrast = (0.2126 * r + 0.7152 * gr + 0.0722 * b + 0.05) / (ink + 0.05);
      assert.ok(contrast > 4.5, `G${g} has contrast ${contrast}`);
    }
  }
});

test('labels shorten the name before the goroutine', () => {
  assert.equal(labelFor('example.com/a/b.worker', 12, 40), 'b.worker G12');
  assert.equal(labelFor('main.worker', 12, 11), 'worker G12');
  assert.equal(labelFor('main.worker', 12, 9), 'work… G12');
  assert.equal(labelFor('main.worker', 12, 6), 'G12');
  assert.equal(labelFor('main.worker', 12, 2), '');
  assert.equal(labelFor('', 7, 20), 'G7');
});

test('zooming keeps the moment under the pointer, and never loses the trace', () => {
  const view = new ViewWindow();
  view.grow(1e9);
  view.t0 = 0;
  view.t1 = 1e9;
  const t = 3e8;
  for (let i = 0; i < 60; i++) view.zoomAt(0.7, t);
  assert.ok(Math.abs(view.width - 50) < 1e-3, 'zoom in ends at 50 ns');
  assert.ok(view.t0 < t && view.t1 > t);
  assert.equal(view.mode, 'free');
  for (let i = 0; i < 80; i++) view.zoomAt(1.5, t);
  assert.ok(view.width <= 1.25e9 + 1);
  view.panBy(1e15);
  assert.ok(view.t0 < 1e9, 'the end of the trace still shows');
});

test('following keeps the right edge at the end of the data until the user moves', () => {
  const view = new ViewWindow();
  view.reset('follow');
  let now = 0;
  for (let extent = 1e8; extent <= 9e9; extent += 1e8) {
    view.grow(extent);
    for (let i = 0; i < 6; i++) view.step((now += 16), 16);
  }
  for (let i = 0; i < 60; i++) view.step((now += 16), 16);
  assert.ok(view.t1 > 9e9 && view.t1 < 9.3e9 && Math.abs(view.width - 4e9) < 1e6, `${view.t0} to ${view.t1}`);
  assert.equal(view.step(now + 16, 16), false, 'nothing moves when nothing grows');
  view.zoomAt(0.25, 8e9);
  const { t0, t1, width } = view;
  view.grow(12e9);
  assert.equal(view.step(now + 32, 16), false);
  assert.deepEqual([view.t0, view.t1], [t0, t1], 'the user moved: the view stays');
  view.go('follow', now + 48);
  for (let i = 0; i < 60; i++) view.step((now += 16), 16);
  assert.ok(view.t1 > 12e9 && Math.abs(view.width - width) < 1, 'following again keeps the zoom');
});

test('with reduced motion the view jumps', () => {
  const view = new ViewWindow();
  view.setStill(true);
  view.grow(1e9);
  view.fit(4e8, 5e8, 0);
  assert.equal(view.step(0, 16), false);
  assert.ok(view.t0 < 4e8 && view.t0 > 3.8e8 && view.t1 > 5e8);
});

test('a glide over six orders of magnitude is monotone', () => {
  const a = { t0: 0, t1: 1e9 };
  const b = { t0: 654_321_000, t1: 654_322_000 };
  let width = Infinity;
  for (let i = 0; i <= 20; i++) {
    const at = interpolate(a, b, i / 20);
    assert.ok(at.t1 - at.t0 < width && at.t0 <= b.t0 + 1 && at.t1 >= b.t1 - 1, `step ${i}`);
    width = at.t1 - at.t0;
  }
});

test('a key held moves evenly whatever the frame rate, and comes to rest', () => {
  const travel = (/** @type {number} */ dt) => {
    const keys = new PanZoomKeys();
    keys.press('KeyD', 'pan', 1);
    let sum = 0;
    for (let t = 0; t < 1000; t += dt) sum += keys.step(dt, false).pan;
    keys.release('KeyD');
    let frames = 0;
    for (let state = keys.step(dt, false); state.moving; state = keys.step(dt, false)) frames++;
    assert.ok(frames * dt < 400, 'rests');
    return sum;
  };
  assert.ok(Math.abs(travel(8) - travel(20)) < 0.05, `${travel(8)} and ${travel(20)}`);
});

test('the reader is asked one question at a time, at power-of-two resolution, for more than the window', async () => {
  /** @type {Array<{query: any, answer: (tiles: any) => void}>} */
  const asked = [];
  const source = new TileSource(
    { query: (query) => new Promise((answer) => asked.push({ query, answer })) },
    { onTiles: () => {}, onError: (error) => assert.fail(String(error)) },
  );
  const need = { t0: 4e8, t1: 5e8, px: 1000, extent: 1e9, lanes: [0, 1], all: [0, 1, 2], now: 0, growing: false };
  const reply = async () => {
    const { query, answer } = asked[asked.length - 1];
    answer({ ...query, lanes: query.lanes.map((/** @type {number} */ i) => laneOf([], i)), strings: {} });
    await new Promise((resolve) => setImmediate(resolve));
    return query;
  };
  source.update(need);
  source.update(need);
  assert.equal(asked.length, 1, 'not asked twice');
  assert.deepEqual((await reply()).lanes, [0, 1, 2], 'the overview comes first');
  source.update(need);
  const query = await reply();
  const bucket = (query.t1 - query.t0) / query.px;
  assert.equal(bucket, 2 ** Math.round(Math.log2(bucket)));
  assert.equal(query.t0 % bucket, 0);
  assert.ok(query.t0 <= 3.01e8 && query.t1 >= 5.99e8);
  source.update({ ...need, t0: 3.5e8, t1: 4.5e8 });
  assert.equal(asked.length, 2, 'a pan inside the skirt asks nothing');
  source.update({ ...need, lanes: [1, 2] });
  assert.equal(asked.length, 3, 'another lane came into view');
  await reply();
  source.update({ ...need, t0: 4.4e8, t1: 4.6e8 });
  assert.equal(asked.length, 4, 'a zoom asks for a finer resolution');
  assert.ok(bucketFor({ t0: 0, t1: 50, px: 2000 }) === 1, 'never finer than a nanosecond');
});

test('lanes of a reading that another one replaced are asked for once more, of that one', async () => {
  /** @type {Array<(answer: any) => void>} */
  const asked = [];
  const list = new LaneList({ lanes: () => new Promise((answer) => asked.push(answer)) }, () => {},
    (error) => assert.fail(String(error)));
  const info = (/** @type {number} */ lanesLife) => /** @type {any} */ (
    { lanes: [], moreLanes: 1, lanesLife, state: 'live' });
  list.update(info(0));
  list.update(info(1));
  assert.equal(asked.length, 1, 'one question at a time');
  asked[0]({ total: 1, denied: 0, lanes: [{ key: 'go:1' }] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([list.more.length, asked.length], [0, 2]);
  asked[1]({ total: 1, denied: 0, lanes: [{ key: 'go:2' }] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(list.more[0].key, 'go:2');
});

test('lanes come a part at a time, and at the end once more, with what is known of them then', async () => {
  let known = 3;
  const asked = /** @type {number[]} */ ([]);
  const lanes = async (/** @type {number} */ from) => {
    asked.push(from);
    const part = Array.from({ length: Math.min(2, known - from) }, (_, i) =>
      /** @type {any} */ ({ key: `go:${from + i}`, index: 100 + from + i, name: `of ${known}` }));
    return { total: known, denied: 7, lanes: part };
  };
  const list = new LaneList({ lanes }, () => {}, (error) => assert.fail(String(error)));
  const settled = async () => { while (list.busy) await new Promise((resolve) => setImmediate(resolve)); };
  const tell = (/** @type {string} */ state) => list.update(/** @type {any} */ (
    { lanes: [{ key: 'proc:0', index: 0 }], moreLanes: known, state }));
  tell('live');
  await settled();
  assert.deepEqual([asked.splice(0), list.all.map(({ key }) => key)], [[0, 2], ['proc:0', 'go:0', 'go:1', 'go:2']]);
  known = 5;
  list.askedAt = -Infinity;
  tell('live');
  await settled();
  assert.deepEqual([asked.splice(0), list.byKey('go:0')?.name, list.byKey('go:4')?.name], [[3], 'of 3', 'of 5']);
  tell('done');
  await settled();
  assert.deepEqual([asked.splice(0), list.byKey('go:0')?.name, list.byIndex(104)?.key], [[0, 2, 4], 'of 5', 'go:4']);
  assert.deepEqual([list.byKey('proc:0')?.index, list.byIndex(0)?.key, list.more.length, list.denied],
    [0, 'proc:0', 5, 7]);
  tell('done');
  assert.equal(list.busy, false, 'nothing more is asked');
});

test('a rule sees what comes while it looks, though nothing follows; and holds for the next program', async () => {
  /** @type {any} */ (globalThis).window ??= globalThis; // for its timer
  const spans = [{ start: 0, end: 10, goid: 1 }];
  const lane = /** @type {any} */ ({ kind: 'proc', id: 0, name: 'P 0', index: 0 });
  let answered = Promise.resolve();
  const sessionOf = (/** @type {number} */ t1) => /** @type {any} */ ({
    info: { t1 }, lanes: { all: [lane] }, attached: true,
    client: {
      query: async (/** @type {{t0: number, t1: number}} */ { t0, t1 }) => {
        const shown = spans.map((span, index) => ({ ...span, index }))
          .filter(({ start, end }) => start < t1 && end > t0);
        await answered;
        return { t0, t1, lanes: [laneOf(shown)] };
      },
      detail: async (/** @type {number} */ _, /** @type {number} */ index) => ({ lane: 0, index, ...spans[index] }),
    },
  });
  /** @type {(match: number) => void} */
  let tell = () => {};
  const rule = new FreezeRule(({ start }) => tell(start));
  const found = () => new Promise((resolve) => (tell = resolve));
  const first = sessionOf(10), query = new Query('go:7');
  rule.set(query, sessionOf(0));
  let release = () => {};
  answered = new Promise((resolve) => (release = resolve));
  const looking = rule.look(first, performance.now());
  spans.push({ start: 10, end: 20, goid: 7 });
  first.info.t1 = 20;
  void rule.look(first, performance.now());
  const then = found();
  release();
  await looking;
  assert.equal(await then, 10);

  spans.splice(0, 2, { start: 0, end: 5, goid: 7 }); // earlier than where the first program was
  rule.set(query, first);
  let isStopped = false;
  const again = found().then((start) => { isStopped = true; return start; });
  await rule.look({ ...sessionOf(9), attached: false }, performance.now()); // a file between two runs
  assert.equal(isStopped, false);
  await rule.look(sessionOf(9), performance.now());
  assert.equal(await again, 0);
});

test('where lanes of goroutines lag behind those of Ps, or begin later, their heading says so', () => {
  const scene = {
    dataEnd: 2e9, more: { t0: 0, t1: 1.57e9 }, win: { t0: 0, t1: 2e9 }, layout: /** @type {any} */ ({ plot: 1000 }),
  };
  const go = { key: 'go', depth: 0 };
  assert.equal(plain(knownWords(scene, go)), 'read up to 400 ms before the end');
  assert.equal(knownWords(scene, { key: 'ps', depth: 0 }), '');
  assert.equal(knownWords({ ...scene, more: { t0: 0, t1: 1.999e9 } }, go), '', 'less than can be seen');
  assert.equal(plain(knownWords({ ...scene, more: { t0: 1e9, t1: 2e9 } }, go)), 'from 1 s on');
});

test('an arrow to a span of a P ends where that begins, to one of a goroutine where it became runnable', () => {
  const view = new LanesView(() => {});
  const lane = (/** @type {number} */ index, /** @type {string} */ kind, /** @type {string} */ key) =>
    ({ index, kind, id: 1, key, name: key, spans: 1 });
  const list = /** @type {any} */ ({ version: 0, all: [lane(0, 'proc', 'proc:0'), lane(9, 'go', 'go:1')] });
  view.toggle('go');
  view.rows(list);
  const by = { goid: 1, lane: 9, time: 100 };
  const own = /** @type {any} */ ({ lane: 9, start: 100, unblockedBy: by, startReason: 'created' });
  const onP = /** @type {any} */ ({ lane: 0, start: 250, end: 300 });
  assert.deepEqual(view.arrows(list, onP, own).map(({ t, until, to }) => [t, until, to]), [[100, 250, view.rowOf(0)]]);
  assert.deepEqual(view.arrows(list, own, null).map(({ t, until, to }) => [t, until, to]), [[100, 100, view.rowOf(9)]]);
});

test('all subgroups open and close in one go', () => {
  let changes = 0;
  const view = new LanesView(() => { changes++; });
  view.toggle('go');
  view.toggleAll(['go/a', 'go/b']);
  view.toggleAll(['go/a', 'go/c']);
  assert.deepEqual([view.arrangement.toggled, changes], [['go', 'go/b', 'go/c'], 3]);
});

test('every key does one thing, and the sheet names it', () => {
  const codes = COMMANDS.flatMap((command) => command.codes);
  assert.equal(new Set(codes).size, codes.length);
  for (const command of COMMANDS) {
    assert.ok(command.title && (command.run || command.hold), command.id);
    assert.equal(command.keys !== '', command.codes.length > 0, command.id);
  }
  const key = { key: 'w', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  assert.equal(commandFor({ ...key, code: 'KeyW' })?.id, 'zoom-in');
  assert.equal(commandFor({ ...key, code: 'KeyW', ctrlKey: true }), null, 'the browser keeps its own keys');
  assert.equal(commandFor({ ...key, key: '?', code: 'Minus', shiftKey: true })?.id, 'help', 'on a German keyboard');
  assert.equal(commandFor({ ...key, key: '/', code: 'Digit7', shiftKey: true })?.id, 'find', 'there too');
  assert.equal(commandFor({ ...key, key: 'P', code: 'KeyP', shiftKey: true, metaKey: true })?.id, 'palette');
});

test('loss and a full memory are said in words', () => {
  const info = {
    state: /** @type {const} */ ('live'), name: 'live', version: 'go 1.23', events: 1234567, bytes: 256e6,
    totalBytes: null, generations: 9, lost: 3, t0: 0, t1: 2.5e9, baseNs: '0', eventsPerSecond: 1000, lanes: [],
    lanesDenied: 0, goroutines: 1, error: null, full: true,
    detailFrom: 1.5e9,
  };
  const parts = ['Live', '2.5 s', '1 234 567 events', '1 000 events/s', '1 goroutine', '256.0 MB'];
  assert.deepEqual(statusParts(info, true).map(plain), parts);
  const still = parts.toSpliced(3, 1);
  const doing = { tracing: true, held: false, procs: 2 };
  assert.deepEqual(statusParts(info, true, doing).map(plain), parts);
  assert.deepEqual(statusParts(info, true, { ...doing, held: true }).map(plain), still.with(0, 'Held'));
  assert.deepEqual(statusParts(info, true, { ...doing, tracing: false }).map(plain), still.with(0, 'Not traced now'));
  const file = { ...info, state: /** @type {const} */ ('done'), name: 'Live' };
  assert.ok(!statusParts(file).some((part) => part.includes('events/s')), 'that is its name only');
  const [full, lost] = notices(info);
  assert.match(plain(full), /is full: before 1[. ]5\S* s only a summary is left/);
  assert.match(lost, /^3 pieces \(generations\) of the trace are missing/);
  assert.deepEqual(notices({ ...info, lost: 0, full: false }), []);
  const noSpan = {
    lane: 0, index: 1, goid: 2, fn: 'f', start: 0, end: 5, open: false, state: 0, startReason: '', endReason: 'x',
    site: null, createdBy: null, unblockedBy: null,
  };
  const open = spanRows({ ...noSpan, open: true });
  assert.deepEqual(open.map((row) => row[0]), ['State', 'Start', 'End', 'Duration']);
  const calling = {
    ...noSpan, state: 1, startReason: 'syscall', endReason: 'P taken during syscall',
    site: { func: 'f', file: 'a/b.c', line: 3 },
  };
  assert.deepEqual(spanRows(calling).map((row) => row[1]).toSpliced(1, 3),
    ['in a system call', 'P taken during syscall', 'f  b.c:3']);
  assert.equal(wakeWord({ ...noSpan, startReason: 'coroutine switch' }), 'Resumed by');
  assert.equal(wakeWord({ ...noSpan, state: 2, startReason: 'GOMAXPROCS' }), 'Stopped by');
  assert.deepEqual(spanRows({ ...noSpan, state: 2, startReason: 'GOMAXPROCS', endReason: '' })[4],
    ['Reason', 'GOMAXPROCS']);
  assert.equal(wakeWord({ ...noSpan, startReason: 'chan receive' }), 'Unblocked by');
});

/** The workers' ends, and what is made of their answers: no reader. */
const APP_IMPORTS = new RegExp('^((\\.\\.?/)(tables/)?[a-z-]+|(\\.\\./)+view/[a-z]+|' +
  '(\\.\\./)+trace/(client|export/(client|html)|workers|query/[a-z]+|analyst|csv|rows|blocking|kinds|pprof))\\.mjs$');

test('layers: view imports only view, app reaches the trace through its workers alone; ' +
  'the whole viewer is small', () => {
  /** @param {string} dir @returns {string[]} */
  const modules = (dir) => readdirSync(new URL(dir, viewer)).filter((f) => f.endsWith('.mjs')).map((f) => dir + f);
  let size = 0;
  for (const file of [...modules('view/'), ...modules('view/kinds/'), ...modules('app/'), ...modules('app/tables/')]) {
    const text = readFileSync(new URL(file, viewer), 'utf8');
    size += statSync(new URL(file, viewer)).size;
    for (const [, path] of text.matchAll(/from '([^']+)'/g)) {
      if (file.startsWith('view/')) assert.match(path, /^\.\.?\/(kinds\/)?[a-z]+\.mjs$/, `${file} imports ${path}`);
      else assert.match(path, APP_IMPORTS, `${file} imports ${path}`);
    }
    assert.ok(!/innerHTML|outerHTML *=|insertAdjacentHTML|document\.write/.test(text), `${file} puts text in as text`);
  }
  assert.ok(size < 580_000, `${size} bytes`);
});

test('who keeps a program from answering: all that have run since it was asked, but not who asks', () => {
  const g = (/** @type {number} */ id, /** @type {number} */ ms, state = 'running', name = `f${id}`) =>
    ({ id, name, state, reason: state === 'waiting' ? 'sleep' : '', sinceNs: ms * 1e6, creator: 1 });
  const asker = { ...g(9, 1500, 'running', 'callback'), creator: 0 };
  const words = (/** @type {ReturnType<typeof g>[]} */ list, of = {}) => overdueWords(list, 1500, of);
  assert.match(words([g(1, 5, 'waiting'), g(2, 1600), g(3, 900), g(4, 1600, 'syscall'), asker]).sentence,
    /^Everything waits for G2 \(f2\), which does not give way: it would only in /);
  assert.match(words([g(2, 1600), g(3, 1490)]).sentence, / G2 \(f2\) and G3 \(f3\), which do not give way: they /);
  assert.match(words([2, 3, 4, 5].map((id) => g(id, 1600))).sentence, / G2 \(f2\), G3 \(f3\) and 2 more, which do /);
  // There the clock stands while one computes.
  assert.match(words([g(2, 0), g(3, 0), asker], { isSim: true }).sentence, / G2 \(f2\) or G3 \(f3\), which does /);
  assert.deepEqual(words([g(2, 100), asker]), { sentence: 'The program has not answered yet.', wrong: false });
  assert.match(words([g(2, 3, 'waiting')], { goid: 2 }).sentence, /when G2 \(f2\) goes on, which waits now: sleep\.$/);
  const called = { ...g(2, 3, 'waiting'), reason: 'debug call' };
  assert.match(words([called], { goid: 2 }).sentence, /^The function still runs/);
  assert.equal(overdueWords(null, 1500).wrong, true);
  assert.match(stillWords([g(2, 1600)], 1500, 2), /^G2 \(f2\) has not given way: /);
  assert.equal(stillWords([g(2, 100)], 1500, 2), '');
});
