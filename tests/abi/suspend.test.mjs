// Which functions of the runtime asyncify makes suspendable: a function that may reach a call through a pointer is
// one to it, and so is all that calls it. Where that happens below the scheduler's own loops everything gets slower
// and larger, and nothing else tells: a callback in the simulator's clock once made a yield 15 % and a spawn 35 %
// slower.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, slot } from '../lib/run.mjs';

const exec = promisify(execFile);

// Inlining may take some away, hence so many.
const NEVER = ['rt_schedule_once', 'rt_run_slice', 'rt_find_runnable', 'after_park', 'after_exit', 'rt_ready',
  'rt_spawn', 'rt_runq_put', 'rt_runq_steal', 'rt_globq_get', 'rt_wakep', 'rt_startm', 'rt_stopm', 'rt_acquirep',
  'rt_releasep', 'rt_m_loop', 'rt_m_main', 'rt_pidle_get', 'rt_lock_shared', 'rt_throw', 'rt_exit', 'die',
  'rt_trace_advance', 'rt_ring_append', 'rt_ring_commit', 'rt_buf_flush', 'rt_output_flush_g', 'rt_sim_floor',
  'rt_sysmon_main', 'rt_timers_run', 'rt_gcstop_m', 'rt_handoff_p', 'dlmalloc', 'malloc', 'free'];

test('the scheduler and the tracer are not instrumented, an operation that parks is', async () => {
  const folder = join(ROOT, 'build/tests/suspend');
  mkdirSync(folder, { recursive: true });
  const wasm = join(folder, 'switch.wasm');
  await slot(() => exec('bash', ['build.sh', 'program', 'emscripten', wasm, 'tests/bench/spawn.c', '-g'],
    { cwd: ROOT }));
  const { stdout } = await exec('wasm-dis', ['-all', wasm], { maxBuffer: 1 << 28 });
  const functions = new Map(stdout.split(/^ (?=\(func )/m).slice(1)
    .map((text) => [/^\(func \$([^ )]+)/.exec(text)?.[1] ?? '', text]));
  // By its export: not every Binaryen keeps the name of what asyncify adds.
  const getter = /\(export "asyncify_get_state" \(func \$([^ )]+)\)\)/.exec(stdout)?.[1] ?? '';
  const state = /global\.get (\$[^ )]+)\)/.exec(functions.get(getter) ?? '')?.[1];
  assert.ok(state, 'the build exports no asyncify_get_state that reads a global');
  const suspends = (/** @type {string} */ f) => functions.get(f)?.includes(`(global.get ${state})`);
  const seen = NEVER.filter((f) => functions.has(f));
  assert.ok(seen.length >= NEVER.length / 2, `only ${seen} are found by name`);
  assert.deepEqual(seen.filter(suspends), []);
  assert.ok(suspends('gr_waitgroup_wait_at'), 'gr_waitgroup_wait_at is not instrumented');
});
