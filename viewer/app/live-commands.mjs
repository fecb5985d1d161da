/**
 * Commands that drive the running program; each does nothing where that cannot be (`when`).
 */

/** @typedef {import('./commands.mjs').Command} Command */

/** @type {ReadonlyArray<Command>} */
export const LIVE_COMMANDS = [
  { id: 'live-trace', title: 'Begin or end the trace of the running program', codes: ['KeyT'], keys: 'T',
    when: (a) => a.live().can.trace, run: (a) => a.live().trace() },
  { id: 'live-snapshot', title: 'Open a snapshot of the running program\'s trace',
    codes: ['Shift+KeyT'], keys: 'Shift+T', when: (a) => a.live().can.snapshot, run: (a) => a.live().snapshot() },
  { id: 'live-back', title: 'From the snapshot back to the running program', codes: ['Backspace'],
    keys: 'Backspace', when: (a) => a.live().parked !== null, run: (a) => a.live().back() },
  { id: 'live-hold', title: 'Hold the simulated program, or let it go on', codes: ['KeyH'], keys: 'H',
    when: (a) => a.live().can.sim !== null, run: (a) => a.live().hold() },
  { id: 'live-step', title: 'One decision of the simulated scheduler', codes: ['KeyX'], keys: 'X',
    when: (a) => a.live().can.sim !== null, run: (a) => a.live().step() },
  { id: 'live-more', title: 'One P more', codes: ['Shift+Period'], keys: 'Shift+.',
    when: (a) => a.live().can.procs, run: (a) => a.live().procs(1) },
  { id: 'live-fewer', title: 'One P less', codes: ['Shift+Comma'], keys: 'Shift+,',
    when: (a) => a.live().can.procs, run: (a) => a.live().procs(-1) },
  { id: 'live-preempt', title: 'Preempt the selected goroutine', codes: [], keys: '',
    when: (a) => a.live().can.preempt && a.live().goid > 0, run: (a) => a.live().preempt() },
  { id: 'live-gap', title: 'Go to the last gap of the live trace', codes: [], keys: '',
    when: (a) => a.live().gaps.length > 0, run: (a) => a.live().gap() },
];
