// sources.mjs: the trace reader's C files and where their headers are, for tests that compile them.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const readerDir = join(root, 'viewer/reader');
/** @type {string[]} */
export const readerSources = readdirSync(readerDir, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.c') && !f.startsWith('bench/')).sort().map((f) => join(readerDir, f));
export const readerIncludes = [`-I${readerDir}`, `-I${join(root, 'runtime/format')}`];

/**
 * The reader's objects, not optimised: for tests that look at their symbols.
 * @param {string} cc @param {string} folder where they go
 * @returns {Map<string, string>} source -> object
 */
export function readerObjects(cc, folder) {
  execFileSync(cc, ['-std=gnu11', '-O0', ...readerIncludes, '-c', ...readerSources], { cwd: folder });
  return new Map(readerSources.map((source) => [source, join(folder, `${basename(source, '.c')}.o`)]));
}
