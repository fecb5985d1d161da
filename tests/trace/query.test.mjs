// Goal: the query language says what it means, where a mistake stands, and finds exactly the spans that fit, whatever
// the reader sums up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { timeOf } from '../../viewer/trace/query/fields.mjs';
import { MAYBE, NO, Query, YES } from '../../viewer/trace/query/match.mjs';
import { QueryError, parseQuery } from '../../viewer/trace/query/parse.mjs';
import { Scan } from '../../viewer/trace/query/scan.mjs';
import { OPTION, TraceStore, compileReader } from '../../viewer/trace/store.mjs';
import { syntheticTrace } from '../page/synthetic.mjs';
import { assemble } from './assemble.mjs';
import { readerOf } from './joined.mjs';
import { read } from './reader.mjs';
import { oneM } from './samples.mjs';

/** @param {Partial<{goid: number, fn: string, start: number, end: number, state: number, index: number}>} item */
function viewOf({ goid = 7, fn = 'main.worker', start = 0, end = 10, state = 0, index = 0 }, kind = 'proc', id = 2) {
  return {
    items: {
      lane: 0, n: 1, start: Float64Array.of(start), end: Float64Array.of(end), goid: Float64Array.of(goid),
      state: Uint8Array.of(state), index: Int32Array.of(index), busy: Float32Array.of(1), fn: Uint32Array.of(1),
    },
    strings: { 1: fn }, lane: { kind, id, name: `${kind === 'proc' ? 'P' : kind} ${id}` }, bucket: 1000, rough: false,
  };
}

/** @param {string} text @param {Parameters<typeof viewOf>[0]} item */
const asks = (text, item, kind = 'proc', id = 2) => new Query(text).test(viewOf(item, kind, id), 0);

test('terms: fields, operators, units, quotes, lists, ranges, or, not, parentheses', () => {
  const item = { goid: 17, fn: 'main.(*Pool).worker', start: 1e6, end: 7e6, state: 0 };
  for (const [text, fits] of /** @type {Array<[string, boolean]>} */ ([
    ['state:running', true], ['s:syscall', false], ['state:running,syscall', true], ['state!=running', false],
    ['dur>5ms', true], ['dur>6ms', false], ['dur>=6ms', true], ['dur<6000.5us', true], ['dur:1ms..10ms', true],
    ['dur:1..5ms', false], ['dur:..7ms', true], ['dur:7ms..', false], ['duration>5000000ns', true],
    ['fn:worker', true], ['fn:WORKER', true], ['fn=worker', false], ['fn=main.(*Pool).worker', true],
    ['fn=main.*worker', true], ['fn:"pool).w"', true], ['fn:sleep,work', true], ['-fn:worker', false],
    ['go:17', true], ['g:G17', true], ['go>16 go<18', true], ['go:1..16', false], ['p:2', true], ['p:3', false],
    ['m:2', false], ['at:6ms..8ms', true], ['at>7ms', false], ['at<2ms', true], ['kind:proc', true],
    ['lane:"P 2"', true], ['worker', true], ['G17', true], ['G1', false], ['nothing', false],
    ['go:1 or go:17', true], ['go:1 | go:2', false], ['(go:1 or go:17) fn:worker', true],
    ['not (go:17 fn:worker)', false], ['!go:17', false], ['go:17 and dur>1ms', true], ['-go:1 -go:2', true],
    ['', true], ['   ', true], ['go:99999999999999999999', false], ['go:g17', true],
  ])) assert.equal(asks(text, item), fits ? YES : NO, text);
  assert.equal(asks('state:stopped', { state: 2 }, 'stw', 0), YES);
  assert.equal(asks('p:0', {}, 'stw', 0), NO, 'the STW lane has no P');
});

test('lanes that a query leads to: by their names, and by what only they tell', () => {
  const lanes = [
    { kind: 'proc', id: 0, name: 'P 0' }, { kind: 'go', id: 25, name: '', fn: 'main.serve' },
    { kind: 'go', id: 251, name: '', fn: 'main.main' }, { kind: 'task', id: 551, name: 'request' },
  ];
  const fitting = (/** @type {string} */ text) => {
    const query = new Query(text);
    return query.lanesOf(lanes).filter((lane) => query.mayFit(lane)).map(({ kind, id }) => `${kind}${id}`).join(' ');
  };
  assert.equal(fitting('lane:G25'), 'go25 go251');
  assert.equal(fitting('lane=g25'), 'go25');
  assert.equal(fitting('lane:serve'), 'go25');
  assert.equal(fitting('lane:"task 551"'), 'task551');
  assert.equal(fitting('lane=request'), 'task551');
  assert.equal(fitting('lane:"P 0"'), 'proc0');
  assert.equal(fitting('reason:sync'), 'go25 go251', 'a reason is one of waiting');
  assert.equal(fitting('reason:sync state:running'), 'proc0');
  assert.equal(fitting('reason:sync p:0'), 'proc0');
  assert.equal(fitting('-reason:sync'), 'proc0');
  const query = new Query('fn:serve');
  assert.deepEqual([query.widen(), query.widen()], [true, false]);
  assert.deepEqual(query.lanesOf(lanes).length, 3);
});

test('a mistake is one sentence, and the place of it', () => {
  for (const [text, from, to, words] of /** @type {Array<[string, number, number, RegExp]>} */ ([
    ['stat:running', 0, 4, /no field “stat”; did you mean state\?/],
    ['fn:x state:runing', 11, 17, /no state “runing”; did you mean running\?/],
    ['dur>5', 4, 5, /needs a unit/], ['dur>5parsec', 4, 11, /no time/], ['go:x', 3, 4, /no whole number/],
    ['go:1x', 3, 5, /no whole number/],
    ['dur>', 4, 5, /missing/], ['fn:', 3, 4, /missing/], ['fn>x', 2, 3, /no number/], ['(go:1', 0, 1, /not closed/],
    ['go:1)', 4, 5, /closes nothing/], ['fn:"x', 3, 5, /has no end/], [':x', 0, 1, /name of a field/],
    ['-', 0, 1, /Nothing follows/], ['go:1 or', 5, 7, /both sides/], ['or go:1', 0, 2, /both sides/],
    ['dur>1ms..5ms', 4, 12, /goes with a colon/],
    ['at:9s..1s', 3, 9, /ends before it begins: write at:1s\.\.9s\./], ['a | | b', 2, 3, /both sides/],
    [`${'('.repeat(500)}x${')'.repeat(500)}`, 64, 65, /nested too deeply/],
  ])) {
    assert.throws(() => parseQuery(text), (error) => {
      assert.ok(error instanceof QueryError, `${text}: ${error}`);
      assert.match(error.message, words, text);
      assert.deepEqual([error.from, error.to], [from, to], text);
      assert.ok(!error.message.includes('\n') && error.message.length < 200);
      return true;
    });
  }
});

test('no text makes the parser do anything but answer or refuse', () => {
  const bits = ['state:', 'dur>', '5ms', '(', ')', '-', 'or', '"', ',', ' ', 'fn:', '*', '..', 'G1', '|', '!', '=',
    '\t', 'é', '0', 'e99', 'constructor:', '__proto__'];
  let seed = 12345;
  const next = (/** @type {number} */ n) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  let good = 0;
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: 1 + next(8) }, () => bits[next(bits.length)]).join('');
    try {
      new Query(text).test(viewOf({}), 0);
      good++;
    } catch (error) {
      assert.ok(error instanceof QueryError, `${text}: ${error}`);
      assert.ok(error.from >= 0 && error.from <= text.length && error.to > error.from, text);
    }
  }
  assert.ok(good > 1000 && good < 19_000, `${good} of 20000 mean something`);
});

test('a pattern with many stars takes no longer than its text', () => {
  const query = new Query(`fn=${'*a'.repeat(300)}*b`);
  const start = performance.now();
  assert.equal(query.test(viewOf({ fn: 'a'.repeat(20_000) }), 0), NO);
  assert.ok(performance.now() - start < 500);
});

test('times: units and what is none', () => {
  assert.equal(timeOf('5ms'), 5e6);
  assert.equal(timeOf('1.5us'), 1500);
  assert.equal(timeOf('2µs'), 2000);
  assert.equal(timeOf('1e3ns'), 1000);
  assert.equal(timeOf('2min'), 1.2e11);
  assert.equal(timeOf('0'), 0);
  assert.ok(Number.isNaN(timeOf('5')));
  assert.equal(timeOf('5 apples'), null);
});

test('an aggregate answers maybe, yes when all of it must, no when none of it can', () => {
  const sum = { index: -1, start: 0, end: 900 };
  assert.equal(asks('dur>5ms', sum), NO, 'its spans are shorter than a bucket');
  assert.equal(asks('dur<1us', sum), YES);
  assert.equal(asks('dur>500ns', sum), MAYBE);
  assert.equal(asks('fn:worker', sum), MAYBE);
  assert.equal(asks('p:2', sum), YES);
  assert.equal(asks('p:2 fn:worker', sum), MAYBE);
  assert.equal(asks('p:3 fn:worker', sum), NO);
  assert.equal(asks('reason:sleep', { index: 0 }), MAYBE, 'tiles do not tell reasons');
  const lane = { kind: 'proc', id: 2, name: 'P 2' };
  for (const [text, may] of /** @type {Array<[string, boolean]>} */ ([['at>1s', true], ['at<1s', true], ['p:2', true],
    ['dur>1h', true], ['go:7', true], ['p:3', false], ['kind:go dur>3ms', false]]))
    assert.equal(new Query(text).mayFit(lane), may, text);
  const mask = new Query('fn:worker').mask(viewOf(sum));
  assert.equal(mask[0], YES, 'it is drawn as its longest span');
});

/** @param {number} slices */
async function storeOf(slices) {
  const made = syntheticTrace({ procs: 3, slices, busyNs: 60_000, idleNs: 40_000 });
  const store = new TraceStore(await compileReader());
  store.push(made.bytes);
  store.end();
  store.drain();
  assert.equal(store.fault(), null);
  const reader = readerOf(store);
  const { lanes, t1 } = store.info();
  return {
    made, lanes, t1, questions: () => reader.questions,
    scan: (/** @type {string} */ text) => new Scan({ reader, lanes, query: new Query(text), extent: t1 }),
  };
}

test('all spans that fit are counted, however many lie in a pixel', async () => {
  const { scan, t1, made } = await storeOf(20_000);
  assert.equal((await scan('kind:proc').count()).spans, 60_000);
  assert.equal((await scan('go:2').count()).spans, 6667);
  const goid = made.goid(1, 5);
  const late = await scan(`go:${goid} at>1s`).count();
  const want = Array.from({ length: 20_000 }, (_, s) => s)
    .filter((s) => made.goid(1, s) === goid && s * 100_000 + 60_000 > 1e9).length;
  assert.ok(t1 > 1e9 && Math.abs(late.spans - want) <= 1, `${late.spans} of ${want}`);
  assert.equal((await scan('dur>1ms').count()).spans, 0);
  assert.equal((await scan('p:1 reason:"chan receive" at<10ms').count()).spans, 100, 'details tell the reason');
});

test('the next and the previous one, from lane to lane and back again', async () => {
  const { scan, t1, questions } = await storeOf(5000);
  const all = scan('go:5');
  /** @type {import('../../viewer/trace/query/scan.mjs').Match[]} */
  const seen = [];
  let at = await all.next(null, 0, 1);
  for (; at && seen.length < 40; at = await all.next(at, 0, 1)) seen.push(at);
  assert.equal(seen.length, 40);
  assert.ok(seen.every((s, i) => i === 0 || s.start > seen[i - 1].start));
  const back = [];
  for (let to = seen[39], n = 0; n < 39; n++) {
    const before = await all.next(to, 0, -1);
    assert.ok(before);
    back.unshift(before);
    to = { ...before };
  }
  assert.deepEqual(back.map((s) => s.index), seen.slice(0, 39).map((s) => s.index));
  const both = scan('p:0 or p:1');
  const first = await both.next(null, 0, 1);
  const second = await both.next(first, 0, 1);
  assert.deepEqual([first?.lane, second?.lane].sort(), [0, 1], 'spans that begin together come lane after lane');
  assert.equal(await scan('go:999').next(null, 0, 1), null);
  const last = await scan('p:2').next(null, t1, -1);
  assert.equal(last?.index, 4999);
  assert.ok(questions() < 20_000);
});

test('spans that a coarse clock gives a nanosecond each cost no more questions than others', async () => {
  const turns = 3000;
  const { store, fault } = await read(assemble(oneM(Array.from({ length: turns }, (_, i) =>
    `GoStop dt=${i % 3 === 0 ? 5000 : 0} reason=5 stack=1\nGoStart dt=0 g=1 g_seq=${i + 1}`).join('\n'))));
  assert.equal(fault, null);
  const { lanes, t1 } = store.info();
  const reader = readerOf(store);
  const scan = new Scan({ reader, lanes, query: new Query('dur<2ns'), extent: t1 });
  const short = Array.from({ length: lanes[0].spans }, (_, i) => store.detail(0, i))
    .filter((s) => s && s.end - s.start < 2 && s.start < t1);
  assert.ok(short.length > turns / 2);
  assert.equal((await scan.count()).spans, short.length);
  assert.equal(reader.questions, 2, 'whether any may fit, and each of them');
});

test('spans of goroutines, threads, tasks and the like are those that their details tell', async () => {
  const module = await compileReader();
  const recorded = new URL('recorded/', import.meta.url);
  for (const name of ['go1.23-mixed.trace', 'go1.27-tasks.trace', 'go1.27-gc.trace']) {
    const store = new TraceStore(module, OPTION.LANES);
    store.push(readFileSync(new URL(name, recorded)));
    store.end();
    store.drain();
    const { t1 } = store.info(), { lanes } = store.lanes(0);
    const reader = readerOf(store);
    let all = 0;
    for (const lane of lanes) {
      const kept = [];
      for (let i = 0, missing = 0; missing < 5; i++) { // marks of nothing are none
        const span = store.detail(lane.index, i);
        missing = span ? 0 : missing + 1;
        if (span && span.start < t1) kept.push(span);
      }
      const sum = await new Scan({ reader, lanes: [lane], query: new Query('dur>=0'), extent: t1 }).count();
      assert.deepEqual(sum, { spans: kept.length, ns: kept.reduce((ns, { start, end }) => ns + end - start, 0),
        about: false }, `${name}: ${lane.key}`);
      all += kept.length;
    }
    // Lanes that lived short are asked about while they did: none of theirs is missed, in whatever order.
    for (const text of ['dur>=0', 'state:waiting', 'lane:main']) {
      const scan = new Scan({ reader, lanes, query: new Query(text), extent: t1 }), found = [];
      for await (const match of scan.matches(0, t1, 1)) found.push(match);
      assert.equal((await scan.count()).spans, found.length, `${name}: ${text}`);
      if (text === 'dur>=0') assert.equal(found.length, all);
    }
    assert.ok(all > 100, `${name}: ${all}`);
  }
});
