// What is left after lost generations is a valid trace, whenever they were lost and however many: a short run of
// loss.mjs (`npm run loss -- N` makes a long one). What each generation tells, and what is said when the ring is
// too small for any.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { smallestRing } from '../../wasm/host/abi.mjs';
import { judge } from '../lib/oracle.mjs';
import { ALL, OUT, ROOT, build, exec, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';
import { loseInAll, summary } from './loss.mjs';

const dir = join(OUT, 'losing');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/**
 * Programs in which a loss meets all that has a state: Ps that come and go, system calls, coroutines, calls from
 * outside, locked threads.
 */
const TRYING = {
  'tests/programs/chatter.c': 10, 'tests/unit/procs.c': 4, 'tests/unit/outside.c': 4,
  'tests/unit/syscall.c': 4, 'tests/unit/iter.c': 2,
};

for (const [source, count] of Object.entries(TRYING).filter((_, i) => ALL || i < 2)) {
  test(`generations lost at random, in rows of 1 to 5: ${source}`, async (t) => {
    const seen = await loseInAll(count, { only: source });
    t.diagnostic(summary(seen));
    assert.equal(seen.rejected.join('\n'), '');
    assert.equal(seen.traces, count);
    assert.ok(seen.lost > count && seen.kept > count, `${seen.lost} generations were lost, ${seen.kept} kept`);
  });
}

for (const port of [threads(2), sim(4), native(4)]) {
  test(`every generation in which goroutines run says how many Ps there are: ${port.name}`, async () => {
    const trace = join(dir, `procs ${port.name}.trace`);
    const program = await build('tests/programs/chatter.c', port.target);
    /** @type {string[]} */
    let generations = [];
    // Where others have the processors nothing much may happen in a time.
    for (let ms = 12; generations.length < 6; ms *= 4) {
      assert.ok(ms < 10_000, `only ${generations.length} generations in ${ms / 4} ms`);
      const r = await slot(() =>
        run(port, program, [`${ms}`, '2'], { trace, debug: 'traceloss=7', timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      assert.equal(await judge(trace), null);
      generations = (await dumped(readFileSync(trace))).text.split(/^.* Sync Time=.*$/m).slice(1, -1)
        .filter((text) => /GoID=\d+ \S+->Running/.test(text));
    }
    for (const g of generations)
      assert.match(g, /Metric Time=\d+ Name="\/sched\/gomaxprocs:threads" Value=Value\{Uint64\([1-4]\)\}/);
  });
}

test('an M that has ended gives its buffer back', async () => {
  const program = await build('tests/programs/dead_threads.c', 'native');
  const r = await slot(() => run(native(4), program, [], { trace: join(dir, 'dead.trace'), timeoutMs: 60_000 }));
  assert.equal(r.exitCode, 0, told(r));
  assert.ok(Number(r.stdout) < 8192,
    `${r.stdout.trim()} bytes stay for each thread that has ended; a buffer has 65536`);
});

// ---- rings that are too small -----------------------------------------------------------------------------------

const FITS_NOT = new RegExp('^goroscope: (?:the trace is empty: none of its \\d+ generations? fitted' +
  '|\\d+ generations? of the trace did not fit) into a ring of 65536 bytes; ' +
  'one of (\\d+) bytes is large enough \\(trace\\.ringBytes, --ring or GOROSCOPE_RING\\)$', 'm');

for (const port of [threads(2), sim(2), ...ALL ? [native(2), wasi(2)] : []]) {
  test(`a ring too small for a generation is a sentence, and the size it names is enough: ${port.name}`, async () => {
    const trace = join(dir, `small ${port.name}.trace`);
    const program = await build('tests/traces/crowd.c', port.target);
    /** @param {number} ringBytes */
    const ran = (ringBytes) => slot(() => run(port, program, ['20000'], { trace, ringBytes, timeoutMs: 120_000 }));
    const small = await ran(65536);
    const enough = Number(FITS_NOT.exec(small.stderr)?.[1]);
    assert.ok(enough > 65536, told(small));
    assert.equal(await judge(trace), null);
    const large = await ran(enough);
    assert.doesNotMatch(large.stderr, FITS_NOT, told(large));
    assert.equal(await judge(trace), null);
  });
}

test('a ring below the smallest is refused, with the smallest allowed', async () => {
  const program = await build('tests/programs/chatter.c', 'native');
  for (const [procs, ringBytes] of [[2, 65535], [100, 65536]]) {
    const least = smallestRing(procs);
    const r = await run(native(procs), program, ['1'], { trace: join(dir, 'none'), ringBytes });
    assert.equal(r.exitCode, 1);
    assert.equal(r.stderr,
      `goroscope: GOROSCOPE_RING=${ringBytes}: must be a number of bytes, ${least} (with ${procs} Ps) to 1 GiB\n`);
    const module = new Uint8Array(readFileSync(await build('tests/programs/chatter.c', 'emscripten')));
    await assert.rejects(load(module, { procs, trace: { ringBytes } }), {
      name: 'RangeError',
      message: `trace.ringBytes must be a whole number from ${least} (the smallest ring for ${procs} Ps) ` +
        `to 1073741824, not ${ringBytes}`,
    });
  }
  const file = join(dir, 'refused.trace');
  const cli = await exec(process.execPath, [
    join(ROOT, 'shell/cli.mjs'), 'run', await build('tests/programs/chatter.c', 'emscripten'),
    '--procs', '2', '--trace', file, '--ring', '1000',
  ]);
  assert.equal(cli.stderr,
    'goroscope: --ring must be 65536 bytes at least for 2 Ps and 1073741824 at most, not 1000\n');
  assert.equal(existsSync(file), false, 'no empty trace file is left');
});
