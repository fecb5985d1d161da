// rows.mjs: what the benchmark table runs, what it makes rows of, and what each row is to reach.

/**
 * One process of a round. Ours is tests/bench/<program>.c, Go's `bench <program>` (tests/bench/go); both print the
 * same fields.
 * @typedef {object} Run
 * @property {string} id what rows call it
 * @property {string} program
 * @property {number} n the program's argument, times --scale
 * @property {number} procs
 * @property {boolean} [trace] with the trace on, read and thrown away
 * @property {('go' | 'js')[]} beside who else runs it; js: Go's own wasm, which has one P
 */

/** What a run said: field -> value. @typedef {Record<string, number>} Fields */

/**
 * @typedef {object} Row
 * @property {string} group
 * @property {string} name
 * @property {'ns' | 'x' | 'B' | 'share'} unit x: a ratio of two runs; share: of one processor
 * @property {string[]} runs their ids
 * @property {(...fields: Fields[]) => number} value out of what the runs said in one round
 * @property {Goal} [goal]
 */

/**
 * times: ours is at most so many times Go's; atMost, atLeast, above: ours is so much.
 * @typedef {{ times: number } | { atMost: number } | { atLeast: number } | { above: number }} Goal
 */

/** @type {Run[]} */
export const RUNS = [
  { id: 'floor', program: 'floor', n: 4_000_000, procs: 1, beside: [] },
  { id: 'switch', program: 'switch', n: 4_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'spawn', program: 'spawn', n: 1_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'pull', program: 'pull', n: 2_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'pingpong', program: 'pingpong', n: 1_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'chan', program: 'chan', n: 4_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'select', program: 'select', n: 1_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'mutex', program: 'mutex', n: 4_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'parallel 1', program: 'parallel', n: 20, procs: 1, beside: ['go'] },
  { id: 'parallel 2', program: 'parallel', n: 20, procs: 2, beside: ['go'] },
  { id: 'pingpong 2', program: 'pingpong', n: 1_000_000, procs: 2, beside: ['go'] },
  { id: 'parked', program: 'parked', n: 100_000, procs: 1, beside: ['go', 'js'] },
  { id: 'timers', program: 'timers', n: 100_000, procs: 1, beside: ['go', 'js'] },
  { id: 'heap', program: 'heap', n: 8_000_000, procs: 1, beside: ['go', 'js'] },
  { id: 'heap 2', program: 'heap', n: 8_000_000, procs: 2, beside: ['go'] },
  { id: 'idle', program: 'idle', n: 100_000, procs: 1, beside: [] },
  { id: 'switch traced', program: 'switch', n: 4_000_000, procs: 1, trace: true, beside: ['go'] },
  { id: 'pingpong traced', program: 'pingpong', n: 500_000, procs: 1, trace: true, beside: ['go'] },
];

/**
 * @param {string} group @param {string} name @param {string} run @param {string} field @param {Goal} [goal]
 * @returns {Row}
 */
const ns = (group, name, run, field, goal) => ({ group, name, unit: 'ns', runs: [run], value: (r) => r[field], goal });

/** @param {string} name @param {string} field @param {Goal} goal @returns {Row} how much faster with the second P */
const speedUp = (name, field, goal) => ({
  group: TWO, name, unit: 'x', runs: ['parallel 1', 'parallel 2'],
  value: (one, two) => one[field] / two[field], goal,
});

/**
 * @param {string} name @param {string} run @param {string} field @param {number} events in one operation
 * @returns {Row[]}
 */
const traced = (name, run, field, events) => [
  { group: TRACED, name: `${name}: slower by`, unit: 'x', runs: [run, `${run} traced`],
    value: (off, on) => on[field] / off[field] },
  { group: TRACED, name: `${name}: each of ${events} events`, unit: 'ns', runs: [run, `${run} traced`],
    value: (off, on) => (on[field] - off[field]) / events },
];

const ONE = 'One P, trace off';
const TWO = 'Two Ps, trace off';
const PARKED = '100,000 goroutines parked, one P';
const TIMERS = 'Timers, one P';
const HEAP = 'The heap';
const TRACED = 'Trace on, one P';
const half = { times: 0.5 };
const same = { times: 1 };

/** @type {Row[]} */
export const ROWS = [
  ns(ONE, 'switch alone: the floor', 'floor', 'switch_ns'),
  ns(ONE, 'yield', 'switch', 'yield_ns', half),
  ns(ONE, 'spawn and finish, batches of 128', 'spawn', 'batch_ns', half),
  ns(ONE, 'spawn one, wait for it', 'spawn', 'one_ns'),
  ns(ONE, 'pull: next', 'pull', 'next_ns', half),
  ns(ONE, 'channel round trip', 'pingpong', 'trip_ns', same),
  ns(ONE, 'buffered item', 'chan', 'buffered_ns', same),
  ns(ONE, 'unbuffered item', 'chan', 'unbuffered_ns'),
  ns(ONE, 'send and receive by one goroutine', 'chan', 'one_ns'),
  ns(ONE, 'select of 4, one ready', 'select', 'ready_ns', same),
  ns(ONE, 'select of 4, default', 'select', 'default_ns', same),
  ns(ONE, 'select of 4, blocking', 'select', 'blocking_ns', same),
  ns(ONE, 'mutex, uncontended', 'mutex', 'alone_ns', same),
  ns(ONE, 'mutex, 4 contend', 'mutex', 'contended_ns', same),
  ns(ONE, 'mutex, handed over', 'mutex', 'handover_ns'),
  speedUp('CPU-bound: faster than on one P by', 'cpu_ns', { atLeast: 1.9 }),
  speedUp('fan-out, jobs of 10 us: faster by', 'fan10_ns', { atLeast: 1.85 }),
  speedUp('fan-out, jobs of 1 us: faster by', 'fan1_ns', { atLeast: 1.2 }),
  speedUp('prime sieve: faster by', 'sieve_ns', { above: 0.7 }),
  ns(TWO, 'channel round trip', 'pingpong 2', 'trip_ns'),
  { group: PARKED, name: 'memory of each', unit: 'B', runs: ['parked'],
    value: (r) => r.bytes_each, goal: { atMost: 2.7 * 1024 } },
  ns(PARKED, 'to spawn each', 'parked', 'spawn_ns'),
  ns(PARKED, 'to wake and finish each', 'parked', 'wake_ns'),
  ns(TIMERS, 'add and stop, 100,000 pending', 'timers', 'addstop_ns', same),
  ns(TIMERS, '100,000 due within 10 ms, add and fire each', 'timers', 'due_ns', same),
  ns(TIMERS, '100,000 goroutines sleep up to 10 ms, each', 'timers', 'sleepers_ns'),
  ns(TIMERS, '100,000 that set themselves again, each firing', 'timers', 'tick_ns'),
  ns(TIMERS, 'lateness of a sleep of 1 ms', 'timers', 'late_ns'),
  { group: TIMERS, name: 'processor used, 100,000 asleep', unit: 'share', runs: ['idle'],
    value: (r) => r.cpu_share, goal: { atMost: 0.01 } },
  ns(HEAP, 'a block of two pointers, one P', 'heap', 'small_ns', { times: 2 }),
  ns(HEAP, 'a block of 64 bytes without pointers', 'heap', 'noscan_ns', { times: 2 }),
  ns(HEAP, 'binary trees, each node', 'heap', 'trees_ns', { times: 2.5 }),
  ns(HEAP, 'the same, two Ps', 'heap 2', 'trees_ns', { times: 2.5 }),
  ns(HEAP, 'a cycle, each live block, two Ps', 'heap 2', 'mark_ns', { times: 2 }),
  ns(HEAP, 'world stopped in a cycle, 4 MB to copy', 'heap', 'stop4_ns', { atMost: 1_000_000 }),
  ns(HEAP, 'the same, 64 MB', 'heap', 'stop64_ns', { atMost: 15_000_000 }),
  ...traced('yield', 'switch', 'yield_ns', 2),
  ...traced('channel round trip', 'pingpong', 'trip_ns', 6),
];
