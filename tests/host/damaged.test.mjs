// A program that has overwritten its own memory ends at once, with one sentence, which is text: its own, or where that
// is damaged too, the host's.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HOST } from '../../wasm/host/abi.mjs';
import { Report } from '../../wasm/host/report.mjs';
import { OUT, build, run, sim, slot, threads, told } from '../lib/run.mjs';

const source = 'tests/host/damaged.c';
const OVERWRITTEN = "fatal error: the program's memory is overwritten (a write through a wild pointer, or far beyond a "
  + 'block): the run cannot go on';
const ADVICE = '; build it with --check to see where';
const UNLISTED = '\n(the program could not list its goroutines)\n';
const BEYOND = 'fatal error: write beyond the end of allocated memory\n'
  + '[noticed later: 10 bytes, allocated by goroutine 1 at tests/host/damaged.c:';
const AT_ONCE_MS = 1500; // with the start; the host's patience alone is 2 s

/** @param {ReturnType<typeof sim>} port @param {string} way @param {{ check?: boolean, traced?: boolean }} [how] */
async function ran(port, way, { check = false, traced = false } = {}) {
  const program = await build(source, check ? 'emscripten-check' : 'emscripten');
  const trace = traced ? join(OUT, `damaged-${way}-${port.mode}.trace`) : undefined;
  return slot(async () => {
    const begun = performance.now(), r = await run(port, program, [way], { trace });
    assert.equal(r.exitCode, 2, told(r));
    assert.ok(performance.now() - begun < AT_ONCE_MS || way === 'held', `it took ${performance.now() - begun} ms`);
    assert.equal(r.stderr.match(/^(fatal error|panic): /gm)?.length, 1, told(r));
    return r;
  });
}

for (const port of [threads(2), sim(2)]) {
  describe(port.name, () => {
    test("texts of the runtime's own are overwritten: the host has its own", async () => {
      for (const way of ['texts', 'texts-hang']) {
        const r = await ran(port, way);
        assert.equal(r.stderr, OVERWRITTEN + ADVICE + UNLISTED, way);
      }
    });

    test('a trap that leaves a lock of the C library held: the report, and the end, traced too', async () => {
      for (const traced of [false, true]) {
        const r = await ran(port, 'free', { traced });
        assert.match(r.stderr, /^fatal error: unexpected trap: .*\n\ngoroutine 1 \[running\]:\n[^]*damaged\.c:\d+\n$/);
      }
    });

    test('a line that is overwritten is not printed for what it seems to hold', async () => {
      const r = await ran(port, 'line');
      assert.ok(r.stdout.length < 100, `${r.stdout.length} bytes`);
      assert.match(r.stderr, /^fatal error: /);
    });

    test('output that memory cannot hold is not printed as far as there is memory', async () => {
      const r = await ran(port, 'output');
      assert.ok(r.stdout.length < 100, `${r.stdout.length} bytes`);
    });

    for (const way of ['line', 'beyond-100000', 'beyond-3000000']) {
      test(`--check knows what began it: ${way}`, async () => {
        const r = await ran(port, way, { check: true });
        assert.ok(r.stderr.startsWith(BEYOND), told(r));
        assert.ok(r.stdout.length < 100, `${r.stdout.length} bytes`);
      });
    }

    test('a channel that is overwritten', async () => {
      const r = await ran(port, 'channel');
      assert.ok(r.stderr.startsWith(`${OVERWRITTEN}${ADVICE}\n\ngoroutine 1 [running]:\n`), told(r));
    });

    test('who was built with --check is not told to', async () => {
      for (const way of ['channel', 'rest']) {
        const r = await ran(port, way, { check: true });
        assert.ok(r.stderr.startsWith(`${OVERWRITTEN}\n`), told(r));
      }
    });

    test('a panic whose message is no text is a panic', async () => {
      const r = await ran(port, 'panic');
      assert.match(r.stderr, /^panic: \x07\ufffd\n\ngoroutine 1 \[running\]:\n/);
    });
  });
}

/** @param {string | Uint8Array} text @param {number} [marks] */
function reportOf(text, marks = 2) {
  const report = new Report(), none = new Uint8Array(0);
  for (let i = 0; i < marks - 1; i++) report.take(HOST.OUT_MARK, none);
  report.take(HOST.OUT_REPORT, typeof text === 'string' ? new TextEncoder().encode(text) : text);
  if (marks > 0) report.take(HOST.OUT_MARK, none);
  return report;
}
/** @param {Uint8Array | null} bytes */
const string = (bytes) => bytes && Buffer.from(bytes).toString('latin1');

test('a report is shown as text; where the texts it is made of are overwritten it is shown if it reads as one', () => {
  const good = 'fatal error: no\n\ngoroutine 1 [running]:\n';
  assert.equal(string(reportOf(good).text(false)), good);
  assert.equal(string(reportOf(good).text(true)), good);
  assert.equal(string(reportOf('fatal error: \x07\x1b[2J\n').text(false)), 'fatal error: ??[2J\n');
  assert.equal(string(reportOf(Uint8Array.of(102, 0xff, 10)).text(false)), 'f?\n');
  assert.equal(string(reportOf('panic: \x07\n').text(false)), 'panic: \x07\n');
  for (const bad of ['fatal error:\x07\n', 'panic: \x07\n', '17works', ''])
    assert.equal(reportOf(bad).text(true), null, bad);
  assert.deepEqual([reportOf(good).begun, reportOf(good).whole], [true, true]);
  assert.deepEqual([reportOf(good, 1).begun, reportOf(good, 1).whole], [true, false]);
});
