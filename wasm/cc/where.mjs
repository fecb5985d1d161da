// Where a source uses or defines a name. Asked only when something is wrong: clang writes the source once more, as
// assembly without optimising, where each instruction has file and line and each name is a word.
import { cc1, languageOf } from './arguments.mjs';
import { treeOf } from './compile.mjs';
import { shownName } from './diagnostics.mjs';

/** @typedef {{ file: string, line: number }} Place */

/**
 * @param {string} assembly @param {string} name as the linker knows it
 * @param {'use' | 'definition'} what
 * @returns {{ path: string, line: number } | undefined}
 */
export function findInAssembly(assembly, name, what) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const wanted = what === 'definition' ? new RegExp(`^"?${escaped}"?:`)
    : new RegExp(`^\\t(?!\\.)\\S+\\s+(?:[^#]*[\\s,])?"?${escaped}"?(?:[+@,\\s]|$)`);
  let last, isNext = false;
  for (const line of assembly.split('\n')) {
    const loc = /^\t\.loc\t\d+ (\d+) \d+.*# (.+):\d+:\d+(?: @.*)?$/.exec(line);
    if (loc && loc[1] !== '0') {
      last = { path: loc[2].replace(/ @\[.*/, ''), line: Number(loc[1]) };
      if (isNext) return last;
    }
    if (!wanted.test(line)) continue;
    if (what === 'definition') isNext = true;
    else if (last) return last;
  }
  return undefined;
}

/**
 * @param {string} name @param {'use' | 'definition'} what @param {string} source
 * @param {import('./compile.mjs').Sources} from
 * @param {import('./arguments.mjs').CompileOptions} options
 * @param {import('./clang.mjs').Compiler} clang
 * @returns {Promise<Place>} line 0: not known
 */
export async function find(name, what, source, from, options, clang) {
  const { layout } = clang;
  const language = /** @type {import('./arguments.mjs').Language} */ (languageOf(source));
  const quiet = { ...options, color: false, preempt: false, check: false };
  const args = cc1(layout.user + source, language, layout, quiet, { emit: 'assembly', output: '-' });
  // Not optimised, a source may be too much for the compiler that was not before.
  const { out } = await clang.run(args, treeOf(from, layout), []).catch(() => ({ out: new Uint8Array() }));
  const found = findInAssembly(new TextDecoder().decode(out), name, what);
  const path = found?.path.slice(layout.user.length) ?? '';
  if (found && Object.hasOwn(from.files, path)) return { file: shownName(path, from.roots), line: found.line };
  return { file: shownName(source, from.roots), line: lastMention(from.files[source], name) };
}

/** A value of a variable has no line in assembly: then it is where the text has the word last. */
function lastMention(/** @type {string | Uint8Array} */ source, /** @type {string} */ name) {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const lines = text.split('\n').map((l) => l.replace(/\/\/.*$/, ''));
  return lines.findLastIndex((line) => line.split(/\W+/).includes(name)) + 1;
}
