// The rooms of the sources, lowest first, and what each may use: a room uses rooms above it in this list only, so there is no circle.
// layers.test.mjs holds includes, imports and symbols against it; HACKING.md's map is printed from it (node tests/style/rooms.mjs).

/**
 * @typedef {object} Room
 * @property {string} room its folder; a file belongs to the longest that fits
 * @property {string} what
 * @property {string[]} uses other rooms, by folder
 * @property {RegExp} [only] of JavaScript: no other modules
 */

/** @type {Room[]} */
export const ROOMS = [
  { room: 'runtime/include', what: 'the manual: `goroscope.h`, `gr_context.h`', uses: [] },
  { room: 'runtime/format', what: 'what outsiders read, each said once: trace events, ring, host block, wait reasons, states, limits', uses: [] },
  { room: 'runtime/base', what: 'locks with ranks, assertions, text, random numbers, settings, hooks of tests; `port.h`, the only contract with the outside', uses: ['runtime/include'] },
  { room: 'runtime/trace', what: 'the tracer\'s mechanism: buffers, tables, encoding, the ring', uses: ['runtime/include', 'runtime/format', 'runtime/base'] },
  { room: 'runtime/core', what: 'G, M, P, queues, park and ready, preemption, stopping the world, system calls; `trace*`: the tracer\'s control', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace'] },
  { room: 'runtime/drive', what: 'who calls `schedule_once`, and when: threads, sim, sysmon, the poller', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core'] },
  { room: 'runtime/sync', what: 'channels, select, locks, timers, iterators, pools', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core'] },
  { room: 'runtime/host', what: 'what programs ask their host for and what it calls in them; output, pictures, files', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core', 'runtime/drive'] },
  { room: 'runtime/lib', what: 'contexts, groups, weighted semaphores, made of the public headers alone', uses: ['runtime/include'] },
  { room: 'runtime/check', what: 'what tests and builds with `--check` add: explorer, chaos, the walkers of the whole state', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core', 'runtime/sync'] },
  { room: 'runtime/port', what: 'the native port, and start-up where the host is an operating system', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core', 'runtime/drive', 'runtime/host', 'runtime/check'] },
  { room: 'wasm/port', what: 'the C of the emscripten and wasi ports: switch, stacks, libc, what the loader calls', uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core', 'runtime/drive', 'runtime/host'] },
  { room: 'viewer/reader', what: 'C: decodes, orders, validates, indexes a trace', uses: ['runtime/format'] },
];

/**
 * Names that a lower room declares because it asks for them, and a higher one implements: the arrow is the implementer's.
 * @type {{ header: string, by: string[], why: string }[]}
 */
export const CONTRACTS = [
  { header: 'runtime/base/port.h', by: ['runtime/port', 'wasm/port'], why: 'everything the runtime needs from outside' },
  { header: 'runtime/base/throw.h', by: ['runtime/core'], why: 'a failure anywhere lists all goroutines' },
  { header: 'runtime/base/hooks.h', by: ['runtime/check'], why: 'decisions and looks of tests; empty in a release' },
  { header: 'runtime/core/driver.h', by: ['runtime/drive'], why: 'time, threads and the host\'s answers differ by driver' },
  { header: 'runtime/core/exit.h', by: ['runtime/host'], why: 'the end of a goroutine and of the program flushes output' },
  { header: 'runtime/drive/netpoll.h', by: ['runtime/host'], why: 'an answer may be a call into the program (host_call)' },
  { header: 'runtime/include/goroscope.h', by: ['runtime/core', 'runtime/drive', 'runtime/sync', 'runtime/host'], why: 'the public API' },
  { header: 'runtime/include/gr_context.h', by: ['runtime/lib'], why: 'the public API' },
];
