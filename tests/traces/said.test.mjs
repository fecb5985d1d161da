// What programs say in their trace comes out as it was said, by Go's own reader where it is at hand: tasks,
// regions, logs, labels (said.c, tests/unit/annotate.c); also after lost generations, of which readers are told
// what they missed.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { goDumps, judge } from '../lib/oracle.mjs';
import {
  ALL, LONG, OUT, ROOT, build, buildTogether, exec, native, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';

const dir = join(OUT, 'saying');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** Go's dump of a trace that Go and we accept, else ours, which is the same. @param {string} trace */
async function dump(trace) {
  assert.equal(await judge(trace), null);
  return await goDumps(trace) ?? (await dumped(readFileSync(trace))).text;
}

/**
 * Goes through a dump as a reader does: what is open is what the program's logs say.
 * @param {string} text @param {boolean} [middle] tracing began in the middle: what is older is not known
 */
function followed(text, middle = false) {
  const seen = { tasks: 0, regions: 0, logs: 0, labels: 0, ends: 0, open: 0 };
  /** @type {Map<string, string[]>} */ const regions = new Map(); // of each goroutine, outermost first
  /** @type {Map<string, string>} */ const tasks = new Map(); // names of the open ones, by id
  for (const line of text.split('\n')) {
    const m = /^M=-?\d+ P=-?\d+ G=(-?\d+) (\w+) Time=\d+ (.*)$/.exec(line);
    if (!m) continue;
    const [, g, kind, rest] = m, name = / Type="(.*)"$/.exec(rest)?.[1] ?? '', mine = regions.get(g) ?? [];
    const id = /^ID=(\d+)/.exec(rest)?.[1] ?? ''; // of a task
    regions.set(g, mine);
    switch (kind) {
      case 'TaskBegin':
        seen.tasks++;
        tasks.set(id, name);
        break;
      case 'TaskEnd':
        seen.ends++;
        if (!middle) assert.equal(tasks.get(id), name, `of a task that is open: ${line}`);
        tasks.delete(id);
        break;
      case 'RegionBegin':
        seen.regions++;
        mine.push(name);
        break;
      case 'RegionEnd':
        if (mine.length > 0 || !middle) assert.equal(mine.pop(), name, line);
        break;
      case 'Label':
        seen.labels++;
        assert.match(rest, new RegExp(`^Label="worker" Resource=Goroutine\\(${g}\\)$`));
        break;
      case 'Log': {
        seen.logs++;
        const [, category, message] = /Category="(.*)" Message="(.*)"$/.exec(rest) ?? [];
        const open = category === 'regions' ? mine : [...tasks.values()].filter((t) => t.startsWith(`t${g}.`));
        let said = message.split('/').filter(Boolean);
        if (middle && category === 'regions') said = said.slice(said.length - open.length);
        else if (middle) said = said.filter((t) => open.includes(t));
        if (category === 'regions') assert.deepEqual(open, said, line);
        else assert.deepEqual(open.sort(), said.sort(), line);
        break;
      }
      case 'StateTransition': {
        const gone = /^GoID=(\d+) .*->NotExist/.exec(rest);
        if (gone) regions.delete(gone[1]);
        break;
      }
    }
  }
  return { ...seen, open: tasks.size };
}

const ports = [...LONG ? [threads(1), native(4)] : [], threads(4), sim(3), ...ALL ? [native(1), wasi(3)] : []];

for (const port of ports) {
  test(`all that was said, in order: ${port.name}`, async () => {
    const trace = join(dir, `all ${port.name}.trace`);
    const program = await build('tests/traces/said.c', port.target);
    const r = await slot(() => run(port, program, ['8', '200'], { trace, timeoutMs: 120_000 }));
    assert.equal(r.exitCode, 0, told(r));
    const [, tasks, regions, logs] = (/^begun (\d+) (\d+) (\d+)$/m.exec(r.stdout) ?? []).map(Number);
    assert.ok(tasks > 20 && regions > 50 && logs > 100, told(r));
    const seen = followed(await dump(trace));
    assert.deepEqual(seen, { tasks, regions, logs, labels: 8, ends: tasks, open: 0 });
  });
}

for (const port of ports) {
  test(`after lost generations readers see what is open: ${port.name}`, async (t) => {
    const program = await build('tests/traces/said.c', port.target);
    const seen = { lost: 0, kept: 0, regions: 0, logs: 0 };
    const n = port.target === 'native' ? 12 : 5;
    for (let seed = 1; seed <= n; seed++) {
      const trace = join(dir, `lost ${port.name}.${seed}.trace`), debug = `traceloss=${seed}`;
      const r = await slot(() =>
        run(port, program, ['8', '200', String(seed)], { trace, debug, timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const [, lost, kept] = (/^traceloss: (\d+) generations lost, (\d+) kept$/m.exec(r.stderr) ?? []).map(Number);
      const { regions, logs } = followed(await dump(trace));
      seen.lost += lost;
      seen.kept += kept;
      seen.regions += regions;
      seen.logs += logs;
    }
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.lost >= n && seen.kept > n && seen.regions > n && seen.logs > n, JSON.stringify(seen));
  });
}

for (const port of [native(1), native(4)]) {
  test(`tracing that begins in the middle, also with losses: ${port.name}`, async () => {
    const program = await build('tests/traces/said.c', port.target);
    let open = 0;
    for (let seed = 0; seed < 8; seed++) {
      const trace = join(dir, `middle ${port.name}.${seed}.trace`);
      const env = { GOROSCOPE_TRACE: trace, GOROSCOPE_TRACE_BEGIN: 'asked', GOROSCOPE_PROCS: String(port.procs),
        GRDEBUG: seed ? `traceloss=${seed}` : '' };
      const args = ['8', '200', String(seed + 1), 'middle'];
      const r = await slot(() => exec(program, args, { env, timeoutMs: 60_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const text = await dump(trace), seen = followed(text, true);
      assert.ok(seed || (seen.logs > 50 && seen.regions > 20), JSON.stringify(seen));
      open += seen.regions - (text.match(/ RegionEnd /g)?.length ?? 0);
    }
    assert.ok(open !== 0, 'some had begun before');
  });
}

describe('tests/unit/annotate.c', () => {
  const names = /^M=\d+ P=\d+ G=(\d+) (Region|Task)(Begin|End) Time=\d+ .*Type="([a-z ]*)"$/;
  for (const port of [threads(2), sim(2), native(2), wasi(2)]) {
    test(port.name, async () => {
      const trace = join(dir, `annotate ${port.name}.trace`);
      const isWasi = port.target === 'wasi', source = 'tests/unit/annotate.c';
      const program = isWasi ? await buildTogether('annotate', [source]) : await build(source, port.target);
      const r = await slot(() => run(port, program, isWasi ? ['annotate'] : [], { trace, timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const text = await dump(trace), lines = text.split('\n').map((l) => names.exec(l)).filter((m) => m !== null);
      /** @param {string} name */
      const times = (name) => lines.filter((m) => m[4] === name).map((m) => m[3]);
      for (const [name, n] of /** @type {[string, number][]} */ (
        [['outer', 1], ['row', 3], ['by hand', 1], ['inside', 1], ['find', 2], ['part', 3], ['freed', 2],
          ['sequence', 1], ['element', 4], ['taken', 4], ['request', 1], ['child', 1]])) {
        assert.equal(times(name).filter((t) => t === 'Begin').length, n, `${name} begins`);
        assert.equal(times(name).filter((t) => t === 'End').length, n, `${name} ends`);
      }
      assert.deepEqual(times('never left'), ['Begin'], 'a panic leaves no block');
      assert.ok(!/=".*[xy]{3}/.test(text), 'names are copied at once');
      assert.equal(/Category="long" Message="(n*)"/.exec(text)?.[1].length, 1023, 'no half character at the end');
      assert.equal(r.stderr, '', 'no mistake');
      assert.equal(text.match(/ Log .* Category="name \d+"/g)?.length, 3000);
      assert.deepEqual([...text.matchAll(/ Parent=(\d+) Type="(request|child)"$/gm)].map((m) => m[2]).sort(),
        ['child', 'child', 'request', 'request']);
    });
  }
});

// ---- mistakes ---------------------------------------------------------------------------------------------------

for (const port of [threads(2), sim(2), native(2)]) {
  test(`regions ended in the wrong order are a sentence, and the trace is right: ${port.name}`, async () => {
    const program = await build('tests/traces/wrong_order.c', port.target);
    const trace = join(dir, `wrong ${port.name}.trace`);
    const off = await slot(() => run(port, program, []));
    assert.deepEqual([off.exitCode, off.stderr], [0, ''], told(off));
    const at = 'tests/traces/wrong_order.c:', lines = readFileSync(join(ROOT, 'tests/traces/wrong_order.c'), 'utf8')
      .split('\n');
    /** @param {string} call */
    const line = (call) => at + (lines.findIndex((l) => l.includes(call)) + 1);
    for (const [how, sentence] of [
      ['outer-first', `gr_region_end("a") at ${line('end("a")')}: the innermost open region of goroutine 1 is "b", `
        + `begun at ${line('begin("b")')}; it has been ended too: end the region that was begun last first`],
      ['none-open', `gr_region_end("c") at ${line('end("c")')}: the innermost open region of goroutine 1 is "a", `
        + `begun at ${line('begin("a")')}, and none of that name is open: nothing has been ended`],
    ]) {
      const r = await slot(() => run(port, program, [how], { trace }));
      assert.equal(r.exitCode, 0, told(r));
      const said = r.stderr.replaceAll(`${ROOT}/`, '');
      assert.equal(said.split('\n')[0], `goroscope: ${sentence}`);
      assert.equal(r.stderr.split('\n').length, 2, 'once');
      const text = await dump(trace);
      assert.deepEqual([...text.matchAll(/ Region(Begin|End) .*Type="(.)"$/gm)].map((m) => `${m[1]} ${m[2]}`),
        how === 'outer-first' ? ['Begin a', 'Begin b', 'End b', 'End a', 'End b']
          : ['Begin a', 'Begin b', 'End b', 'End a']);
    }
  });
}
