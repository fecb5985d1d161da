// GRDEBUG=schedtrace=MS: the scheduler's state in Go's words, on every port, by the clock the program lives by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, exec, native, run, sim, slot, threads, told } from '../lib/run.mjs';

const LINE = new RegExp('^SCHED (\\d+)ms: gomaxprocs=(\\d+) idleprocs=(\\d+) threads=(\\d+) spinningthreads=\\d+ ' +
  'idlethreads=(\\d+) runqueue=(\\d+) \\[( \\d+)+ \\] schedticks=\\[( \\d+)+ \\]$');

/** @param {string} stderr */
const lines = (stderr) => stderr.split('\n').filter((l) => l.startsWith('SCHED'));

for (const port of [native(2), threads(1), threads(2), { ...sim(3), clock: /** @type {const} */ ('measured') }]) {
  test(`lines like Go's: ${port.name}`, async () => {
    const built = await build('tests/programs/slices.c', port.target);
    const r = await slot(() => run(port, built, [], { debug: 'schedtrace=5' }));
    assert.equal(r.exitCode, 0, told(r));
    const found = lines(r.stderr);
    assert.ok(found.length >= 2, told(r));
    let last = -1;
    for (const line of found) {
      const m = LINE.exec(line);
      assert.ok(m, line);
      const [ms, procs, idle] = m.slice(1, 4).map(Number);
      assert.ok(last < 0 ? ms === 0 : ms >= last + 5, `${ms} ms after ${last} ms`);
      assert.ok(idle <= procs, line);
      last = ms;
    }
  });
}

test('scheddetail=1 adds every P, M and G', async () => {
  const built = await build('tests/programs/slices.c', 'native');
  const { stderr } = await exec(built, [], { env: {
    GOROSCOPE_MODE: 'sim', GOROSCOPE_CLOCK: 'measured', GOROSCOPE_SEED: '1', GOROSCOPE_PROCS: '2',
    GRDEBUG: 'schedtrace=5,scheddetail=1',
  } });
  const text = stderr.split('\n');
  for (const l of lines(stderr))
    assert.match(l, / runqueue=\d+ gcwaiting=0 nmidlelocked=0 stopwait=0 sysmonwait=[01]$/);
  assert.ok(text.some((l) =>
    /^ {2}P1: status=\d schedtick=\d+ m=(\d+|nil) runqsize=\d+ gfreecnt=\d+$/.test(l)), stderr);
  assert.ok(text.some((l) =>
    /^ {2}M0: p=(\d+|nil) curg=(\d+|nil) spinning=(true|false) blocked=(true|false) lockedg=nil$/.test(l)), stderr);
  assert.ok(text.some((l) => /^ {2}G1: status=4\([^)]+\) m=nil lockedm=nil$/.test(l)), stderr);
});
