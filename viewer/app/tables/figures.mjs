/** The columns that goroutines and functions have in common. */

/** @typedef {import('../../trace/rows.mjs').Rows} Rows */
/** @typedef {import('./grid.mjs').Column} Column */

/** @type {Array<[key: string, title: string, hint: string]>} */
const TIMES = [
  ['running', 'Running', 'Time it ran'],
  ['runnable', 'Runnable', 'Time it was ready to run and had no P'],
  ['waiting', 'Waiting', 'Time it waited: for channels, locks, timers, the network …'],
  ['syscall', 'Syscall', 'Time in system calls'],
  ['syscall_blocked', 'Without P', 'Time in system calls after its P had been taken away'],
  ['total', 'Total', 'Time it was there'],
];

/** @type {Array<[key: string, title: string, what: string]>} */
const LENGTHS = [
  ['ready', 'Sched', 'scheduler latencies: how long it was runnable before it ran'],
  ['run', 'Slice', 'times it ran without a pause'],
  ['wait', 'Wait', 'waits'],
  ['syscall', 'Syscall', 'system calls'],
];

/** @type {Array<[string, string, string]>} */
const SHARES = [
  ['p50', 'p50', 'Half of the'], ['p90', 'p90', 'Nine in ten of the'], ['p99', 'p99', 'Ninety-nine in a hundred'],
  ['max', 'max', 'The longest of the'],
];

/** @param {Rows} rows @param {Column} most what is waited for most @returns {Column[]} */
export function figures(rows, most) {
  return [
    ...TIMES.map(([key, title, hint]) => /** @type {Column} */ (
      { title, kind: 'time', hint, get: rows.reader(key) })),
    most,
    { title: 'Runs', kind: 'count', hint: 'How often it ran', get: rows.reader('runs') },
    { title: 'Waits', kind: 'count', hint: 'How often it waited', get: rows.reader('waits') },
    ...LENGTHS.flatMap(([key, title, what]) => SHARES.map(([share, word, how]) => /** @type {Column} */ ({
      title: `${title} ${word}`, kind: 'time', width: 104,
      hint: `${how} ${what}${share === 'max' ? '' : ' were no longer'} (within 1/32)`,
      // Of what never happened there is no length: an empty cell says so, 0 would be a claim.
      get: (row) => (rows.get(row, COUNTS[key]) ? rows.get(row, `${key}_${share}`) : NaN) }))),
    { title: 'GC assist', kind: 'time', hint: 'Time it had to help the collector before it could allocate',
      get: (row) => rows.get(row, 'assist') },
  ];
}

/** @type {Record<string, string>} */
const COUNTS = { ready: 'readies', run: 'runs', wait: 'waits', syscall: 'syscalls' };
