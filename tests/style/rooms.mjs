// The rooms of the sources, lowest first, and what each may use: a room uses rooms above it in this list only,
// so there is no circle.
// layers.test.mjs holds includes, imports and symbols against it. `node tests/style/rooms.mjs` prints HACKING.md's map,
// `node tests/style/rooms.mjs --circles` the files that reach each other in a circle.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../lib/run.mjs';
import { circles, declarations, files, includes, objectOf, symbols } from '../lib/arrows.mjs';

/**
 * @typedef {object} Room
 * @property {string} room its folder, and files of that name beside it; a file belongs to the room with the
 *   longest name that fits
 * @property {string} what
 * @property {string[]} uses other rooms
 * @property {Record<string, RegExp>} [only] of such a room these files alone
 * @property {RegExp} [outside] modules that are not ours
 */

/** @type {Room[]} */
export const ROOMS = [
  { room: 'runtime/include',
    what: 'the manual: `goroscope.h`, `gr_gc.h`, `gr_context.h`',
    uses: [] },
  { room: 'runtime/format',
    what: 'what outsiders read, each said once: trace events, ring, host block, wait reasons, states, limits',
    uses: [] },
  { room: 'runtime/base',
    what: 'locks with ranks, assertions, text, random numbers, settings, hooks of tests; `port.h`, ' +
      'the only contract with the outside',
    uses: ['runtime/include', 'runtime/format'] },
  { room: 'runtime/trace',
    what: 'the tracer\'s mechanism: buffers, tables, encoding, the ring',
    uses: ['runtime/include', 'runtime/format', 'runtime/base'] },
  { room: 'runtime/core',
    what: 'G, M, P, queues, park and ready, preemption, stopping the world, system calls; ' +
      '`trace*`: the tracer\'s control',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace'] },
  { room: 'runtime/drive',
    what: 'who calls `schedule_once`, and when: threads, sim, sysmon, the poller',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core'] },
  { room: 'runtime/heap',
    what: 'the garbage-collected heap: pages, spans, caches; cycles, roots, marking, sweeping, pacing',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core'] },
  { room: 'runtime/sync',
    what: 'channels, select, locks, timers, iterators, pools',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core'] },
  { room: 'runtime/host',
    what: 'what programs ask their host for and what it calls in them; output, pictures, files',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core', 'runtime/drive', 'runtime/sync'] },
  { room: 'runtime/lib',
    what: 'contexts, groups, weighted semaphores, made of the public headers alone',
    uses: ['runtime/include'] },
  { room: 'runtime/check',
    what: 'what tests and builds with `--check` add: mistakes of the program found as they happen (`ubsan.c`, ' +
      '`heap.c`); explorer, chaos, the walkers of the whole state',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core', 'runtime/sync'] },
  { room: 'runtime/port',
    what: 'the native port, and start-up where the host is an operating system',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core', 'runtime/drive',
      'runtime/sync', 'runtime/host', 'runtime/check'] },
  { room: 'wasm/port',
    what: 'the C of the emscripten and wasi ports: switch, stacks, thread-locals, what the loader calls',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/trace', 'runtime/core', 'runtime/drive',
      'runtime/host'] },
  { room: 'wasm/libc',
    what: 'what stands before functions of the C library in wasm: stdio, files, clocks, calendar, exit',
    uses: ['runtime/include', 'runtime/format', 'runtime/base', 'runtime/core', 'runtime/drive', 'runtime/sync',
      'runtime/host', 'wasm/port'] },
  { room: 'wasm/passes',
    what: 'JS: what happens to a program between the compiler and the user: objects are linked with the prebuilt ' +
      'runtime (`build.mjs`)',
    uses: [], outside: /^node:/ },
  { room: 'wasm/cc',
    what: 'JS: from C and C++ to objects by clang in wasm, what is refused and where, and on through the passes; ' +
      'runs in node and in pages',
    uses: ['wasm/passes'], outside: /^node:/ },
  { room: 'wasm/host',
    what: 'JS: `load()`, the workers, what a program is given and what comes out of it (`abi.md`)',
    uses: [], outside: /^node:/ },
  { room: 'viewer/reader',
    what: 'C: what outsiders call of the trace reader, `goroscope_trace.h`',
    uses: [] },
  { room: 'viewer/reader/base',
    what: 'memory, maps, text, faults; `reader.h`, what the other rooms of the reader know of each other',
    uses: ['viewer/reader', 'runtime/format'] },
  { room: 'viewer/reader/decode',
    what: 'batches, generations, their tables',
    uses: ['viewer/reader', 'viewer/reader/base'] },
  { room: 'viewer/reader/state',
    what: 'what is known of Gs, Ps and Ms; what an event tells',
    uses: ['viewer/reader', 'viewer/reader/base'] },
  { room: 'viewer/reader/index',
    what: 'lanes and their spans, goroutines, one event: what a viewer asks for',
    uses: ['viewer/reader', 'viewer/reader/base', 'viewer/reader/decode', 'viewer/reader/state'] },
  { room: 'viewer/reader/tell',
    what: 'dumps, figures, the validator',
    uses: ['viewer/reader', 'viewer/reader/base', 'viewer/reader/decode', 'viewer/reader/state'] },
  { room: 'viewer/reader/analyse',
    what: 'where time went, by goroutine, stack, task and region; what is odd; why a goroutine did not run',
    uses: ['viewer/reader', 'viewer/reader/base', 'viewer/reader/decode', 'viewer/reader/state'] },
  { room: 'viewer/reader/order',
    what: 'what may advance, by Go\'s rules; the way out, `run.c`',
    uses: ['viewer/reader', 'viewer/reader/base', 'viewer/reader/decode', 'viewer/reader/state',
      'viewer/reader/index', 'viewer/reader/tell', 'viewer/reader/analyse'] },
  { room: 'viewer/reader/bench',
    what: 'measures the reader',
    uses: ['viewer/reader'] },
  { room: 'viewer/trace',
    what: 'JS without DOM: `goroscope/trace`, the reader\'s worker and its client, reports',
    uses: ['wasm/host'], only: { 'wasm/host': /\/(region|abi|builtin)\.mjs$/ }, outside: /^node:/ },
  { room: 'viewer/view',
    what: 'JS: drawing and geometry on a canvas',
    uses: [] },
  { room: 'viewer/app',
    what: 'JS: the element: state, input, commands, words',
    uses: ['viewer/trace', 'viewer/view'] },
  { room: 'shell',
    what: 'what hosts it all: `index.html`, `serve.mjs`, the public types, `demos/`',
    uses: ['runtime/include', 'wasm/host', 'viewer/app'], outside: /^(node:|esbuild$)/ },
  { room: 'shell/playground',
    what: 'JS: `<goroscope-playground>`: editor, building in the page, a run and what it prints; panes that the demo ' +
      'page has too; the page\'s compiler, links, messages',
    uses: ['shell', 'wasm/host', 'wasm/cc', 'viewer/app', 'viewer/view'],
    outside: /^(@codemirror\/|@lezer\/|build\/editor\.)/ },
  { room: 'shell/page',
    what: 'JS: the demo page',
    uses: ['shell', 'shell/playground', 'wasm/host', 'viewer/trace', 'viewer/app', 'viewer/view'] },
  { room: 'shell/cli',
    what: 'JS: the command line',
    uses: ['shell', 'wasm/host', 'wasm/passes', 'wasm/cc', 'viewer/trace'], outside: /^(node:|binaryen$)/ },
];
ROOMS.push({ room: 'tests',
  what: 'the test suite; `run.mjs` finds and orders the files',
  uses: ROOMS.map((r) => r.room),
  outside: /^(node:|binaryen$|esbuild$|playwright-core$|puppeteer-core$|goroscope(\/|$))/ });

/**
 * Names that a lower room declares because it asks for them, and a higher one implements:
 * the arrow is the implementer's.
 * users: for these rooms alone; the arrow of any other goes to who implements it.
 * @type {{ header: string, by: string[], users?: string[], why: string }[]}
 */
export const CONTRACTS = [
  { header: 'runtime/base/port.h', by: ['runtime/port', 'wasm/port', 'wasm/libc'],
    why: 'everything the runtime needs from outside' },
  { header: 'runtime/base/throw.h', by: ['runtime/core'], why: 'a failure anywhere lists all goroutines' },
  { header: 'runtime/base/hooks.h', by: ['runtime/check'], why: 'decisions and looks of tests; empty in a release' },
  { header: 'runtime/trace/trace.h', by: ['runtime/core'], why: 'the time of an event is the scheduler\'s' },
  { header: 'runtime/core/driver.h', by: ['runtime/drive'],
    why: 'time, threads and the host\'s answers differ by driver' },
  { header: 'runtime/core/exit.h', by: ['runtime/host'],
    why: 'the end of a goroutine and of the program flushes output' },
  { header: 'runtime/drive/netpoll.h', by: ['runtime/host'],
    why: 'an answer may be a call into the program (host_call)' },
  { header: 'runtime/include/goroscope.h', by: ['runtime/core', 'runtime/drive', 'runtime/sync', 'runtime/host'],
    users: ['runtime/lib'], why: 'the public API' },
  { header: 'runtime/include/gr_gc.h', by: ['runtime/core'],
    users: ['runtime/lib'], why: 'the public API' },
  { header: 'runtime/include/gr_context.h', by: ['runtime/lib'], users: [], why: 'the public API' },
  { header: 'wasm/port/switch.h', by: ['wasm/libc'], why: 'stdio is set up before the program\'s first line' },
];

/**
 * Headers that declare what several rooms define; an arrow then goes to the room that does.
 * @type {{ header: string, why: string }[]}
 */
export const SHARED_HEADERS = [
  { header: 'viewer/reader/base/reader.h',
    why: 'the reader is small enough for one header of its structures and their functions' },
  { header: 'viewer/reader/goroscope_trace.h', why: 'the public API: outsiders call it, not one room another' },
];

/** @param {string} file @returns {Room | undefined} */
export function roomOf(file) {
  return ROOMS.filter(({ room }) => file.startsWith(room + '/') || file.startsWith(room + '.'))
    .sort((a, b) => b.room.length - a.room.length)[0];
}

/** Whether a file may use another one. @param {string} from @param {string} to */
export function allowed(from, to) {
  const a = roomOf(from), b = roomOf(to);
  return a !== undefined && b !== undefined
    && (a === b || (a.uses.includes(b.room) && (a.only?.[b.room] ?? /(?:)/).test(to)));
}

/** The map as HACKING.md has it. */
export function map() {
  const uses = (/** @type {Room} */ r) => (r.room === 'tests' ? 'everything' : r.uses.map((u) => `\`${u}\``
    + (r.only?.[u] ? ` (${r.only[u].source.replace(/[^a-z|]|mjs/g, '').replaceAll('|', ', ')})` : '')).join(' '));
  return ['| room | what | may use |', '|---|---|---|',
    ...ROOMS.map((r) => `| \`${r.room}\` | ${r.what} | ${uses(r)} |`)].join('\n') + '\n';
}

/**
 * Sources of the runtime -> their objects in a build of this target.
 * @param {string} target @param {string[]} folders
 */
export function objectsOf(target, folders) {
  const built = spawnSync('bash', ['build.sh', 'lib', target], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`build.sh lib ${target}:\n${built.stdout}${built.stderr}`);
  return new Map(folders.flatMap((f) => files(f, /\.[cS]$/))
    .map((s) => /** @type {const} */ ([s, objectOf(target, s)])).filter(([, o]) => existsSync(o)));
}

/**
 * Where the arrow of a symbol goes: to who declares it if that is a contract, else to who defines it.
 * @param {import('../lib/arrows.mjs').Arrow & { name: string }} use from user to definer
 * @param {Map<string, string[]>} declared by which headers
 * @returns {{ to: string, contract?: string, wrong?: string }} contract: "header by room", which the definer keeps
 */
export function target({ from, to, name }, declared) {
  const room = roomOf(to)?.room ?? '', headers = declared.get(name) ?? [];
  if (headers.length === 0) return {
    to, wrong: roomOf(from) !== roomOf(to) ? `no header declares ${name} of ${to}, which ${from} uses` : undefined,
  };
  const contract = CONTRACTS.find((k) => headers.includes(k.header) && k.by.includes(room));
  if (contract) return {
    to: contract.users?.includes(roomOf(from)?.room ?? '') ?? true ? contract.header : to,
    contract: `${contract.header} by ${room}`,
  };
  const here = headers.some((h) => roomOf(h)?.room === room || SHARED_HEADERS.some((s) => s.header === h));
  return { to, wrong: here ? undefined : `${to} defines ${name} of ${headers}: another room's, by no contract` };
}

/**
 * Circles of files below a folder of the runtime.
 * @param {string} folder @returns {{ by: string, found: string[][] }[]}
 */
export function circlesIn(folder) {
  const inside = (/** @type {import('../lib/arrows.mjs').Arrow[]} */ arrows) =>
    circles(arrows.filter((a) => a.from.startsWith(folder) && a.to.startsWith(folder)));
  const uses = symbols(objectsOf('native-check', ['runtime']), 'nm'), declared = declarations(files('runtime', /\.h$/));
  return [
    { by: 'includes', found: inside(includes(files(folder, /\.[ch]$/))) },
    { by: 'symbols', found: inside(uses.map((use) => ({ ...use, to: target(use, declared).to }))) },
    { by: 'symbols, also to who implements a contract', found: inside(uses) },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] !== '--circles') process.stdout.write(map());
  else {
    for (const folder of ['runtime', 'runtime/core']) for (const { by, found } of circlesIn(folder)) {
      console.log(`${folder}, by ${by}: ${
        found.length === 0 ? 'none' : found.map((c) => c.length).join(', ') + ' files'}`);
      for (const c of found) console.log(`  ${c.join(' ')}`);
    }
  }
}
