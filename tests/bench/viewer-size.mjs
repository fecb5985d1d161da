// viewer-size.mjs: all that the viewer ships: what viewer/index.html reaches (modules, workers, the reader), file by
// file, and the pages made of it. `node tests/bench/viewer-size.mjs` prints it.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { SITE } from '../../shell/bundled.mjs';
import { packed } from '../../shell/packed.mjs';
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

/** @typedef {{file: string, bytes: number, packed: number}} Shipped */

/** @param {string} path @returns {Shipped} */
function zipped(path) {
  const bytes = readFileSync(path);
  return { file: relative(ROOT, path), bytes: bytes.length, packed: gzipSync(bytes, { level: 9 }).length };
}

const sum = (/** @type {number[]} */ sizes) => sizes.reduce((a, b) => a + b, 0);

/**
 * files: the modules as they are written, which a page gets that names them and bundles nothing; packed: those
 * together. page: `goroscope export NAME.html` without a trace. site: the page that `goroscope serve` and `view` give,
 * with all that it has beside the viewer, packed as that server does.
 * @returns {Promise<{files: Shipped[], packed: number, page: number, site: number}>}
 */
export async function viewerSize() {
  const files = [...reached(join(ROOT, 'viewer/index.html'))].map(zipped).sort((a, b) => b.packed - a.packed);
  const site = readdirSync(join(ROOT, SITE), { withFileTypes: true }).filter((entry) => entry.isFile());
  const served = await Promise.all(site.map(({ name }) => packed(join(ROOT, SITE, name), '', 'br')));
  return { files, packed: sum(files.map((f) => f.packed)), page: zipped(join(ROOT, 'build/viewer.html')).packed,
    site: sum(served.map((bytes) => bytes.length)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, packed: all, page, site } = await viewerSize();
  const line = (/** @type {number} */ size, /** @type {number | string} */ bytes, /** @type {string} */ what) =>
    console.log(`${String(size).padStart(8)} ${String(bytes).padStart(9)}  ${what}`);
  for (const f of files) line(f.packed, f.bytes, f.file);
  line(all, '', 'all, gzipped one by one');
  line(page, '', 'as one minified page (goroscope export), gzipped');
  line(site, '', 'the page of goroscope serve, all of it, as it is packed there');
}
