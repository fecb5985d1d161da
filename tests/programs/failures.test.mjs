// How programs fail: text and exit code of every kind in failures.c and forbidden.c against golden/KIND.txt, the
// same on all ports, and the small programs beside it. UPDATE_GOLDENS=1 writes the goldens anew (from the native
// port): read the difference.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ALL, LONG, ROOT, build, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';

const GOLDEN = join(ROOT, 'tests/programs/golden');
const ports = [native(2), threads(1), threads(2), threads(4), sim(1), sim(2), sim(4), wasi(2)];
const UPDATE = !!process.env.UPDATE_GOLDENS;
/**
 * Each kind is made in sim, every second with threads, where a run is as many workers, and by test:all natively, every
 * sixth under wasi; with 1, 2 and 4 Ps by turns, or all. @param {number} i
 */
const portsOf = (i) => ports.filter((p) => {
  if (p.target === 'native') return ALL || UPDATE;
  if (LONG) return true;
  if (p.target === 'wasi') return ALL && i % 6 === 0;
  return p.mode === 'sim' ? p.procs === [1, 2, 4][i % 3] : i % 2 === 0 && p.procs === [1, 2, 1, 2, 1, 4][(i / 2) % 6];
});

/**
 * Takes out what may differ between ports and from edit to edit: line numbers, stack sizes, and ids of goroutines
 * other than the first (each P has numbers of its own): they are counted as they come.
 * @param {string} text
 */
function normalise(text) {
  const ids = new Map([['1', 1]]);
  return text
    .replace(/\.c:\d+/g, '.c:LINE')
    .replace(/exceeds \d+-byte limit/, 'exceeds N-byte limit')
    .replace(/^\[.* address (\d+)\b.*\]$/m, '[address $1]') // of a null pointer; natively it is known at once
    .replace(/goroutine (\d+)/g, (_, id) => {
      ids.set(id, ids.get(id) ?? ids.size + 1);
      return `goroutine ${ids.get(id)}`;
    });
}

/** @param {import('../lib/run.mjs').Result} r */
const shown = (r) => `exit code ${r.exitCode}\n--- stdout\n${r.stdout}--- stderr\n${normalise(r.stderr)}`;

/** A goroutine of a report and its frames. */
const GOROUTINE = /^(goroutine \d+ \[.*\]:\n)((?:(?!created by)\S.*\n(?:\t.*\n)?)+)/gm;

/**
 * A merged program knows all frames of its goroutines, the others the last place where each called the runtime, or of
 * the one that dies just its function: then that must be one of them, and of those that wait the innermost.
 * (tests/passes/lines.test.mjs and tests/programs/goroutines.test.mjs look at the others.)
 * @param {string} text @param {string} wanted @returns {string} with the frames of `wanted`, where these are right
 */
function asKnownElsewhere(text, wanted) {
  const all = [...wanted.matchAll(GOROUTINE)];
  return text.replace(GOROUTINE, (whole, head, frames) => {
    const frame = all.shift()?.[2] ?? '';
    if (/ \[running/.test(head)) return frame.includes('\t') && !frames.includes(frame) ? whole : head + frame;
    return frames.startsWith(frame) ? head + frame : whole;
  });
}

/** Kind of failure -> the program that has it. @type {Map<string, string>} */
const kinds = new Map(['tests/programs/failures.c', 'tests/programs/forbidden.c'].flatMap((source) =>
  [...readFileSync(join(ROOT, source), 'utf8').matchAll(/^ {4}\{"([a-z-]+)", \w+\},$/gm)].map((m) => [m[1], source])));

test('every golden has its kind, every kind its golden', {
  skip: UPDATE && 'writing them',
}, () => {
  assert.ok(kinds.size > 20);
  assert.deepEqual(readdirSync(GOLDEN).sort(), [...kinds.keys()].map((k) => `${k}.txt`).sort());
});

/** All, or every third. */
const made = [...kinds].filter((_, i) => ALL || UPDATE || i % 3 === 0);

for (const port of UPDATE ? ports.slice(0, 1) : ports) {
  describe(port.name, { concurrency: true }, () => {
    for (const [i, [kind, source]] of made.entries()) {
      if (!portsOf(i).includes(port)) continue;
      test(kind, async () => {
        const program = await build(source, port.target);
        const once = () => slot(() => run(port, program, [kind]));
        let r = await once();
        // On a busy machine sysmon sees the write before its goroutine leaves its P, and cannot say where that is.
        for (let n = 0; n < 10 && r.stderr.includes('noticed while the program ran'); n++) r = await once();
        const golden = join(GOLDEN, `${kind}.txt`);
        if (UPDATE) writeFileSync(golden, shown(r));
        assert.ok(existsSync(golden), `no ${golden}`);
        const wanted = readFileSync(golden, 'utf8');
        assert.equal(port.target === 'emscripten' ? asKnownElsewhere(shown(r), wanted) : shown(r), wanted, told(r));
      });
    }
    if (!UPDATE && port.procs <= 2) small(port);
  });
}

/** The small programs. @param {import('../lib/run.mjs').Port} port */
function small(port) {
  /** @param {string} name @param {string[]} args */
  const ran = async (name, ...args) => {
    const program = await build(`tests/programs/${name}.c`, port.target);
    return slot(() => run(port, program, args));
  };

  test('deadlock: all goroutines with what they wait for', async () => {
    const r = await ran('deadlock');
    assert.equal(r.exitCode, 2, told(r));
    assert.equal(r.stdout, 'waiting\n');
    assert.match(r.stderr, /^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \[/);
    for (const reason of ['sync.WaitGroup.Wait', 'chan receive', 'sync.Mutex.Lock', 'select'])
      assert.ok(r.stderr.includes(`[${reason}]:`), `${reason} is missing: ${told(r)}`);
    assert.match(r.stderr, /\[sync\.Mutex\.Lock\]:\nsender\(\.\.\.\)\n\t.*deadlock\.c:\d+\n/);
  });

  test('parked: of very many goroutines the first are shown, and how many more there are', async () => {
    const r = await ran('parked', '300');
    assert.equal(r.exitCode, 2, told(r));
    const shown = r.stderr.match(/^goroutine \d+ \[/gm) ?? [];
    const more = /\n\n\.\.\.(\d+) more goroutines elided\.\.\.\n$/.exec(r.stderr);
    assert.ok(shown.length === 100 || shown.length === 101, told(r)); // one may be the current one
    assert.equal(shown.length + Number(more?.[1]), 301, told(r));
  });

  test('minutes: how long they have waited', {
    skip: port.clock !== 'virtual' && 'it would take as long',
  }, async () => {
    const r = await ran('minutes');
    assert.equal(r.exitCode, 2, told(r));
    const states = r.stderr.match(/\[chan.*\]/g)?.sort(); // two Ps number their goroutines
    assert.deepEqual(states, ['[chan receive (nil chan)]', '[chan receive, 1 minutes, locked to thread]',
      '[chan receive, 150 minutes]', '[chan receive, locked to thread]'], told(r));
  });

  test('closed: a send on a closed channel', async () => {
    const r = await ran('closed');
    assert.equal(r.exitCode, 2, told(r));
    assert.equal(r.stdout, 'closed\n');
    assert.match(r.stderr, /^panic: send on closed channel\n\ngoroutine \d+ \[running\]:\nsender\(\.\.\.\)\n/);
  });

  for (const how of [[], ['yield']]) {
    test(`overflow ${how}: caught before a neighbour is damaged`, async () => {
      const r = await ran('overflow', ...how);
      assert.equal(r.exitCode, 2, told(r));
      assert.equal(r.stdout, 'recursing\n', told(r));
      assert.match(r.stderr, new RegExp('^runtime: goroutine stack exceeds \\d+-byte limit\\n' +
        'fatal error: stack overflow\\n\\ngoroutine \\d+ \\[running\\]:\\n'));
    });
  }

  test('exitcode: the code arrives, and output without a newline', async () => {
    for (const args of [['7'], ['0'], ['255'], ['41', 'exit']]) {
      const r = await ran('exitcode', ...args);
      assert.equal(r.exitCode, Number(args[0]), told(r));
      assert.equal(r.stdout, 'no newline at the end', told(r));
    }
  });

  test('printf_lines: whole lines, in order per goroutine', async () => {
    const r = await ran('printf_lines', '20', '500');
    assert.equal(r.exitCode, 0, told(r));
    const lines = r.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 10_000);
    const next = Array(21).fill(1);
    for (const line of lines) {
      const m = /^goroutine (\d+) line (\d+): abcdefghijklmnopqrstuvwxyz\.$/.exec(line);
      assert.ok(m, `a line in pieces: ${line}`);
      assert.equal(Number(m[2]), next[Number(m[1])]++, `out of order: ${line}`);
    }
  });
}
