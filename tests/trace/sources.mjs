// sources.mjs: the trace reader's C files and where their headers are, for tests that compile them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const readerDir = join(root, 'viewer/reader');
/** @type {string[]} */
export const readerSources = readdirSync(readerDir, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.c') && !f.startsWith('bench/')).sort().map((f) => join(readerDir, f));
export const readerIncludes = [`-I${readerDir}`, `-I${join(root, 'runtime/format')}`];
