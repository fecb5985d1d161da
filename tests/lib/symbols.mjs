// symbols.mjs: the global names that object files and archives define, those among them without their prefix, and who uses whose.
import { execFileSync } from 'node:child_process';

/**
 * @param {string[]} objects object files or archives
 * @param {string} [nm] the tool that reads them: nm for this machine's, llvm-nm for wasm
 * @returns {{ name: string, object: string }[]} every global name that is defined
 */
export function globals(objects, nm = 'nm') {
  const lines = execFileSync(nm, ['--defined-only', '--extern-only', '--print-file-name', ...objects], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim().split('\n');
  return lines.flatMap((line) => {
    const [, object, name] = /^(.*?):\s*[0-9a-f-]*\s+[A-Za-z?]\s+(\S+)$/.exec(line) ?? [];
    return name ? [{ name, object }] : [];
  });
}

/**
 * Global names that begin with none of the prefixes: a user's function of that name would clash.
 * @param {string[]} objects @param {string[]} prefixes @param {string} [nm]
 * @returns {string[]} "name (object)", in order
 */
export function strangers(objects, prefixes, nm) {
  return globals(objects, nm).filter(({ name }) => !prefixes.some((p) => name.startsWith(p))).map(({ name, object }) => `${name} (${object})`).sort();
}

/**
 * Which object uses a name that another one defines.
 * @param {string[]} objects @param {string} [nm]
 * @returns {{ from: string, to: string, name: string }[]}
 */
export function edges(objects, nm = 'nm') {
  const home = new Map(globals(objects, nm).map(({ name, object }) => [name, object]));
  return objects.flatMap((from) => execFileSync(nm, ['--undefined-only', from], { encoding: 'utf8' }).split('\n').flatMap((line) => {
    const name = line.trim().split(/\s+/).at(-1) ?? '';
    const to = home.get(name);
    return to && to !== from ? [{ from, to, name }] : [];
  }));
}
