// The passes with one mistake each, of the kinds that such passes have had. If the random programs (property.mjs)
// do not show one of them, what they say of the passes without it is worth as much less.
// `npm run property -- --mutants [PART…]` tells how each is seen.
//
// Objects and what natively comes out do not depend on the passes: they are made once for each file of programs,
// which for a mutant is only linked, passed and run.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import binaryen from 'binaryen';
import { OUT, ROOT, madeKit } from '../lib/run.mjs';
import { randomProgram, source } from './program.mjs';
import { DIR, attempt, called, expected, objectOf, runsOf, unused } from './toolchains.mjs';

/** @typedef {import('./toolchains.mjs').Way} Way */
/** @typedef {typeof import('../../wasm/passes/build.mjs')} Passes */

/**
 * @typedef {object} Mutant
 * @property {string} name what is wrong
 * @property {string} file in wasm/passes
 * @property {string} from stands there once
 * @property {string} to
 * @property {boolean} [points] it is seen with preemption points alone
 * @property {RegExp} [fails] what is said where it shows before a program runs: by the passes, of a program that
 *   cannot be built, or by the loader. Any other failure is the mutant's own, which then is none
 */

/** @type {Mutant[]} */
export const MUTANTS = [
  // ---- stack
  {
    name: 'a frame of 8192 bytes is taken for a way back', file: 'stack.mjs',
    fails: /^\w+ uses the stack pointer in a way that is not known here/,
    from: 'if (state.room ? state.room === v : isOpen(v)) this.downs.set(start, end);',
    to: 'if ((state.room ? state.room === v : isOpen(v)) && v.size !== 8192) this.downs.set(start, end);',
  },
  {
    name: 'a frame of 64 bytes is not looked at', file: 'stack.mjs',
    from: 'if (v.is !== \'down\' || !v.stored) continue;',
    to: 'if (v.is !== \'down\' || !v.stored || v.size === 64) continue;',
  },
  {
    name: 'a stack grows by 16 bytes too little', file: 'stack.mjs',
    from: '...get(at), OP.I32_CONST, 16, OP.CALL, ...leb(parts.grow)',
    to: '...get(at), OP.I32_CONST, 16, OP.I32_ADD, OP.I32_CONST, 16, OP.CALL, ...leb(parts.grow)',
  },
  {
    name: 'room is never looked for', file: 'stack.mjs',
    from: 'OP.GLOBAL_GET, ...leb(parts.lo), OP.I32_LT_U', to: 'OP.I32_CONST, 0, OP.I32_LT_U',
  },
  {
    name: 'room of unknown size is not looked for', file: 'stack.mjs',
    from: 'edits.insert(v.end, [OP.CALL, ...leb(parts.far)]);',
    to: 'edits.insert(v.end, [OP.LOCAL_TEE, ...leb(at), OP.GLOBAL_SET, ...leb(parts.sp), ...get(at)]);',
  },
  {
    name: 'an aligned frame is not aligned in a further segment', file: 'stack.mjs',
    from: 'first === v && !v.aligned && !v.back && v.size >= 0 && v.size < FAR',
    to: '!v.back && v.size < FAR',
  },
  {
    name: 'the pointer does not go back to another segment', file: 'stack.mjs',
    from: 'OP.GLOBAL_GET, ...leb(parts.size), OP.I32_GT_U, OP.IF', to: 'OP.DROP, OP.I32_CONST, 0, OP.IF',
  },
  {
    name: 'arrays of a loop\'s last turn are not left', file: 'stack.mjs',
    from: 'if (first.back) {', to: 'if (!first) {',
  },
  {
    name: 'the pointer is where it was before a call', file: 'stack.mjs',
    from: 'state.sp = null; // afterwards', to: '// afterwards',
  },
  { // was there, found by seed 55
    name: 'the size of room is taken for its address where it stands first', file: 'stack.mjs',
    from: 'swapped: n === a', to: 'swapped: false',
  },
  {
    name: 'a sum is no way back', file: 'stack.mjs',
    fails: /^\w+ uses the stack pointer in a way that is not known here/,
    from: '(v.is === \'up\' && isSettled(v.base ?? undefined))', to: 'false',
  },
  {
    name: 'constants of a join are forgotten with the rest', file: 'stack.mjs',
    fails: /^\w+ uses the stack pointer in a way that is not known here/,
    from: 'if (!isSettled(a) || !isSettled(b)) return OTHER;', to: 'return OTHER;',
  },
  // ---- operands
  {
    name: 'operands come in the wrong order', file: 'operands.mjs',
    fails: /^\w+ uses the stack pointer in a way that is not known here/,
    from: 'return values;\n  }\n\n  /** @param {number} n */\n  #leave',
    to: 'return values.reverse();\n  }\n\n  #leave',
  },
  // ---- asyncify, unwind
  {
    name: 'gr_yield does not suspend', file: 'asyncify.mjs',
    from: 'suspend.map((name)', to: 'suspend.filter((name) => name !== \'gr_yield_at\').map((name)',
  },
  {
    name: 'points do not suspend', file: 'asyncify.mjs', points: true,
    from: 'suspend.map((name)', to: 'suspend.filter((name) => name !== \'rt_preempt_point\').map((name)',
  },
  {
    name: 'locals of a frame are not counted', file: 'unwind.mjs',
    from: '...sleb((ups[1]?.n ?? 0) + 4)', to: '...sleb(4)',
  },
  {
    name: 'steps of 64 and 8192 bytes are not known', file: 'unwind.mjs',
    fails: /^asyncify moves its pointer in \w+ in a way that is not known here$/,
    from: '(op === OP.I32_ADD || op === OP.I32_SUB) && a.is', to: 'op === OP.I32_ADD && a.is',
  },
  // ---- points
  {
    name: 'a loop without exit has no point', file: 'points.mjs', points: true,
    from: 'for (const at of bare) edits.insert(at, point);', to: '',
  },
  {
    name: 'a point stops when nobody wants it', file: 'points.mjs', points: true,
    from: '...parts.wanted, OP.I32_EQZ, OP.BR_IF', to: '...parts.wanted, OP.BR_IF',
  },
  // ---- merge, link
  {
    name: 'data of the program are numbered as the kit\'s', file: 'merge.mjs',
    fails: /^a worker of the program failed: memory access out of bounds$/,
    from: 'from.data.length + i;', to: 'i;',
  },
  {
    name: 'the heap begins where the kit\'s data end', file: 'merge.mjs',
    from: 'heapBase: dataEnd', to: 'heapBase: kit.manifest.heapBase',
  },
  {
    name: 'what the table calls is not alive', file: 'merge.mjs',
    from: '    ...m.elements.flatMap((e) => e.functions), ', to: '    ',
  },
  {
    name: 'what is added to an address in code is lost', file: 'link.mjs',
    from: 'return this.#address(s, addresses) + r.addend;',
    to: 'return this.#address(s, addresses) + (r.type === RELOC.MEMORY_ADDR_I32 ? r.addend : 0);',
  },
  {
    name: 'what is added to an address in data is lost', file: 'link.mjs',
    from: 'return this.#address(s, addresses) + r.addend;',
    to: 'return this.#address(s, addresses) + (r.type === RELOC.MEMORY_ADDR_I32 ? 0 : r.addend);',
  },
  {
    name: 'data are not aligned', file: 'link.mjs',
    from: '!segments[i].tls)) {\n      addresses[i] = aligned(at, segments[i].align);',
    to: '!segments[i].tls)) {\n      addresses[i] = at;',
  },
  {
    name: 'constructors run from the last to the first', file: 'link.mjs',
    from: 'o.constructors.flatMap(', to: '[...o.constructors].reverse().flatMap(',
  },
  // ---- thread-local variables, atomics
  {
    name: 'thread-local variables begin as zeros', file: 'link.mjs',
    from: 'if (!zero.get(segments[i])) tls.imageBytes = at - tls.offset;', to: '',
  },
  {
    name: 'the second use of a thread-local variable is the worker\'s', file: 'threadlocals.mjs',
    from: 'if (code.op === OP.GLOBAL_GET && code.value === base)',
    to: 'if (code.op === OP.GLOBAL_GET && code.value === base && edits.size === 0)',
  },
  {
    name: 'an atomic access is at twice its offset', file: 'atomics.mjs',
    from: '[OP.LOCAL_TEE, ...leb(at), OP.I32_CONST, ...sleb(value), OP.I32_ADD,',
    to: '[OP.I32_CONST, ...sleb(value), OP.I32_ADD, OP.LOCAL_TEE, ...leb(at),',
  },
  {
    name: 'memory is filled where it is to be copied', file: 'atomics.mjs',
    from: 'op === OP.MEMORY_COPY ? parts.copy', to: 'op === OP.MEMORY_COPY ? parts.fill',
  },
];

/** Those of every round of the tests: the first file of programs shows them, built in the first way. */
export const FEW = ['a stack grows by 16 bytes too little', 'points do not suspend',
  'what is added to an address in data is lost'];

const SCRATCH = join(OUT, 'passes-mutants');
const SEED = 1; // of the first program
const TOGETHER = 20; // programs in one file
const FILES = 4;
const RUN_MS = 10_000;

/** @type {Way[]} */
export const WAYS = [
  { level: 1, points: true, toolchain: 'merged' }, { level: 0, points: false, toolchain: 'shipped' },
  { level: 3, points: false, toolchain: 'merged' }, { level: 2, points: true, toolchain: 'shipped' },
  { level: 0, points: true, toolchain: 'merged' }, { level: 2, points: false, toolchain: 'merged' },
];

/** In sim alone: so a mistake is seen each time or never. @param {Way} way */
const runOf = (way) => runsOf(way).filter(({ port }) => port.mode === 'sim')[0];

/** @type {Passes} */
const RIGHT = await import('../../wasm/passes/build.mjs');

let copies = 0;

/** A copy of the passes with the mistake. @param {Mutant} m @returns {Promise<Passes>} */
async function passesWith(m) {
  const text = readFileSync(join(ROOT, 'wasm/passes', m.file), 'utf8');
  if (text.split(m.from).length !== 2) throw new Error(`wasm/passes/${m.file} must hold once: ${m.from}`);
  const folder = join(SCRATCH, `${process.pid}-${copies++}`);
  mkdirSync(SCRATCH, { recursive: true });
  try {
    cpSync(join(ROOT, 'wasm/passes'), folder, { recursive: true });
    writeFileSync(join(folder, m.file), text.replace(m.from, () => m.to));
    return await import(pathToFileURL(join(folder, 'build.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What is made once for each key.
 * @template T @param {(key: string) => Promise<T>} make @returns {(key: string) => Promise<T>}
 */
function once(make) {
  /** @type {Map<string, Promise<T>>} */ const made = new Map();
  return (key) => made.get(key) ?? /** @type {Promise<T>} */ (made.set(key, make(key)).get(key));
}

/** A file of programs, and what they print natively. The key: its number. */
const native = once(async (number) => {
  const first = SEED + Number(number) * TOGETHER, file = join(DIR, `mutants-${process.pid}-${number}.c`);
  mkdirSync(DIR, { recursive: true });
  writeFileSync(file, source(Array.from({ length: TOGETHER }, (_, i) => randomProgram(i, first + i))));
  return { file, want: await expected(file, TOGETHER, [['clang', '-O0']]) };
});

/** The object of a file. The key: its number, and how. */
const objects = once(async (key) => {
  const { number, way } = JSON.parse(key);
  return objectOf((await native(number)).file, way);
});

const kit = once(async () => {
  await madeKit();
  const folder = join(ROOT, 'build/kit/threads');
  return { wasm: new Uint8Array(readFileSync(join(folder, 'runtime.wasm'))),
    manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) };
});

/**
 * How passes show to be wrong, by one file in one way; '': they do not.
 * @param {Passes} passes @param {Mutant | null} m @param {number} number of the file @param {Way} way
 * @returns {Promise<string>} throws what is no sign of the mistake
 */
async function shownBy(passes, m, number, way) {
  const { want } = await native(String(number)), object = await objects(JSON.stringify({ number, way }));
  const path = unused('.wasm');
  let isBuilt = false;
  try {
    const { wasm } = await passes.buildProgram({ objects: [object], kit: await kit(''), binaryen,
      options: { preempt: way.points } });
    isBuilt = true;
    writeFileSync(path, wasm);
    const { wrong, broken } = await attempt(path, runOf(way), [...want.keys()], want, RUN_MS);
    if (broken) return broken;
    for (const [i, what] of wrong) return `program ${i} of file ${number} gives ${what}`;
    return '';
  } catch (e) {
    const { name, message } = /** @type {Error} */ (e);
    // By its name: a copy of the passes has a class of its own.
    const isSaid = isBuilt || name === 'BuildError';
    if (isSaid && m?.fails?.test(message)) return `${isBuilt ? 'does not start' : 'does not build'}: ${message}`;
    throw e;
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * How a mistake shows; null: it does not. Without one, the passes as they are: then nothing must show.
 * @param {Mutant | null} m @param {{ files?: number, ways?: Way[] }} [limits]
 * @returns {Promise<{ builds: number, what: string } | null>} builds: until it was seen
 */
export async function seen(m, { files = FILES, ways = WAYS } = {}) {
  const passes = m ? await passesWith(m) : RIGHT;
  let builds = 0;
  for (let number = 0; number < files; number++) {
    for (const way of ways.filter((w) => w.points || !m?.points)) {
      builds++;
      const what = await shownBy(passes, m, number, way);
      if (what) return { builds, what: `${called(way, runOf(way))}: ${what}` };
    }
  }
  return null;
}

/** Tells of each mutant how it is seen. @param {string[]} parts of names @returns {Promise<boolean>} all are */
export async function tellMutants(parts) {
  const wrong = parts.length ? null : await seen(null);
  if (!parts.length) console.log(`the passes as they are: ${wrong ? `WRONG, ${wrong.what}` : 'right'}`);
  let unseen = 0;
  for (const m of MUTANTS) {
    if (parts.length && !parts.some((p) => m.name.includes(p) || m.file.includes(p))) continue;
    const begin = Date.now(), s = await seen(m), seconds = ((Date.now() - begin) / 1000).toFixed(1);
    console.log(`${m.name} (${m.file}): ${s ? `seen by build ${s.builds}, ${seconds} s\n  ${s.what.slice(0, 300)}`
      : `NOT SEEN, ${seconds} s`}`);
    if (!s) unseen++;
  }
  return !wrong && unseen === 0;
}
