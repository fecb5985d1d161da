// One source of a program with --check: its calls of malloc and free get the place where they stand
// (wasm/passes/sites.mjs), and all of it the names of files that were typed, which the compiler's checks tell.
import { withSites } from '../passes/sites.mjs';
import { cc1 } from './arguments.mjs';
import { shownName } from './diagnostics.mjs';

/**
 * @typedef {object} Source
 * @property {string} source
 * @property {import('./arguments.mjs').Language} language
 * @property {import('./clang.mjs').Tree} tree
 * @property {import('./diagnostics.mjs').Root[]} roots
 */

/**
 * What is said of it is said of the text as it was typed, before anything is put into it. A text that does not
 * compile with places, since it has a malloc of its own, goes without.
 * @param {Source} source @param {import('./arguments.mjs').CompileOptions} options
 * @param {import('./clang.mjs').Compiler} clang
 * @returns {Promise<import('./clang.mjs').Said>}
 */
export async function compileChecked({ source, language, tree, roots }, options, clang) {
  const path = clang.layout.user + source;
  const run = (/** @type {'object' | 'diagnostics' | 'text'} */ emit) =>
    clang.run(cc1(path, language, clang.layout, options, { emit, output: '-', roots }), tree, []);
  const said = await run('diagnostics');
  if (!said.ok) return said;
  const text = withShownNames(new TextDecoder().decode((await run('text')).out),
    roots.map(({ at, shown }) => ({ at: clang.layout.user + at, shown })));
  // Macros and folders have done their part; warnings have been given.
  const silent = { ...options, defines: [], includes: [], warnings: ['no-everything'] };
  for (const content of language === 'c' ? [withSites(text), text] : [text]) {
    const args = cc1(PREPROCESSED, language, clang.layout, silent, { emit: 'object', output: '-' });
    const compiled = await clang.run(args, { [PREPROCESSED]: content }, []);
    if (compiled.ok) return { ...compiled, text: said.text };
  }
  return run('object'); // it has what only the code generator minds: in inline assembly, for example
}

const PREPROCESSED = 'preprocessed';

/** @param {string} text preprocessed @param {import('./diagnostics.mjs').Root[]} roots */
function withShownNames(text, roots) {
  return text.replace(/(?<=^# \d+ ")(?:[^"\\]|\\.)*(?=")/gm, (path) => shownName(path, roots));
}
