// C and C++ to objects. Runs in node and in a page's worker: files come in as bytes, clang is handed in.
import { cc1, languageOf } from './arguments.mjs';
import { place } from './clang.mjs';
import { compileChecked } from './checked.mjs';
import { shownNames, takeApart } from './diagnostics.mjs';

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

/** @param {Sources} from @param {import('./clang.mjs').Layout} layout @returns {import('./clang.mjs').Tree} */
export function treeOf({ files }, layout) {
  /** @type {import('./clang.mjs').Tree} */
  const tree = {};
  for (const [name, content] of Object.entries(files)) place(tree, layout.user + name, content);
  return tree;
}

/** @param {Sources} from @param {import('./clang.mjs').Layout} layout @param {string} text @returns {string} */
export function shown({ roots }, layout, text) {
  return shownNames(text, roots.map((r) => ({ at: layout.user + r.at, shown: r.shown })));
}

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
    const said = options.check ? await compileChecked({ source, language, tree, roots: from.roots }, options, clang)
      : await clang.run(cc1(clang.layout.user + source, language, clang.layout, options,
        { emit: 'object', output: '-', roots: from.roots }), tree, []);
    text += shown(from, clang.layout, said.text);
    ok &&= said.ok;
    if (said.ok) objects.push({ name: shownNames(source, from.roots), source, bytes: said.out });
  }
  return { ok, objects: ok ? objects : [], text, diagnostics: takeApart(text) };
}
