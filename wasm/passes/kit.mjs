// kit.mjs: the prebuilt runtime ("kit"), which programs are merged with: what makes it of a linked module that
// exports all of libc, and the manifest beside it.
import { FUNC, GLOBAL, MEMORY, TABLE, constantOf, readModule, writeModule } from './binary.mjs';
import { DATA, STATE } from './asyncify.mjs';
import { BuildError } from './errors.mjs';
import { Code, OP, renumber } from './instructions.mjs';
import { sleb } from './bytes.mjs';
import { KEEP } from './linked.mjs';
import { MANIFEST_VERSION } from './merge.mjs';
import { setApart } from './tables.mjs';
import { asyncifyGlobals } from './unwind.mjs';

/** Globals that programs use. */
const GLOBALS = ['__stack_pointer', 'port_stack_lo', 'port_stack_size', '__tls_base'];
/** Modules whose functions the loader gives every program, or asyncify itself. */
const GIVEN = /^(goroscope|asyncify)$/;
const ENOSYS = 52; // WASI's number

/** What the passes and programs need of the runtime beside the manual. */
const OF_RUNTIME = ['port_stack_grow', 'port_stack_shrink', 'port_sp_far', 'port_sp_up', 'port_tls_base',
  'port_wait32',
  'port_memory_copy', 'port_memory_fill', 'port_save', 'rt_point_counted', 'rt_preempt_point', 'rt_attention',
  '__sanitizer_cov_trace_pc',
  // Compilers call it for destructors.
  '__cxa_atexit',
  // No table has them: headers make macros of them.
  'setjmp', '_setjmp', 'longjmp', '_longjmp'];
/**
 * With --check: what compilers call where something may be undefined, what sites.mjs writes, and what stands before
 * the library's malloc.
 */
const OF_CHECK = /^(__ubsan_handle_|rt_heap_(pointer|size|text)$|__wrap_)/;
/** libc's variables that its headers declare. */
const VARIABLES = new RegExp('^(std(in|out|err)|environ|opt(arg|ind|err|opt)|tzname|timezone|daylight|signgam|' +
  'h_errno|getdate_err)$');
/** The linker's. */
const OF_LINKER = ['__heap_base', '__data_end', '__tls_size', '__stack_pointer', '__tls_base', '__dso_handle'];
/**
 * What C++'s library calls, which locks for a moment. A program's own pthread_* is refused before it is linked
 * (wasm/cc/refused.mjs).
 */
const OF_CXX = `__cxa_finalize __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc strtoll_l strtoull_l sysconf
  pthread_self pthread_once pthread_getspecific pthread_setspecific pthread_key_create pthread_key_delete
  pthread_join pthread_detach pthread_equal pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock
  pthread_mutex_trylock pthread_mutex_unlock pthread_mutexattr_init pthread_mutexattr_settype
  pthread_mutexattr_destroy pthread_cond_init pthread_cond_destroy pthread_cond_signal pthread_cond_broadcast
  pthread_cond_wait pthread_cond_timedwait`.split(/\s+/);
/** Parts of libc that are not for programs: its system calls, its threads, its insides. */
const INSIDE = new RegExp('^(_*emscripten|_*em_|__syscall|__wasi_|__pthread|__tl_|__wait$|__timedwait|__unlock|' +
  '__lock|__vm_|_?main$|__main|_start|__proxied|pthread_|thrd_|do_proxied|_do_call|__wasm_)');

/** What LLVM makes of printf where no floating-point number is printed. */
const PRINTF = /^(__small_)?[fs]?n?i?printf$|^__small_v?\w*printf$|^v?[fs]?n?iprintf$/;

/**
 * Names that the kit exports: what the manual declares, libc's that docs/libc.md says are there or that stand in
 * its headers with an underscore, what compilers call, and what the passes need.
 * @param {object} texts
 * @param {string} texts.ours what nm prints of the runtime's objects
 * @param {string} texts.libc of libc and malloc
 * @param {string} texts.compiler of compiler-rt
 * @param {string} texts.ourHeaders the manual
 * @param {string} texts.libcHeaders
 * @param {string} texts.docs docs/libc.md
 * @returns {string[]}
 */
export function kitExports({ ours, libc, compiler, ourHeaders, libcHeaders, docs }) {
  const defined = (/** @type {string} */ text) => [...text.matchAll(/^[0-9a-f]+ [A-Z] (\S+)$/gm)].map((m) => m[1]);
  const words = (/** @type {string} */ text) => new Set(text.match(/\b[A-Za-z_]\w*\b/g));
  const manual = words(ourHeaders), header = words(libcHeaders), { there, gone } = tableOf(docs);
  const isLibcs = (/** @type {string} */ name) => !gone.has(name) && !INSIDE.test(name) &&
    (there.has(name) || PRINTF.test(name) || (header.has(name) && (name.startsWith('_') || VARIABLES.test(name))));
  const isWanted = (/** @type {string} */ name) => isLibcs(name) || OF_CXX.includes(name);
  const runtime = defined(ours).filter((n) => (manual.has(n) && n !== 'gr_main') || OF_RUNTIME.includes(n) ||
    OF_CHECK.test(n) || isWanted(n));
  const builtins = defined(compiler).filter((n) => n.startsWith('__') && !INSIDE.test(n));
  return [...new Set([...runtime, ...defined(libc).filter(isWanted), ...builtins, ...OF_LINKER])].sort();
}

/** The functions that docs/libc.md says are there or always fail, and those that are not. @param {string} docs */
function tableOf(docs) {
  const text = docs.split('## Target emscripten')[1]?.split('## Target wasi')[0] ?? '';
  const rows = [...text.matchAll(/^\| \S+\.h \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  const names = (/** @type {number} */ column) =>
    new Set(rows.flatMap((r) => r[column].match(/\b[a-z_]\w*\b/g) ?? []));
  return { there: new Set([...names(1), ...names(2)]), gone: names(3) };
}

/**
 * Functions that only parts of libc want which no program calls, and that the loader does not give: they get a body
 * that returns an error. A trap would not do: a constructor of libc's calls environ_get.
 * @param {import('./binary.mjs').Module} m changed: other numbers of functions
 * @returns {string[]} their names
 */
export function stubImports(m) {
  /** @type {string[]} */ const stubbed = [];
  const old = m.importsOf(FUNC), total = old.length + m.functions.length;
  const kept = old.filter((i) => GIVEN.test(i.module)), gone = old.filter((i) => !GIVEN.test(i.module));
  const firstStub = kept.length + m.functions.length;
  const at = old.map((i) => (GIVEN.test(i.module) ? kept.indexOf(i) : firstStub + gone.indexOf(i)));
  const func = (/** @type {number} */ i) => at[i] ?? i - old.length + kept.length;
  const same = (/** @type {number} */ i) => i;
  const names = new Map([...m.functionNames].map(([i, name]) => [func(i), name]));
  m.functions = m.functions.map((f, i) => ({ type: f.type,
    body: renumber(f.body, m.nameOf(old.length + i), { func, type: same, global: same, data: same }) }));
  for (const i of gone) {
    stubbed.push(`${i.module}.${i.name}`);
    const { results } = m.types[/** @type {number} */ (i.type)];
    const value = results.map((r) => (r === 0x7f ? [OP.I32_CONST, ...sleb(i.module === 'env' ? -ENOSYS : ENOSYS)]
      : r === 0x7e ? [OP.I64_CONST, ...sleb(-ENOSYS)] : r === 0x7d ? [OP.F32_CONST, 0, 0, 0, 0]
        : [OP.F64_CONST, 0, 0, 0, 0, 0, 0, 0, 0]));
    m.functions.push({ type: /** @type {number} */ (i.type), body: Uint8Array.from([0, ...value.flat(), OP.END]) });
  }
  m.imports = m.imports.filter((i) => i.kind !== FUNC || GIVEN.test(i.module));
  m.functionNames = names;
  m.elements = m.elements.map((e) => ({ ...e, functions: e.functions.map(func) }));
  for (const e of m.exports) if (e.kind === FUNC) e.index = func(e.index);
  if (m.start !== null) m.start = func(m.start);
  if (kept.length + m.functions.length !== total) throw new Error('functions were lost');
  return stubbed;
}

/** Programs import these. @param {import('./binary.mjs').Module} m */
export function exportGlobals(m) {
  for (const name of GLOBALS) {
    const index = m.globalNamed(name);
    if (index < 0) throw new BuildError(`the runtime has no global ${name}`);
    m.exports = m.exports.filter((e) => e.name !== name);
    m.exports.push({ name, kind: GLOBAL, index });
  }
}

/**
 * What is exported as __wrap_malloc is what programs mean by malloc, as the linker's --wrap has it.
 * @param {import('./binary.mjs').Module} m
 */
export function exportWraps(m) {
  const name = (/** @type {import('./binary.mjs').Export} */ e) => e.name.replace(/^__wrap_/, '');
  const wrapped = new Set(m.exports.filter((e) => name(e) !== e.name).map(name));
  m.exports = m.exports.filter((e) => !wrapped.has(e.name)).map((e) => ({ ...e, name: name(e) }));
}

/**
 * After asyncify: exports its globals, and says which exported functions may suspend: those that look at its state.
 * @param {import('./binary.mjs').Module} m
 * @returns {string[]}
 */
export function suspending(m) {
  const { state, data } = asyncifyGlobals(m);
  m.exports.push({ name: STATE, kind: GLOBAL, index: state }, { name: DATA, kind: GLOBAL, index: data });
  const looks = m.functions.map((f, i) => {
    const code = new Code(f.body, m.nameOf(m.importedFunctions + i));
    while (code.next()) if (code.op === OP.GLOBAL_GET && code.value === state) return true;
    return false;
  });
  const may = m.exports.filter((e) => e.kind === FUNC && !/^asyncify_/.test(e.name) &&
    looks[e.index - m.importedFunctions]);
  return may.map((e) => e.name).sort();
}

/**
 * The finished kit and its manifest.
 * @param {Uint8Array} wasm optimised
 * @param {string[]} suspend
 * @param {string} ourHeaders text: what they declare is exported for programs to be linked with, and no further
 * @param {Uint8Array} iconv libc's object of it
 * @returns {{ wasm: Uint8Array, manifest: import('./merge.mjs').Manifest }}
 */
export function finishKit(wasm, suspend, ourHeaders, iconv) {
  const m = readModule(wasm), manual = new Set(ourHeaders.match(/\bgr_\w+/g));
  const tables = setApart(m, iconv, ['iconv', 'iconv_open']);
  /** @type {{ [name: string]: number }} */ const data = {};
  for (const e of m.exports) {
    const global = e.kind === GLOBAL ? m.globals[e.index - m.importedGlobals] : undefined;
    if (global && !global.mutable) data[e.name] = /** @type {number} */ (constantOf(global.init));
  }
  m.exports = m.exports.filter((e) => e.kind === FUNC || e.kind === MEMORY ||
    (e.kind === GLOBAL && !(e.name in data)));
  const table = m.tables[0]?.limits;
  if (!table || m.importsOf(TABLE).length) throw new BuildError('the runtime has no table of its own');
  const { __heap_base: heapBase, __tls_size: tlsBytes = 0, __data_end: _end, ...variables } = data;
  if (heapBase === undefined) throw new BuildError('the runtime does not export __heap_base, where its data end');
  const keep = m.exports.map((e) => e.name).filter((name) => KEEP.test(name) && !manual.has(name));
  const manifest = { version: MANIFEST_VERSION, suspend, keep, data: variables, heapBase, tlsBytes,
    tableSize: table.min, tables };
  return { wasm: writeModule(m), manifest };
}
