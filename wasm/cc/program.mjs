// Sources to a program: compile, refuse what is not there, link and pass (wasm/passes). The same in node and in a
// page.
import { BuildError } from '../passes/errors.mjs';
import { compile } from './compile.mjs';
import { advice, missingHeader } from './diagnostics.mjs';
import { namesOf } from './object.mjs';
import { refusal } from './refused.mjs';
import { find } from './where.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {number} ms
 */

/** @typedef {Pick<Parameters<BuildProgram>[0], 'kit' | 'binaryen'> & { buildProgram: BuildProgram }} Passes */
/** @typedef {typeof import('../passes/build.mjs').buildProgram} BuildProgram */

/**
 * @typedef {object} Tools
 * @property {import('./clang.mjs').Compiler} clang
 * @property {() => Promise<Passes>} passes asked for when the sources have compiled
 * @property {() => Promise<Record<string, Uint8Array>>} libraries archives of C++
 * @property {(name: string) => void} step
 */

/**
 * @typedef {object} Outcome
 * @property {Uint8Array} [wasm] missing: the sources have errors, all said in text
 * @property {string} text clang's diagnostics, and what is missing in a program that works
 * @property {Step[]} steps
 * @property {{ name: string, from: string }} [missing] a header that the compiler did not find
 */

/**
 * @param {import('./compile.mjs').Sources} from
 * @param {import('./arguments.mjs').CompileOptions} options
 * @param {Tools} tools
 * @returns {Promise<Outcome>} throws a BuildError for what is wrong beyond the compiler's errors
 */
export async function makeProgram(from, options, tools) {
  const begun = performance.now();
  tools.step('compile');
  const compiled = await compile(from, options, tools.clang);
  const steps = [{ name: 'compile', ms: performance.now() - begun }];
  if (!compiled.ok) {
    const sentences = advice(compiled.diagnostics).map((s) => `goroscope: ${s}\n`).join('');
    return { text: compiled.text + sentences, steps, missing: missingHeader(compiled.diagnostics) };
  }
  try {
    await refuse(compiled.objects, from, options, tools.clang);
    const objects = await withLibraries(compiled.objects, tools, steps);
    const { buildProgram, binaryen, kit } = await tools.passes();
    const built = await buildProgram({
      objects, kit, binaryen, step: tools.step,
      options: {
        preempt: options.preempt,
        relink: (/** @type {PlainObject[]} */ several) => relink(several, {}, tools.clang),
      },
    }).catch((e) => nameUndefined(e, compiled.objects, from, options, tools.clang));
    const notes = built.notes.map((n) => `goroscope: ${n}\n`).join('');
    return { wasm: built.wasm, text: compiled.text + notes, steps: [...steps, ...built.steps] };
  } catch (e) {
    // What the compiler warned of may be the reason.
    if (e instanceof BuildError) Object.assign(e, { text: compiled.text });
    throw e;
  }
}

/** @typedef {import('./compile.mjs').NamedObject} NamedObject */
/** @typedef {import('./compile.mjs').Sources} Sources */
/** @typedef {import('./arguments.mjs').CompileOptions} CompileOptions */
/** @typedef {import('./clang.mjs').Compiler} Compiler */

/** What clang makes of `main`, by its arguments. */
const MAINS = ['__main_argc_argv', '__original_main', '__main_void', 'main'];

/**
 * What no linker needs to find out.
 * @param {NamedObject[]} objects @param {Sources} from @param {CompileOptions} options @param {Compiler} clang
 */
async function refuse(objects, from, options, clang) {
  const all = objects.map((object) => ({ object, names: namesOf(object.bytes) }));
  const isDefined = (/** @type {string} */ name) => all.some(({ names }) => names.defined.has(name));
  const refused = all.flatMap(({ object, names }) => [...names.wanted]
    .filter((name) => refusal(name) !== undefined && !isDefined(name)).map((name) => ({ object, name })));
  for (const [i, { object, name }] of refused.entries()) {
    const { file, line } = await find(name, 'use', object.source, from, options, clang);
    // A destructor that the end of the program calls has no line; something beside it has.
    if (line === 0 && i < refused.length - 1) continue;
    const what = await demangled(name, clang);
    throw new BuildError(`${what} is not there in wasm: ${refusal(name)}`, { file, line, symbol: name });
  }
  if (isDefined('gr_main')) return;
  for (const { object, names } of all) {
    const name = MAINS.find((n) => names.defined.has(n));
    if (name === undefined) continue;
    const { file, line } = await find(name, 'definition', object.source, from, options, clang);
    const sentence = 'a program begins with gr_main, which is the first goroutine';
    throw new BuildError(`${sentence}: int gr_main(int argc, char **argv), not main`,
      { file, line, symbol: 'main' });
  }
  await refuseMangled(all, from, options, clang);
  throw new BuildError('no source defines gr_main, where a program begins: int gr_main(int argc, char **argv)');
}

/**
 * gr_main in a C++ file without extern "C" has another name.
 * @param {{ object: NamedObject, names: import('./object.mjs').Names }[]} all
 * @param {Sources} from @param {CompileOptions} options @param {Compiler} clang
 */
async function refuseMangled(all, from, options, clang) {
  for (const { object, names } of all) {
    const name = [...names.defined].find((n) => n.startsWith('_Z7gr_main'));
    if (name === undefined) continue;
    const { file, line } = await find(name, 'definition', object.source, from, options, clang);
    throw new BuildError('in C++ gr_main must be extern "C"', { file, line, symbol: 'gr_main' });
  }
}

/**
 * @param {unknown} e what the passes threw
 * @param {NamedObject[]} objects @param {Sources} from @param {CompileOptions} options @param {Compiler} clang
 * @returns {Promise<never>} throws: undefined symbols get their place
 */
async function nameUndefined(e, objects, from, options, clang) {
  const missing = e instanceof BuildError ? e.undefinedSymbols : [];
  if (missing.length === 0) throw e;
  const [first] = missing;
  const wants = objects.filter(({ bytes }) => namesOf(bytes).wanted.has(first.symbol));
  const object = wants.find((o) => o.name === first.object) ?? wants[0];
  const count = new Set(missing.map((u) => u.symbol)).size - 1;
  const others = count > 0 ? ` (nor ${count} other${count > 1 ? 's' : ''})` : '';
  const shown = await demangled(first.symbol, clang);
  const instead = refusal(first.symbol);
  const sentence = instead ? `${first.symbol} is not there in wasm: ${instead}`
    : `nobody defines ${shown}${others}: neither the sources given nor the C library`;
  const place = object && await find(first.symbol, 'use', object.source, from, options, clang);
  throw new BuildError(sentence, { ...place, symbol: first.symbol });
}

/** @param {string} name @param {Compiler} clang @returns {Promise<string>} */
async function demangled(name, clang) {
  if (!name.startsWith('_Z')) return name;
  const { ok, out } = await clang.run(['c++filt', name], {}, []);
  return ok ? new TextDecoder().decode(out).trim() : name;
}

/** @typedef {{ name: string, bytes: Uint8Array }} PlainObject */

/** Names that only C++'s library has. */
const OF_CXX = /^(_Z|__cxa_(?!atexit|finalize)|__dynamic_cast$)/;

/**
 * Linked with what they use of C++'s library, if that is anything.
 * @param {NamedObject[]} objects @param {Tools} tools @param {Step[]} steps
 * @returns {Promise<PlainObject[]>}
 */
async function withLibraries(objects, tools, steps) {
  const names = objects.map(({ bytes }) => namesOf(bytes));
  const missing = names.flatMap((n) => [...n.wanted]).filter((n) => OF_CXX.test(n));
  if (missing.every((name) => names.some((n) => n.defined.has(name)))) {
    return objects.map(({ name, bytes }) => ({ name, bytes }));
  }
  const begun = performance.now();
  tools.step('link the C++ library');
  const bytes = await relink(objects, await tools.libraries(), tools.clang);
  steps.push({ name: 'C++ library', ms: performance.now() - begun });
  return [{ name: objects[0].name, bytes }];
}

/**
 * Several objects to one, with what they need of the libraries.
 * @param {PlainObject[]} objects @param {Record<string, Uint8Array>} libraries
 * @param {Compiler} clang
 */
async function relink(objects, libraries, clang) {
  /** @type {import('./clang.mjs').Tree} */
  const files = { ...libraries };
  objects.forEach(({ bytes }, i) => (files[`${i}.o`] = bytes));
  const said = await clang.run(['wasm-ld', '-r', ...Object.keys(files).sort(), '-o', 'all.o'], files, ['all.o']);
  if (!said.ok) throw new BuildError(linkerSentence(said.text, objects));
  return /** @type {Uint8Array} */ (said.files['all.o']);
}

/**
 * @param {string} text @param {{ name: string }[]} objects
 * @returns {string} what a linker says, with the user's names
 */
function linkerSentence(text, objects) {
  const named = text.replace(/\b(\d+)\.o\b/g, (all, i) => objects[Number(i)]?.name ?? all).split('\n');
  const twice = named.map((l) => /duplicate symbol: (.+)$/.exec(l)?.[1]).find(Boolean);
  const where = named.flatMap((l) => />>> defined in (.+)$/.exec(l)?.[1] ?? []).slice(0, 2);
  if (twice) return `${twice} is defined twice: in ${where.join(' and in ')}`;
  return named[0].replace(/^.*?error: /, '');
}
