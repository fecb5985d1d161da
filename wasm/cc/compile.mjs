// C and C++ to objects. Runs in node and in a page's worker: files come in as bytes, clang is handed in.
import { cc1, languageOf } from './arguments.mjs';
import { place } from './clang.mjs';
import { compileChecked } from './checked.mjs';
import { BuildError } from '../passes/errors.mjs';
import { shownName, shownNames, takeApart } from './diagnostics.mjs';

/**
 * @typedef {object} Sources
 * @property {string[]} sources names in files
 * @property {Record<string, Uint8Array | string>} files every source, and every header that is not the system's
 * @property {import('./diagnostics.mjs').Root[]} roots how to show the names
 */

/** @typedef {{ name: string, source: string, bytes: Uint8Array }} NamedObject name: as shown */

/**
 * @typedef {object} Compiled
 * @property {NamedObject[]} objects none if there was an error
 * @property {boolean} ok
 * @property {import('./diagnostics.mjs').Diagnostic[]} diagnostics
 * @property {string} text clang's own
 */

/** Parts of names that the compiler's folders in memory do not have. */
const NO_PART = ['..', '__proto__'];

/** @param {Sources} from @param {import('./clang.mjs').Layout} layout @returns {import('./clang.mjs').Tree} */
export function treeOf({ files, roots }, layout) {
  /** @type {import('./clang.mjs').Tree} */
  const tree = {};
  for (const [name, content] of Object.entries(files)) {
    const part = name.split('/').find((p) => NO_PART.includes(p));
    if (part !== undefined) {
      throw new BuildError(`no part of a file's name can be ${part}; give it another name`,
        { file: shownName(name, roots) });
    }
    place(tree, layout.user + name, content);
  }
  return tree;
}

/**
 * The user's folders as the compiler sees them.
 * @param {import('./diagnostics.mjs').Root[]} roots @param {import('./clang.mjs').Layout} layout
 */
export const rootsIn = (roots, layout) => roots.map(({ at, shown }) => ({ at: layout.user + at, shown }));

/**
 * @param {Sources} from
 * @param {import('./arguments.mjs').CompileOptions} options
 * @param {import('./clang.mjs').Compiler} clang
 * @returns {Promise<Compiled>}
 */
export async function compile(from, options, clang) {
  const tree = treeOf(from, clang.layout);
  /** @type {NamedObject[]} */
  const objects = [];
  let text = '', ok = true;
  for (const source of from.sources) {
    const language = languageOf(source);
    if (language === undefined) throw new Error(`${source} is no source`);
    const said = await (options.check ? compileChecked({ source, language, tree, roots: from.roots }, options, clang)
      : clang.run(cc1(clang.layout.user + source, language, clang.layout, options,
        { emit: 'object', output: '-', roots: from.roots }), tree, [])).catch((e) => {
      // The compiler has failed: at which source, and what it said of those before.
      if (e instanceof BuildError) Object.assign(e, { file: shownName(source, from.roots), text });
      throw e;
    });
    text += shownNames(said.text, rootsIn(from.roots, clang.layout));
    ok &&= said.ok;
    if (said.ok) objects.push({ name: shownName(source, from.roots), source, bytes: said.out });
  }
  return { ok, objects: ok ? objects : [], text, diagnostics: takeApart(text) };
}
