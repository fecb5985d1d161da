// Every unit program on every port: the same C source over workers with 4 Ps (1 and 2: npm run test:long), simulated,
// and, by npm run test:all, under wasi and natively.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import {
  ALL, LONG, ROOT, alike, build, buildTogether, native, rarely, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';

const programs = readdirSync(join(ROOT, 'tests/unit')).filter((f) => f.endsWith('.c')).sort();
const nativeSim = {
  ...native(3), name: 'native, sim', mode: /** @type {const} */ ('sim'),
  clock: /** @type {const} */ ('virtual'), seed: 1,
};
const ports = [threads(4), sim(4), ...ALL ? [native(4), wasi(3)] : [],
  ...LONG ? [nativeSim, threads(1), threads(2)] : []];

/** What else a program's output must be. @type {Record<string, (stdout: string, stderr: string) => void>} */
const alsoCheck = { 'output.c': checkOutput };

for (const port of ports) {
  describe(port.name, { concurrency: true }, () => {
    for (const program of programs) {
      const isWasi = port.target === 'wasi';
      // Memory as several workers see it: there is one.
      test(program, { skip: isWasi && program === 'memory.c' && rarely }, async () => {
        const built = isWasi ? await buildTogether('unit', programs.map((f) => `tests/unit/${f}`))
          : await build(`tests/unit/${program}`, port.target);
        const args = [...isWasi ? [basename(program, '.c')] : [], ...port.mode === 'threads' ? ['--parallel'] : []];
        const r = await slot(() => run(port, built, args, { timeoutMs: 120_000 }));
        assert.equal(r.exitCode, 0, told(r));
        assert.match(r.stdout, /^[1-9]\d* passed$/m, told(r));
        alsoCheck[program]?.(r.stdout, r.stderr);
      });
    }
  });
}

test('ends_of_time.c: no sum of times overflows (UBSan), in threads and sim', { skip: alike }, async () => {
  const built = await build('tests/unit/ends_of_time.c', 'native-asan');
  for (const port of [native(4), nativeSim]) {
    const r = await slot(() => run({ ...port, target: 'native-asan' }, built, [], { timeoutMs: 120_000 }));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(r.stderr, '', told(r));
  }
});

/** Whole lines, in order per goroutine, nothing lost. @param {string} stdout @param {string} stderr */
function checkOutput(stdout, stderr) {
  const lines = stdout.split('\n');
  const next = new Map();
  for (const line of lines.filter((l) => l.includes('line g='))) {
    const m = /^line g=(\d+) i=(\d+) ([a-z]*) end=(\d+)\.(\d+)$/.exec(line);
    assert.ok(m, `a line in pieces: ${line}`);
    const [, g, i, body, g2, i2] = m;
    assert.deepEqual([g2, i2], [g, i], line);
    assert.equal(body, String.fromCharCode(97 + Number(g)).repeat(Number(i)), line);
    assert.equal(Number(i), next.get(g) ?? 0, `out of order: ${line}`);
    next.set(g, Number(i) + 1);
  }
  assert.deepEqual([...next.values()], Array(20).fill(25), 'every goroutine printed all its lines');
  assert.equal(lines.filter((l) => l.startsWith('rest of a goroutine that ended')).length, 1);
  assert.ok(lines.includes('mixed 42 line'));
  assert.ok(stdout.includes('<' + '='.repeat(9998) + '>\n'), 'the long line is whole');
  assert.ok(lines.includes('to stdout by fputs'));
  assert.equal(stderr, 'to stderr by fprintf\n');
}
