// bundled.mjs: the demo page as build.sh bundles it (bundle/site.mjs), and whether it is what its sources say.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Its folder, and those of its sources, from the package's root: as build.sh has them in bundles(). */
export const SITE = 'build/site';
const SOURCES = ['shell/page', 'shell/playground', 'viewer/app', 'viewer/trace', 'viewer/view', 'wasm/host',
  'shell/bundle'];

/** @param {string} folder @returns {number} when a file below it was last written */
const newest = (folder) => readdirSync(folder, { withFileTypes: true }).reduce((last, entry) => {
  const path = join(folder, entry.name);
  return Math.max(last, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
}, 0);

/**
 * Whether the bundled page is there and what its sources say. Who edits a module in a checkout gets the modules until
 * the next build. A package's page is always right: when npm wrote its files says nothing.
 * @param {string} root of the package
 */
export function isBundled(root) {
  const page = statSync(join(root, SITE, 'index.html'), { throwIfNoEntry: false });
  if (!page) return false;
  if (!existsSync(join(root, '.git'))) return true;
  const sources = [...SOURCES.map((folder) => newest(join(root, folder))),
    statSync(join(root, 'shell/index.html')).mtimeMs];
  return Math.max(...sources) <= page.mtimeMs;
}
