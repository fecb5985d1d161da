// The leak report (GRDEBUG=leaks=1, core/leak.c): what it says and the exit code, on every port.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { ALL, OUT, ROOT, build, exec, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';

const ports = [native(2), threads(2), sim(2), ...ALL ? [threads(1), wasi(2)] : []];

/** Goroutines of a report, "function [state]" each, sorted. @param {string} stderr */
const goroutines = (stderr) => [...stderr.matchAll(/^goroutine \d+ (\[.*\]):\n(\w+)\(/gm)]
  .map((m) => `${m[2]} ${m[1]}`).sort();

/** By case: exit code, first line of stderr, goroutines. @type {Record<string, [number, string, string[]]>} */
const CASES = {
  nothing: [7, '', []],
  some: [2, 'goroutine leak: 1 goroutine waits for ever', ['wait_for_ever [chan receive (leaked)]']],
  iterator: [2, 'goroutine leak: 1 goroutine waits for ever', ['two [coroutine (leaked)]']],
  busy: [2, 'goroutine leak: 2 goroutines still waiting 60 ms after main returned',
    ['tick_for_ever [chan receive (leaked)]', 'wait_for_ever [chan receive (leaked)]']],
  asleep: [7, '', []],
  panic: [2, 'panic: too late', ['panic_late [running]']],
  exit: [3, '', []],
  main: [2, 'fatal error: all goroutines are asleep - deadlock!',
    ['wait_for_ever [chan receive]', 'wait_for_ever [chan receive]']],
};

for (const port of ports) {
  describe(port.name, { concurrency: true }, () => {
    /** @param {string} kind @param {import('../lib/run.mjs').RunOptions} [options] */
    const ran = async (kind, options = { debug: 'leaks=1,leakwait=60' }) => {
      const program = await build('tests/programs/leaks.c', port.target);
      return slot(() => run(port, program, [kind], options));
    };
    for (const [kind, [code, first, who]] of Object.entries(CASES)) {
      test(kind, async () => {
        const r = await ran(kind);
        assert.equal(r.exitCode, code, told(r));
        assert.equal(r.stderr.split('\n')[0], first, told(r));
        assert.deepEqual(goroutines(r.stderr), who, told(r));
        assert.equal(r.stdout, kind === 'nothing' || kind === 'some' ? 'finished\n' : '', told(r));
      });
    }

    test('not asked for, no report and no wait', async () => {
      const r = await ran('some', {});
      assert.deepEqual([r.exitCode, r.stdout, r.stderr], [7, '', ''], told(r));
    });

    test('the trace of a run with leaks is whole', async () => {
      const trace = join(OUT, `programs/leaks ${port.name}.trace`);
      const r = await ran('some', { debug: 'leaks=1', trace });
      assert.equal(r.exitCode, 2, told(r));
      assert.equal(await judge(trace), null);
    });
  });
}

test('goroscope run --leaks', async () => {
  const program = await build('tests/programs/leaks.c', 'emscripten');
  const r = await slot(() => exec(process.execPath, [
    join(ROOT, 'shell/cli.mjs'), 'run', program, '--leaks', '--procs', '2', '--', 'some',
  ]));
  assert.equal(r.exitCode, 2, told(r));
  assert.match(r.stderr, new RegExp('^goroutine leak: 1 goroutine waits for ever\\n\\n' +
    'goroutine \\d+ \\[chan receive \\(leaked\\)\\]:\\nwait_for_ever\\(\\.\\.\\.\\)\\n'));
});
