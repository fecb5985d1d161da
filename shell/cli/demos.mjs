// The bundled demos: what there is, and where their files are, in a checkout and in a package.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../serve.mjs';

/**
 * @typedef {{name: string, title: string, what: string, args: string[], file: string | null,
 *   hasImage: boolean}} Demo
 */

/** @returns {Demo[]} */
export const demos = () => JSON.parse(readFileSync(join(packageRoot, 'shell/demos/demos.json'), 'utf8'));

/** @param {string} name @returns {string} its program */
export const demoProgram = (name) => join(packageRoot, 'build/demos', `${name}.wasm`);

/** @param {string} file of a Demo @returns {string} its text; packages have its beginning only (build.sh) */
export function demoText(file) {
  const whole = join(packageRoot, 'shell/demos', file);
  return existsSync(whole) ? whole : join(packageRoot, 'build/demos', file);
}
