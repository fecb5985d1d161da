// viewer-size.mjs: all that the viewer ships, file by file: what viewer/index.html reaches (modules, workers, the
// reader), each gzipped. `node tests/bench/viewer-size.mjs` prints it.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../lib/run.mjs';

/** What a module asks for: imports, and files that it finds beside itself. */
const MODULE = /\b(?:from |import |import\()'(\.[^']+)'|new URL\('(\.[^']+)', import\.meta\.url\)/g;
/** What a page asks for: its scripts and styles. */
const PAGE = /<(?:script|link)\b[^>]* (?:src|href)="(?!data:)([^"]+)"/g;

/** @param {string} file @param {Set<string>} [found] @returns {Set<string>} it and all it reaches */
function reached(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  if (file.endsWith('.wasm')) return found;
  // Types are in comments; what stands there is not loaded.
  const text = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\//g, '');
  for (const [, imported, beside] of text.matchAll(file.endsWith('.html') ? PAGE : MODULE)) {
    reached(join(dirname(file), imported ?? beside), found);
  }
  return found;
}

/**
 * @returns {{files: {file: string, bytes: number, packed: number}[], packed: number, page: number}} page: the
 *   one-file page, gzipped
 */
export function viewerSize() {
  const files = [...reached(join(ROOT, 'viewer/index.html'))].map((path) => {
    const bytes = readFileSync(path);
    return { file: relative(ROOT, path), bytes: bytes.length, packed: gzipSync(bytes, { level: 9 }).length };
  }).sort((a, b) => b.packed - a.packed);
  return { files, packed: files.reduce((n, f) => n + f.packed, 0),
    page: gzipSync(readFileSync(join(ROOT, 'build/viewer.html')), { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, packed, page } = viewerSize();
  for (const f of files) console.log(`${String(f.packed).padStart(8)} ${String(f.bytes).padStart(9)}  ${f.file}`);
  console.log(`${String(packed).padStart(8)}            all, gzipped one by one\n${String(page).padStart(8)}` +
    '            as one minified page, gzipped');
}
