// linked.mjs: a module that a linker has put together with the runtime, before asyncify: a whole program, or the
// prebuilt runtime ("kit"). It has names, which asyncify's list and these checks need.
//  1. Stores to the stack pointer become checked (stack.mjs), except in switch.S and the linker's own set-up code,
//     which runs before any goroutine.
//  2. Thread-local variables are the goroutine's (threadlocals.mjs); atomic accesses are careful (atomics.mjs), or
//     plain in a program of one thread (single.mjs).
//  3. Exports that neither asyncify's rules nor the loader need are dropped.
// It fails unless asyncify's start_unwind has exactly one call site (invariant 1 of wasm/port/switch.c).
import { FUNC, constantAt, constantOf } from './binary.mjs';
import { careful, sharedParts } from './atomics.mjs';
import { BuildError } from './errors.mjs';
import { Code, OP } from './instructions.mjs';
import { leb } from './bytes.mjs';
import { placePoints } from './points.mjs';
import { plainAtomics } from './single.mjs';
import { checkStack, stackParts } from './stack.mjs';
import { ownThreadLocals } from './threadlocals.mjs';

/**
 * What never has a goroutine's frame above it although it calls through pointers: the scheduler's loops on the Ms'
 * own stacks, and libc's proxying. Asyncify would take them, and through them malloc and everything that allocates, for
 * functions that suspend (measured: a yield 10 ns and a spawn 20 ns slower, the program a sixth larger). Not every
 * build has each of these names.
 */
export const NEVER_SUSPEND = ['rt_schedule_once', 'rt_m_loop', 'rt_m_main', 'gr_sim_step', 'rt_sim_step',
  'gr_run_threads', 'rt_run_threads', 'gr_thread_run', 'rt_thread_main', 'rt_sysmon_main', 'rt_run_slice',
  'rt_run_first', 'rt_timers_run', 'rt_extra_main', 'rt_run_safe_fn', 'emscripten_*', '_emscripten_*', '_do_call',
  'do_proxied*',
  // Nor libc's locks, malloc's among them, whose clock does not park (wasm/libc/time.c).
  '__timedwait*',
  // Nor what runs before any goroutine.
  'gr_setup', 'program_begin',
  // Nor what grows a stack, which every function with a frame may call (wasm/port/stacks.c), or moves a suspended
  // one's data.
  'port_stack_*', 'port_sp_*', 'port_data_*', 'port_save', 'port_unwind_more', 'port_move_data',
  // Nor what re-enters the tracer in tests, at a safe point that gives way to nobody (runtime/core/trace_reenter.c).
  'rt_trace_reenter',
  // Nor the end of a program, whose last flush of stdio parks nowhere (wasm/libc/stdio.c); so a handler of SIGABRT
  // must not.
  'rt_stdio_flush', 'port_libc_flush', 'abort'];

/** Exports that stay in a finished program. */
export const KEEP =
  /^(memory$|_start$|gr_|port_(switch_|stack_(grow|shrink|overflow)$|save$|unwind_more$|wait32$)|asyncify_)/;

const SWITCH_S = /^port_(sp_far|sp_up|set_sp|to_m_stack|use_stack)$/;
const LINKERS = /^(port_tls_\w*|__wasm_(call_ctors|init_memory|init_tls|apply_\w*))$/;
/** Their parameter is what the stack pointer was. Only the compiler's own code calls them. */
const RESTORES = /^(stackRestore|_emscripten_stack_restore)$/;

/**
 * @param {import('./binary.mjs').Module} m with names; changed
 * @param {{ preempt?: boolean, single?: boolean, keep?: RegExp | null }} options keep: exports that stay; null: all
 */
export function checkLinked(m, { preempt = false, single = false, keep = KEEP }) {
  if (preempt) placePointsByName(m);
  const parts = stackParts(m);
  if (Object.values(parts).some((number) => number < 0)) {
    throw new BuildError('the module has no checked stack: was it linked without wasm/port/switch.S, or names?');
  }
  const ownStack = (/** @type {string} */ name) => SWITCH_S.test(name) || LINKERS.test(name);
  const stores = checkStack(m, parts, { trusted: ownStack, mayRestore: (name) => RESTORES.test(name) });
  if (stores.down === 0 || stores.up === 0) {
    throw new BuildError('no store to __stack_pointer was found: was the module linked without names?');
  }
  begin(m, 'port_stack_size', -1);
  begin(m, 'rt_away', 1);
  if (m.globalNamed('port_data_from') >= 0) begin(m, 'port_data_from', changingData(m)); // it has a heap
  ownThreadLocals(m, (name) => LINKERS.test(name));
  if (single) plainAtomics(m);
  else if (isShared(m)) careful(m, sharedParts(m));
  oneUnwind(m);
  m.exports = m.exports.filter((e) => !keep || keep.test(e.name));
  // The function itself, not the wrapper that WASI commands get, which ends the program.
  for (const e of m.exports) {
    const own = /\.command_export$/.test(m.nameOf(e.index)) ? m.functionNamed(m.nameOf(e.index).slice(0, -15)) : -1;
    if (e.kind === FUNC && e.name !== '_start' && own >= 0) e.index = own;
  }
}

/** @param {import('./binary.mjs').Module} m */
function isShared(m) {
  return [...m.memories, ...m.imports.map((i) => i.limits)].some((l) => l && l.flags & 2);
}

/**
 * What a global is at first.
 * @param {import('./binary.mjs').Module} m
 * @param {string} name
 * @param {number} value
 */
function begin(m, name, value) {
  const global = m.globals[m.globalNamed(name) - m.importedGlobals];
  if (!global) throw new BuildError(`the module has no global ${name}: was it linked without wasm/port/switch.S?`);
  global.init = constantAt(value);
}

/**
 * The address of the data that may change: what a collector looks at (wasm/port/roots.c).
 * @param {import('./binary.mjs').Module} m
 */
function changingData(m) {
  const mark = new TextEncoder().encode('goroscope: here is data that may change');
  const has = (/** @type {Uint8Array} */ bytes) => {
    for (let at = bytes.indexOf(mark[0]); at >= 0; at = bytes.indexOf(mark[0], at + 1))
      if (mark.every((byte, i) => bytes[at + i] === byte)) return true;
    return false;
  };
  const segment = m.data.findIndex(({ bytes }) => has(bytes));
  const { offset = null } = m.data[segment] ?? {};
  const address = offset ? constantOf(offset) : placeOf(m, segment);
  if (typeof address !== 'number')
    throw new BuildError('the module has no mark in its data: was it linked without wasm/port/roots.c?');
  return address;
}

/**
 * Where the linker's code puts a passive segment.
 * @param {import('./binary.mjs').Module} m @param {number} segment @returns {number | null}
 */
function placeOf(m, segment) {
  const init = m.functions[m.functionNamed('__wasm_init_memory') - m.importedFunctions];
  /** @type {number[]} */ const constants = [];
  const code = init && new Code(init.body, '__wasm_init_memory');
  while (code?.next()) {
    if (code.op === OP.I32_CONST) constants.push(code.value);
    if (code.op === OP.MEMORY_INIT && code.value === segment) return constants.at(-3) ?? null;
  }
  return null;
}

/** @param {import('./binary.mjs').Module} m */
function placePointsByName(m) {
  const [trace, wanted, counted, point] =
    ['__sanitizer_cov_trace_pc', 'rt_point_wanted', 'rt_point_counted', 'rt_preempt_point']
      .map((n) => m.functionNamed(n));
  if (wanted < 0 || counted < 0 || point < 0) {
    throw new BuildError('the module lacks the parts of a preemption point (runtime/core/points.c)');
  }
  const { points } = placePoints(m, { trace, wanted: [OP.CALL, ...leb(wanted)], counted, point });
  if (points === 0) {
    throw new BuildError('no preemption point was found: were the sources compiled without -fsanitize-coverage?');
  }
}

/** @param {import('./binary.mjs').Module} m */
function oneUnwind(m) {
  const start = m.functionNamed('port_start_unwind');
  let calls = 0;
  m.functions.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i), code = new Code(f.body, name);
    while (code.next()) {
      if (code.op !== OP.CALL || code.value !== start) continue;
      if (name === 'port_switch_out') calls++;
      else if (name !== 'port_move_data') throw new BuildError(`asyncify's start_unwind is called in ${name}`);
    }
  });
  if (calls !== 1) {
    throw new BuildError(`asyncify's start_unwind has ${calls} call sites in port_switch_out, must be 1: ` +
      'port_switch_out was inlined or dropped');
  }
}

/** How many instructions wait on memory: one, see port_wait32. @param {import('./binary.mjs').Module} m */
export function waits(m) {
  let n = 0;
  m.functions.forEach((f, i) => {
    const code = new Code(f.body, m.nameOf(m.importedFunctions + i));
    while (code.next()) if (code.op === OP.WAIT32) n++;
  });
  return n;
}
