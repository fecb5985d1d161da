// symbols.mjs: the global names that object files define and use, and those among them without their prefix.
import { execFileSync, spawnSync } from 'node:child_process';

/** What reads objects of wasm, by any name it goes by; '' where there is none. */
export const llvmNm = ['llvm-nm', 'llvm-nm-14'].find((nm) => spawnSync(nm, ['--version']).status === 0) ?? '';

/**
 * @param {string} nm @param {string[]} which @param {string[]} objects
 * @returns {{ name: string, object: string }[]}
 */
function listed(nm, which, objects) {
  const lines = execFileSync(nm, [...which, '--extern-only', '--print-file-name', ...objects],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n');
  return lines.flatMap((line) => {
    const [, object, name] = /^(.*?):\s*[0-9a-f-]*\s+[A-Za-z?]\s+(\S+)$/.exec(line) ?? [];
    return name ? [{ name, object }] : [];
  });
}

/**
 * @param {string[]} objects object files or archives
 * @param {string} [nm] the tool that reads them: nm for this machine's, llvm-nm for wasm
 * @param {boolean} [shared] they are shared libraries
 * @returns every global name that is defined
 */
export const defined = (objects, nm = 'nm', shared = false) =>
  listed(nm, ['--defined-only', ...(shared ? ['--dynamic'] : [])], objects);

/** @param {string[]} objects @param {string} [nm] @returns every global name that is used and not defined */
export const undefinedIn = (objects, nm = 'nm') => listed(nm, ['--undefined-only'], objects);

/**
 * Global names that begin with none of the prefixes: a user's function of that name would clash.
 * @param {string[]} objects @param {string[]} prefixes @param {string} [nm]
 * @returns in order of names
 */
export function strangers(objects, prefixes, nm) {
  return defined(objects, nm).filter(({ name }) => !prefixes.some((p) => name.startsWith(p)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
