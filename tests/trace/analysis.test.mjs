// Goal: the tables, profiles and curves of the viewer's analysis are those of Go's own tools, within 1 ns, on the
// traces of real programs; what a window, a goroutine or a function restricts adds up to the whole.
//
// tests/trace/analysis.json has Go's figures, so that Go need not be there; RECORD_VERDICTS=1 writes them anew.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildInTree, goroot } from '../lib/goroot.mjs';
import { alike } from '../lib/run.mjs';
import { Analysis, askWhy } from '../../viewer/trace/analysis.mjs';
import { csv } from '../../viewer/trace/csv.mjs';
import { byNode, flameTree, profileOf } from '../../viewer/trace/blocking.mjs';
import { CLASS, KIND } from '../../viewer/trace/kinds.mjs';
import { cut, mmu, utilization, worstWindows } from '../../viewer/trace/mmu.mjs';
import { gzip } from '../../viewer/trace/pprof.mjs';
import { Rows } from '../../viewer/trace/rows.mjs';
import { unpackedChunks } from '../../viewer/trace/sniff.mjs';
import { compileReader, OPTION } from '../../viewer/trace/store.mjs';
import { assemble } from './assemble.mjs';
import { PROFILES, WINDOWS, hashed, marks, objects, ordered } from './figures.mjs';
import { read } from './reader.mjs';
import { busy, oneM, twoGenerations, waiting } from './samples.mjs';

const recorded = fileURLToPath(new URL('recorded/', import.meta.url));
const files = readdirSync(recorded).filter((f) => f.endsWith('.trace')).map((f) => join(recorded, f));
const figures = fileURLToPath(new URL('analysis.json', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-analysis-'));
after(() => rmSync(scratch, { recursive: true }));

const root = goroot();
const recording = process.env.RECORD_VERDICTS === '1' && root !== null;
const compiled = compileReader();

/** @param {Uint8Array} bytes @param {{t0: number, t1: number} | null} [window] */
async function analyse(bytes, window) {
  return Analysis.read(await compiled, (async function* () { yield bytes; })(), { window });
}

/** @param {string} file @param {{t0: number, t1: number} | null} [window] */
async function tablesOf(file, window) {
  const analysis = await analyse(readFileSync(file), window);
  const tables = analysis.tables();
  analysis.close();
  return tables;
}

/** Go's ids of no task are -1 and 0, as its versions have it. @param {any} go */
function goMarks(go) {
  const none = (/** @type {number} */ id) => (id > 2 ** 60 || id <= 0 ? null : id);
  return {
    // In an order of their own: Go's come out of a map.
    regions: (go.regions ?? []).sort((/** @type {any} */ a, /** @type {any} */ b) =>
      a.g - b.g || (a.end ?? -1) - (b.end ?? -1) || (a.name < b.name ? -1 : 1)),
    tasks: (go.tasks ?? []).map((/** @type {any} */ t) => ({ ...t, parent: none(t.parent) })),
  };
}

/** Asks Go. @returns {Record<string, any>} */
function askGo() {
  const tree = /** @type {string} */ (root);
  const trace = buildInTree(tree, 'trace', scratch);
  const program = buildInTree(tree, 'goroscopeanalysis', scratch,
    fileURLToPath(new URL('go/analysis/analysis.go', import.meta.url)));
  const reports = execFileSync(program, files, { encoding: 'utf8', maxBuffer: 1 << 28 }).trim().split('\n');
  return Object.fromEntries(files.map((file, i) => {
    const report = JSON.parse(reports[i]);
    const profiles = Object.fromEntries(Object.keys(PROFILES).map((kind) => {
      const asked = spawnSync(trace, [`-pprof=${kind}`, file], { maxBuffer: 1 << 28 });
      assert.equal(asked.status, 0, String(asked.stderr));
      return [kind, hashed(asked.stdout)];
    }));
    return [basename(file), { ...goMarks(report), mmu: report.mmu, profiles }];
  }));
}

let go = JSON.parse(readFileSync(figures, 'utf8'));
if (recording) {
  go = askGo();
  writeFileSync(figures, `${JSON.stringify(go).replaceAll('"go1.', '\n"go1.')}\n`);
}

test('blocking profiles are those of go tool trace -pprof, as recorded', async () => {
  let stacks = 0;
  for (const file of files) {
    const tables = await tablesOf(file);
    for (const [kind, cls] of Object.entries(PROFILES)) {
      // Goroutine ids of callbacks from C come back: there Go drops all lives but the last.
      if (file.includes('callbacks')) continue;
      const theirs = go[basename(file)].profiles[kind], ours = hashed(profileOf(tables, cls));
      assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort(), `${file} ${kind}: stacks`);
      for (const [stack, [count, ns]] of Object.entries(ours)) {
        assert.equal(count, theirs[stack][0], `${file} ${kind} ${stack}: count`);
        assert.ok(Math.abs(ns - theirs[stack][1]) <= 1,
          `${file} ${kind} ${stack}: ${ns} ns, Go has ${theirs[stack][1]}`);
        stacks++;
      }
    }
  }
  assert.ok(stacks > 400, `${stacks} stacks compared`);
});

test('utilisation is Go\'s for every set of flags and length of window, as recorded', async () => {
  let below = 0;
  for (const file of files) {
    const { tables, last } = await tablesOf(file);
    for (const [name, theirs] of Object.entries(go[basename(file)].mmu)) {
      if (!theirs) continue;
      const flags = Object.fromEntries(name.split(' ').map((flag) => [flag, true]));
      const ours = mmu(utilization(tables.ops, flags, last), WINDOWS);
      ours.forEach((value, i) => {
        assert.ok(Math.abs(value - theirs[i]) < 1e-6,
          `${file} ${name} ${WINDOWS[i]} ns: ${value}, Go has ${theirs[i]}`);
        below += Number(value < 1);
      });
    }
  }
  assert.ok(below > 100, `${below} of them were below 1`);
});

test('regions and tasks are those of Go\'s summary, as recorded', async () => {
  let regions = 0;
  for (const file of files) {
    const ours = marks(await tablesOf(file)), theirs = go[basename(file)];
    assert.deepEqual(ordered(ours.regions), ordered(theirs.regions), file);
    assert.deepEqual(ordered(ours.tasks), ordered(theirs.tasks), file);
    regions += ours.regions.length;
  }
  assert.ok(regions > 5, `${regions} regions compared`);
});

test('what regions waited for, by reason, adds up to their waiting; logs have their task, time and text', async () => {
  let waited = 0, told = 0;
  for (const file of files) {
    const name = basename(file), tables = await tablesOf(file);
    const regions = new Rows(tables, 'regions'), waits = new Rows(tables, 'region_waits');
    const sums = new Float64Array(regions.n);
    for (let i = 0; i < waits.n; i++) {
      assert.ok(waits.get(i, 'ns') > 0 && waits.text(i, 'reason'), `${name}: row ${i}`);
      sums[waits.get(i, 'region')] += waits.get(i, 'ns');
    }
    for (let i = 0; i < regions.n; i++)
      assert.ok(Math.abs(sums[i] - regions.get(i, 'waiting')) <= 1, `${name}: region ${i}`);
    waited += waits.n;
    const tasks = new Rows(tables, 'tasks'), logs = new Rows(tables, 'logs');
    const counted = Array.from({ length: tasks.n }, (_, i) => tasks.get(i, 'logs')).reduce((n, x) => n + x, 0);
    assert.equal(logs.n, counted);
    for (let i = 0; i < logs.n; i++)
      assert.ok(logs.get(i, 'time') <= tables.last && logs.text(i, 'text'), `${name}: log ${i}`);
    told += logs.n;
  }
  assert.ok(waited > 3 && told > 200, `${waited} reasons, ${told} logs`);
});

test('Go asked anew says what is recorded', {
  skip: root && !recording ? alike : 'no Go source tree',
}, () => {
  assert.deepEqual(askGo(), go);
});

test('goroutines have the figures of goroscope stat, which are Go\'s', async () => {
  const samples = [busy, twoGenerations, oneM('')].map((text) => assemble(text));
  for (const bytes of [...samples, ...files.map((f) => new Uint8Array(readFileSync(f)))]) {
    const stat = (await read(bytes, { options: OPTION.STAT | OPTION.NO_INDEX })).store.stat();
    const analysis = await analyse(bytes);
    const tables = analysis.tables();
    const gos = objects(tables, 'goroutines');
    const waits = objects(tables, 'waits');
    assert.equal(gos.length, stat.by_goroutine.length);
    gos.forEach((g, i) => {
      const s = stat.by_goroutine[i];
      assert.deepEqual([g.id, g.fn, g.created, g.started, g.ended, g.running, g.runnable, g.waiting, g.syscall,
        g.syscall_blocked, g.total, g.assist],
      [s.id, s.fn, s.created_ns, s.started_ns, s.ended_ns, s.running_ns, s.runnable_ns, s.waiting_ns, s.syscall_ns,
        s.syscall_blocked_ns, s.total_ns, s.ranges['GC mark assist'] ?? 0]);
      const own = Object.fromEntries(waits.filter((w) => w.go === i).map((w) => [w.reason, w.ns]));
      assert.deepEqual(own, s.waiting);
    });
    analysis.close();
  }
});

test('each table has as many numbers a row as names; functions are the sums of their goroutines', async () => {
  for (const file of files) {
    const tables = await tablesOf(file);
    for (const [name, t] of Object.entries(tables.tables)) assert.equal(t.data.length, t.n * t.columns.length, name);
    const gos = objects(tables, 'goroutines');
    for (const f of objects(tables, 'functions')) {
      const own = gos.filter((g) => g.fn === f.fn);
      assert.equal(own.length, f.goroutines);
      for (const key of ['running', 'runnable', 'waiting', 'syscall', 'total', 'runs', 'readies', 'waits', 'syscalls'])
        assert.equal(f[key], own.reduce((n, g) => n + g[key], 0), `${file} ${f.fn} ${key}`);
      for (const key of ['run_max', 'ready_max', 'wait_max'])
        assert.equal(f[key], Math.max(...own.map((g) => g[key])), `${file} ${f.fn} ${key}`);
    }
  }
});

test('percentiles are within a thirty-second of the sorted lengths, and the bins hold them all', async () => {
  // Goroutine 1 blocks 400 times, for 10, 20, … 4,000 ns; M 1 wakes it.
  let events = '', other = '';
  for (let i = 1; i <= 400; i++) {
    events += `GoBlock dt=5 reason=1 stack=1\nGoStart dt=${10 * i + 5} g=1 g_seq=${2 * i}\n`;
    other += `GoUnblock dt=${10 * i + 10} g=1 g_seq=${2 * i - 1} stack=2\n`;
  }
  const text = oneM(events, '').replace('EventBatch gen=1 m=- time=0\nStrings', `EventBatch gen=1 m=1 time=97
ProcStatus dt=1 p=1 pstatus=2
ProcStart dt=1 p=1 p_seq=1
GoStatus dt=1 g=7 m=- gstatus=1
GoStart dt=1 g=7 g_seq=1
${other}EventBatch gen=1 m=- time=0
Strings`);
  const analysis = await analyse(assemble(text));
  assert.equal(analysis.error, null);
  const tables = analysis.tables();
  const row = objects(tables, 'goroutines').findIndex((g) => g.id === 1);
  const g = objects(tables, 'goroutines')[row];
  assert.equal(g.waits, 400);
  const bins = analysis.bins(KIND.waiting, { row });
  assert.equal(bins.reduce((n, [, , count]) => n + count, 0), 400);
  const exact = Array.from({ length: 400 }, (_, i) => 10 * (i + 1));
  for (const [key, share] of [['wait_p50', 50], ['wait_p90', 90], ['wait_p99', 99]]) {
    const want = exact[Math.ceil(4 * Number(share)) - 1];
    assert.ok(Math.abs(g[key] - want) <= want / 32 + 8, `${key}: ${g[key]}, exactly ${want}`);
  }
  analysis.close();
});

test('windows that cut a trace into parts add up to the whole', async () => {
  for (const name of ['go1.27-mixed.trace', 'go1.27-gc.trace', 'go1.23-tasks.trace']) {
    const file = join(recorded, name);
    const whole = await tablesOf(file);
    const edges = [0, 0.2, 0.35, 0.7, 1].map((x) => Math.floor(x * whole.last));
    edges[4] = whole.last + 1;
    const parts = await Promise.all(edges.slice(1).map((t1, i) => tablesOf(file, { t0: edges[i], t1 })));
    for (const key of ['running', 'runnable', 'waiting', 'syscall', 'syscall_blocked', 'total', 'assist']) {
      const sum = (/** @type {any} */ t) => objects(t, 'functions').reduce((n, f) => n + f[key], 0);
      assert.equal(parts.reduce((n, t) => n + sum(t), 0), sum(whole), `${name} ${key}`);
    }
    for (const cls of Object.values(PROFILES)) {
      const sum = (/** @type {any} */ t) => [...byNode(t, cls).values()].reduce((n, v) => n + v.ns, 0);
      assert.equal(parts.reduce((n, t) => n + sum(t), 0), sum(whole), `${name} class ${cls}`);
    }
  }
});

test('a profile of each goroutine, and of each function, add up to all; the tree holds each stack once', async () => {
  const tables = await tablesOf(join(recorded, 'go1.27-mixed.trace'));
  const total = (/** @type {any} */ whose) => [...byNode(tables, CLASS.sync, whose).values()]
    .reduce((n, v) => n + v.ns, 0);
  const gos = new Rows(tables, 'goroutines');
  let byRow = 0;
  for (let row = 0; row < gos.n; row++) byRow += total({ row });
  assert.equal(byRow, total({}));
  const fns = new Set(Array.from({ length: gos.n }, (_, i) => gos.get(i, 'fn')));
  assert.equal([...fns].reduce((n, fn) => n + total({ fn }), 0), total({}));
  const tree = flameTree(tables, CLASS.sync);
  assert.equal(tree.ns, total({}));
  /** @type {(node: import('../../viewer/trace/blocking.mjs').FlameNode) => void} */
  const walk = (node) => {
    assert.equal(node.own + node.children.reduce((n, c) => n + c.ns, 0), node.ns, node.name);
    node.children.forEach(walk);
  };
  walk(tree);
});

test('our pprof files are read by go tool pprof', { skip: root ? false : 'no Go source tree' }, async () => {
  const tables = await tablesOf(join(recorded, 'go1.27-mixed.trace'));
  const pprof = buildInTree(/** @type {string} */ (root), 'pprof', scratch);
  for (const [name, cls] of Object.entries({ ...PROFILES, cpu: CLASS.cpu })) {
    const file = join(scratch, `${name}.pb.gz`);
    writeFileSync(file, new Uint8Array(await (await gzip(profileOf(tables, cls))).arrayBuffer()));
    const top = execFileSync(pprof, ['-top', '-symbolize=none', file], { encoding: 'utf8', stdio: 'pipe' });
    assert.match(top, cls === CLASS.cpu ? /Type: samples/ : /Type: delay/, name);
    if (name === 'sync') assert.match(top, /runtime\.chan(recv|send)/);
  }
});

test('the worst windows do not overlap and have the least utilisation', async () => {
  const { tables, last } = await tablesOf(join(recorded, 'go1.27-gc.trace'));
  const series = utilization(tables.ops, { stw: true, background: true, assist: true }, last);
  const worst = worstWindows(series, 1e6, 5);
  assert.equal(worst.length, 5);
  assert.ok(Math.abs(worst[0].util - mmu(series, [1e6])[0]) < 1e-9);
  worst.forEach((a, i) => worst.slice(i + 1).forEach((b) => assert.ok(a.t1 <= b.t0 || b.t1 <= a.t0)));
  const part = cut(series[0], worst[0].t0, worst[0].t1);
  assert.ok(Math.abs(mmu([part], [1e6])[0] - worst[0].util) < 1e-6);
});

test('why a goroutine did not run: who was before it, who held each P, what ended it', async () => {
  const bytes = assemble(busy);
  const analysis = await analyse(bytes);
  const gos = objects(analysis.tables(), 'goroutines');
  analysis.close();
  /** Asks so many ns after goroutine 2 was created: M 0's events before the moment are in `busy`. */
  const ask = async (/** @type {number} */ goid, /** @type {number} */ later) => askWhy(await compiled,
    (async function* () { yield bytes; })(), { goid, t: gos.find((g) => g.id === 2)?.created + later });
  const third = await ask(3, 15);
  assert.deepEqual([third.state, third.ahead, third.queue.map((q) => q.goid)], ['runnable', 1, [2]]);
  assert.deepEqual(third.procs.map((p) => [p.p, p.goid, p.state]), [[0, 1, 'running']]);
  const created = gos.find((g) => g.id === 3)?.created;
  assert.deepEqual([third.since, third.until], [created, created + 20]);
  const second = await ask(2, 45);
  assert.deepEqual([second.state, second.ahead, second.procs[0].goid, second.procs[0].runs], ['runnable', 0, 3, 1]);
  assert.equal(second.procs[0].busy_ns, 35, 'G1 ran 20 ns more, G3 15 ns so far');
  const first = await ask(1, 30);
  assert.deepEqual([first.state, first.reason, first.stack[0].func, first.woken?.goid],
    ['waiting', 'chan receive', 'main.worker', 2]);
  assert.equal((await ask(99, 30)).state, 'none');
  assert.equal((await ask(2, -5)).state, 'none');
  assert.equal((await ask(3, 35)).state, 'running');
});

/**
 * Goroutines that G1 has created, 2 and on, come to wait for "sync" at the stacks, one each; then they are woken in
 * their order: the first by G1, the others by `waker`: G1 too, or the one before, as a lock is handed on.
 * @param {number[]} stacks 3: sync.(*Mutex).Lock, 4: the same, come to elsewise, 5: sync.(*WaitGroup).Wait, 1: C's
 * @param {'first' | 'before'} waker
 */
function queued(stacks, waker) {
  const all = stacks.map((_, i) => i + 2), [first] = all;
  /** @type {string[]} */
  const lines = [];
  const say = (/** @type {string} */ line) => lines.push(line);
  for (const g of all) say(`GoCreate dt=1 new_g=${g} new_stack=2 stack=1`);
  say('GoStop dt=1 reason=5 stack=1');
  all.forEach((g, i) => say(`GoStart dt=1 g=${g} g_seq=1\nGoBlock dt=9 reason=8 stack=${stacks[i]}`));
  say('GoStart dt=1 g=1 g_seq=1');
  for (const g of all) {
    say(`GoUnblock dt=${g === first ? 1000 : 50} g=${g} g_seq=2 stack=${g === first ? 2 : 1}`);
    if (waker === 'before') say(`GoStop dt=1 reason=5 stack=1\nGoStart dt=1 g=${g} g_seq=3`);
  }
  return assemble(oneM(lines.join('\n')).replace('data="a task"', `data="a task"
String id=8 data="sync"
String id=9 data="sync.(*Mutex).Lock"
String id=10 data="sync.(*WaitGroup).Wait"
String id=11 data="main.other"`).replace('\nStacks\n', `
Stacks
Stack id=3
Frame pc=1 func=9 file=4 line=1
Frame pc=2 func=2 file=4 line=50
Stack id=4
Frame pc=1 func=9 file=4 line=1
Frame pc=2 func=2 file=4 line=50
Frame pc=3 func=11 file=4 line=60
Stack id=5
Frame pc=4 func=10 file=4 line=2
Frame pc=2 func=2 file=4 line=50
`));
}

/** Oddities of one kind of a trace. @param {Uint8Array} bytes @param {number} kind */
async function odd(bytes, kind) {
  const analysis = await analyse(bytes);
  assert.equal(analysis.error, null);
  const tables = analysis.tables();
  analysis.close();
  return objects(tables, 'oddities').filter((o) => o.kind === kind);
}

test('a lock convoy is of one place, however it is come to, and who kept the lock is told', async () => {
  const [convoy, ...others] = await odd(queued([3, 4, 3, 4, 3], 'first'), 2);
  const { a, b, times, all, start, end } = convoy;
  assert.deepEqual([a, b, times, all, others.length], [5, 4, 1, end - start, 0]);
  assert.deepEqual([convoy.held, convoy.by, convoy.goid], [4 * 10 + 1 + 1000, 1, -1]);
});

test('what waits for "sync" is no lock by that: Go\'s stacks tell, and in C that waiters wake waiters', async () => {
  assert.deepEqual(await odd(queued([5, 5, 5, 5, 5], 'before'), 2), [], 'a wait group of Go');
  assert.deepEqual(await odd(queued([1, 1, 1, 1, 1], 'first'), 2), [], 'a wait group in C');
  const [convoy] = await odd(queued([1, 1, 1, 1, 1], 'before'), 2);
  assert.deepEqual([convoy.a, convoy.b], [5, 3], 'a lock in C; the first was woken by who had not waited');
});

test('goroutines that came one after another, wait to the end and never went on are asked about', async () => {
  const LEAK = 4;
  const [leak, ...others] = await odd(assemble(waiting({})), LEAK);
  assert.deepEqual([leak.a, leak.goid, leak.reason, others.length], [12, 2, 'chan receive', 0]);
  const waits = Array.from({ length: 12 }, (_, i) => 1_000_002 + i * 100_004);
  assert.equal(leak.end - leak.start, waits[11]);
  assert.equal(leak.rank, waits.reduce((a, b) => a + b));
  const none = { 'a handful': { n: 9 }, 'a pool that idles': { apart: 1 }, 'workers that had work': { before: true },
    'timers, which come': { reason: 'sleep' }, 'Go\'s own': { fn: 'runtime.some' } };
  for (const [why, how] of Object.entries(none)) assert.deepEqual(await odd(assemble(waiting(how)), LEAK), [], why);
  assert.equal((await odd(assemble(waiting({ apart: 1, reason: 'chan send' })), LEAK)).length, 1,
    'nobody idles in a send');
  const there = Array.from({ length: 12 }, (_, i) => `GoStatus dt=1 g=${i + 2} m=- gstatus=4`).join('\n');
  const standing = assemble(oneM(`${there}\nGoStop dt=1000000 reason=5 stack=1`));
  assert.deepEqual(await odd(standing, LEAK), [], 'workers there from the start');
});

test('a wait that has not ended with the trace is one; in the profiles it is not', async () => {
  const analysis = await analyse(assemble(waiting({})));
  const tables = analysis.tables();
  const gos = objects(tables, 'goroutines'), last = gos.findIndex(({ id }) => id === 13);
  assert.deepEqual([gos[last].waits, gos[last].wait_max, gos[last].waiting], [1, 1_000_002, 1_000_002]);
  assert.deepEqual(objects(tables, 'waits').map(({ ns, count }) => [ns > 0, count]), gos.slice(1).map(() => [true, 1]));
  assert.equal(analysis.bins(KIND.waiting, { row: last }).length, 1);
  assert.equal(byNode(tables, CLASS.sync).size, 0);
  analysis.close();
});

test('damage is told and what stood before it is counted; memory that runs out is an error', async () => {
  const bytes = new Uint8Array(readFileSync(join(recorded, 'go1.27-mixed.trace')));
  const broken = bytes.slice(0, bytes.length - 5000);
  const analysis = await analyse(broken);
  assert.match(String(analysis.error), /byte \d+/);
  const part = analysis.tables();
  assert.ok(part.events > 1000 && part.tables.goroutines.n > 10);
  for (let limit = 200_000; limit < 900_000; limit += 13_000) {
    const { store } = await read(bytes, { options: OPTION.ANALYSE | OPTION.NO_INDEX, limit });
    for (let table = 0; table < 11; table++) /** @type {any} */ (store.wasm).gt_table(store.reader, table);
    store.close();
    assert.equal(store.memoryUsed, 0, `limit ${limit}: all memory was given back`);
  }
});

test('a packed trace that is cut off has its tables, up to the damage', async () => {
  const packed = gzipSync(readFileSync(join(recorded, 'go1.27-mixed.trace')));
  const cut = packed.subarray(0, Math.floor(packed.length * 0.9));
  const analysis = await Analysis.read(await compileReader(), unpackedChunks([cut]));
  assert.match(String(analysis.error), /gzip/);
  assert.ok(analysis.tables().events > 1000);
});

test('CSV: quotes where they are needed, and no text that a spreadsheet takes for a formula', () => {
  assert.equal(csv(['a', 'b,c'], [[1, '=SUM(A1)'], [Number.NaN, 'say "x"\n']]),
    'a,"b,c"\r\n1,\'=SUM(A1)\r\n,"say ""x""\n"\r\n');
});
