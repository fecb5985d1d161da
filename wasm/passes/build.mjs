// build.mjs: from clang's object files and the prebuilt runtime ("kit") to a finished program. Runs in node and in
// a worker of a page alike: no file system, no process, all that it needs comes in.
import { readModule } from './binary.mjs';
import { asyncify, checkSize } from './asyncify.mjs';
import { careful, sharedParts } from './atomics.mjs';
import { leb, sleb } from './bytes.mjs';
import { DwarfError, Places, placesOf } from './dwarf.mjs';
import { BuildError } from './errors.mjs';
import { ProgramFrames } from './frames.mjs';
import { OP } from './instructions.mjs';
import { link } from './link.mjs';
import { takeLocations } from './locations.mjs';
import { merge, prepareKit } from './merge.mjs';
import { readObject } from './object.mjs';
import { setRows } from './places.mjs';
import { placePoints } from './points.mjs';
import { checkStack, stackParts } from './stack.mjs';
import { ownThreadLocals } from './threadlocals.mjs';
import { limitUnwinding } from './unwind.mjs';

export { BuildError, prepareKit };

/**
 * @typedef {{ name: string, bytes: Uint8Array }} ObjectInput an object file of `clang -c`; its name is for messages
 */
/** @typedef {{ wasm: Uint8Array, manifest: object }} KitInput build/kit/…/runtime.wasm and manifest.json */
/** @typedef {{ name: string, ms: number }} Step how long a step took */
/**
 * @typedef {object} BuildOptions
 * @property {boolean} [preempt] preemption points, where the compiler was told to mark them
 * @property {boolean} [names] the finished module has the names of the runtime's functions too
 * @property {(objects: ObjectInput[]) => Uint8Array | Promise<Uint8Array>} [relink] puts several objects together:
 *   `wasm-ld -r`
 */

/**
 * Objects must be compiled for wasm32-emscripten with -pthread (or -matomics -mbulk-memory), -fno-pic, local-exec
 * thread-locals and -disable-red-zone: else small leaf functions use memory that nobody has checked.
 * @param {object} what
 * @param {ObjectInput[]} what.objects
 * @param {KitInput | import('./merge.mjs').PreparedKit} what.kit prepared by prepareKit, or not
 * @param {BuildOptions} [what.options]
 * @param {any} what.binaryen the npm module
 * @param {(name: string) => void} [what.step] is told which step begins
 * @returns {Promise<{ wasm: Uint8Array, steps: Step[], notes: string[] }>} notes: sentences about what is
 *   missing in a program that works
 */
export async function buildProgram({ objects, kit, options = {}, binaryen, step }) {
  /** @type {Step[]} */ const steps = [];
  /** @template T @param {string} name @param {() => T} work @returns {T} */
  const timed = (name, work) => {
    step?.(name);
    const from = performance.now();
    try {
      return work();
    } catch (e) {
      throw withWords(e, name);
    } finally {
      steps.push({ name, ms: performance.now() - from });
    }
  };
  if (objects.length === 0) throw new BuildError('there is nothing to build: no object file was given');
  const prepared = 'functions' in kit ? kit : timed('prepare', () => prepareKit(/** @type {KitInput} */ (kit)));
  let object = objects[0];
  if (objects.length > 1) {
    const { relink } = options;
    if (!relink) throw new BuildError('several object files need somebody who puts them together: options.relink');
    step?.('relink');
    const from = performance.now();
    object = { name: objects.map((o) => o.name).join(', '), bytes: await relink(objects) };
    steps.push({ name: 'relink', ms: performance.now() - from });
  }
  const read = timed('read', () => readObject(object.bytes, object.name)), places = new Places();
  const linked = timed('link', () => link(read, prepared));
  const { module: m } = linked;
  const notes = timed('lines', () => locate(object.bytes, read, m, places));
  timed('check', () => check(m, prepared, options));
  const suspendable = timed('asyncify', () => asyncify(binaryen, m, prepared.manifest.suspend));
  const { without } = suspendable.located;
  if (without.length) {
    notes.push(`traces will not show the lines of ${without.join(', ')}: Binaryen reads their code in another order`);
  }
  const wasm = timed('merge', () => {
    const user = readModule(suspendable.wasm);
    checkSize(user);
    takeLocations(user, suspendable.sourceMap, suspendable.located.entries);
    return merge(prepared, user, linked, { places: places.list, frames: limit(user) }, options);
  });
  return { wasm, steps, notes };
}

/** Binaryen may fail without a word. @param {unknown} e @param {string} step @returns {unknown} */
function withWords(e, step) {
  if (e instanceof Error && e.message) return e;
  const said = e instanceof Error || !e ? '' : ` (${e})`;
  return new Error(`the build has failed in the step "${step}"${said}, and not by what the sources say: this is a ` +
    'mistake of goroscope\'s', { cause: e });
}

/**
 * Notes where the program's instructions come from.
 * @param {Uint8Array} bytes of the object
 * @param {import('./object.mjs').ObjectFile} object
 * @param {import('./binary.mjs').Module} m linked
 * @param {Places} places
 * @returns {string[]} why that is not known
 */
function locate(bytes, object, m, places) {
  try {
    placesOf(bytes, object, places).forEach((rows, i) => setRows(m.functions[i].body, rows));
    return [];
  } catch (error) {
    if (!(error instanceof DwarfError)) throw error;
    return [`traces will not show lines: the debug information of ${object.name} cannot be read, ${error.message}`];
  }
}

/**
 * What is changed before asyncify.
 * @param {import('./binary.mjs').Module} m
 * @param {import('./merge.mjs').PreparedKit} kit
 * @param {BuildOptions} options
 */
function check(m, kit, { preempt }) {
  if (preempt) {
    placePoints(m, {
      trace: m.functionNamed('__sanitizer_cov_trace_pc'),
      wanted: [OP.I32_CONST, ...sleb(kit.manifest.data.rt_attention), OP.I32_LOAD, ...leb(2), ...leb(0)],
      counted: m.functionNamed('rt_point_counted'), point: m.functionNamed('rt_preempt_point'),
    });
  }
  checkStack(m, stackParts(m));
  ownThreadLocals(m);
  careful(m, sharedParts(m));
}

/**
 * What is changed after asyncify.
 * @param {import('./binary.mjs').Module} user
 * @returns {ProgramFrames}
 */
function limit(user) {
  const imported = (/** @type {number} */ kind, /** @type {string} */ name) =>
    user.importsOf(kind).findIndex((i) => i.name === name);
  const data = imported(3, '__asyncify_data'), frames = new ProgramFrames();
  // None: nothing of it suspends.
  if (data >= 0) limitUnwinding(user, { data, save: imported(0, 'port_save'), helpers: new Set(), frames });
  return frames;
}
