// What Go's own tests of channels, select, locks and the scheduler assert, as C programs with Go's expected
// results: natively, over workers with 1, 2 and 4 Ps, simulated with several seeds, under wasi, under TSan and
// ASan + UBSan, and traced.
//
// | Go's test (src or test)                         | case here                                                   |
// |-------------------------------------------------|-------------------------------------------------------------|
// | runtime/chan_test.go TestChan                   | chan.c chan_of_every_capacity                               |
// |   TestNonblockRecvRace                          | chan.c closed_or_full_is_always_ready                       |
// |   TestNonblockSelectRace, -Race2                | select.c one_of_two_is_always_ready                         |
// |   TestSelfSelect                                | select.c select_does_not_serve_itself                       |
// |   TestSelectStress                              | select.c select_stress                                      |
// |   TestSelectFairness                            | select.c select_is_fair                                     |
// |   TestPseudoRandomSend                          | select.c sends_on_one_channel_are_random                    |
// |   TestMultiConsumer                             | chan.c many_consumers                                       |
// |   TestSelectDuplicateChannel                    | select.c a_channel_twice_in_one_select                      |
// | test/chan/fifo.go                               | chan.c unbuffered_is_fifo, chan_of_every_capacity           |
// |   goroutines.go                                 | chan.c chain_of_goroutines                                  |
// |   nonblock.go                                   | chan.c nonblocking_of_all_sizes                             |
// |   select3.go                                    | select.c what_blocks_blocks, what_does_not_block_does_not   |
// |   select.go, select4.go, select5.go             | select.c every_form_of_select                               |
// |   select6.go                                    | select.c leaving_a_queue_leaves_it_whole                    |
// |   select7.go                                    | select.c ways_meet                                          |
// |   doubleselect.go                               | select.c no_element_twice                                   |
// |   sendstmt.go, zerosize.go                      | chan.c channels_through_channels, nonblocking_of_all_sizes  |
// |   sieve1.go                                     | chan.c sieve                                                |
// |   powser1.go                                    | powser.c                                                    |
// | test/closedchan.go                              | select.c what_does_not_block_does_not,                      |
// |                                                 | tests/programs/failures.c                                   |
// | test/chancap.go                                 | chan.c chan_of_every_capacity, tests/programs/failures.c    |
// | test/chanlinear.go                              | select.c leaving_a_queue_is_constant                        |
// | runtime/proc_test.go TestStopTheWorldDeadlock   | sched.c the_world_can_always_be_stopped                     |
// |   TestYieldProgress, TestYieldLockedProgress    | sched.c who_yields_lets_others_on                           |
// |   TestYieldLocked, TestBlockLocked              | sched.c a_locked_goroutine_yields_and_blocks                |
// |   TestGoroutineParallelism, -2                  | sched.c as_many_as_there_are_ps_run_at_once                 |
// |   TestTimerFairness, -2                         | sched.c timers_come_while_channels_are_busy                 |
// |   TestPreemption                                | sched.c who_does_not_yield_is_preempted                     |
// |   TestPingPongHog                               | sched.c hogs_and_light_ones_share_a_p                       |
// |   TestNumGoroutine                              | sched.c goroutines_are_counted                              |
// |   TestSchedLocalQueue, -Steal                   | sched.c each_of_a_long_queue_runs_once                      |
// | sync/mutex_test.go TestMutex, TestMutexFairness | sync.c mutex_excludes, nobody_starves                       |
// | runtime/sema_test.go TestSemaHandoff1           | sync.c a_handover_is_direct                                 |
// | sync/rwmutex_test.go, runtime/rwmutex_test.go   | sync.c readers_are_in_together, rwmutex_under_hammers       |
// |   TestRWMutex (first half), TestRLocker         | sync.c trying_does_not_wait, a_writer_waits_for_all_readers |
// | sync/cond_test.go TestCondSignal                | sync.c signal_wakes_one                                     |
// |   TestCondSignalGenerations                     | sync.c signal_keeps_to_generations                          |
// |   TestCondBroadcast                             | sync.c broadcast_wakes_each_once                            |
// |   TestRace                                      | sync.c cond_hands_on_in_order                               |
// |   TestCondSignalStealing                        | tests/unit/cond.c signal_cannot_be_stolen                   |
// | sync/waitgroup_test.go TestWaitGroup, -Race     | sync.c waitgroups_hold_back_and_let_go,                     |
// |                                                 | a_finished_waitgroup_may_go                                 |
// |   TestWaitGroupMisuse, TestIssue76126           | tests/programs/failures.c                                   |
// |   TestWaitGroupGo                               | tests/unit/group.c waitgroup_go_counts_every_end            |
// | sync/once_test.go TestOnce, TestOncePanic       | sync.c once_is_once, once_is_once_however_it_ends           |
// | sync/pool_test.go                               | tests/unit/pool.c                                           |
// | context/x_test.go, context_test.go              | tests/unit/context.c                                        |
// | golang.org/x/sync errgroup, semaphore           | tests/unit/group.c                                          |
//
// Not here: what Go's compiler does (perm.go, select8.go, makechan.go), what its collector does (select2.go,
// gcgort.go), stacks that grow (stack.go, peano.go, TestShrinkStack…, TestSelectStackAdjust), TestCondCopy (C
// cannot tell a copy).
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import {
  ALL, LONG, OUT, ROOT, build, buildTogether, native, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';

const programs = readdirSync(join(ROOT, 'tests/conformance')).filter((f) => f.endsWith('.c'))
  .map((f) => f.slice(0, -2)).sort();
const dir = join(OUT, 'conformance-traces');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @typedef {import('../lib/run.mjs').Port} Port */
/** @param {number} seed @returns {Port} */
const nativeSim = (seed) => ({
  name: `native, sim, 3 P, seed ${seed}`, target: 'native', mode: 'sim', procs: 3, clock: 'virtual', seed,
});
/** @param {'native-tsan' | 'native-asan'} target @returns {Port} */
const sanitized = (target) => ({ name: `${target}, 4 P`, target, mode: 'threads', procs: 4 });

const ports = [threads(2), sim(4, 7), ...ALL ? [native(4), sanitized('native-tsan')] : [],
  ...(LONG ? [native(1), threads(1), ...[1, 2, 3, 4].map(nativeSim), threads(4), wasi(3), sanitized('native-asan')]
    : [])];
const traced = new Set(['native, 4 P', 'native, sim, 3 P, seed 1', 'threads, 2 P']);

process.env.TSAN_OPTIONS = 'halt_on_error=1:exitcode=66:atexit_sleep_ms=50';
process.env.ASAN_OPTIONS = 'detect_leaks=0:exitcode=66:detect_stack_use_after_return=0';

for (const program of programs) {
  describe(program, { concurrency: true }, () => {
    for (const port of ports) {
      test(port.name, async () => {
        const isWasi = port.target === 'wasi';
        const built = isWasi ? await buildTogether('conformance', programs.map((p) => `tests/conformance/${p}.c`))
          : await build(`tests/conformance/${program}.c`, port.target);
        const trace = traced.has(port.name)
          ? join(dir, `${program}.${port.name.replace(/\W+/g, '-')}.trace`) : undefined;
        const args = [...isWasi ? [program] : [], ...port.mode === 'threads' ? ['--parallel'] : []];
        const r = await slot(() => run(port, built, args, {
          timeoutMs: 120_000, trace, ringBytes: trace ? 64 << 20 : undefined,
        }));
        assert.equal(r.exitCode, 0, told(r));
        assert.match(r.stdout, /^[1-9]\d* passed$/m, told(r));
        if (trace) assert.equal(await judge(trace), null);
      });
    }
  });
}
