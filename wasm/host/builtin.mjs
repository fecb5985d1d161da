// builtin.mjs: modules of node's own, for what runs in pages too.

/**
 * @typedef {{ 'fs/promises': typeof import('node:fs/promises'), os: typeof import('node:os'),
 *   worker_threads: typeof import('node:worker_threads') }} Builtins
 */

/**
 * A name that is put together stays what it is in a bundle: none for pages stops at a module that pages have not.
 * @template {keyof Builtins} Name
 * @param {Name} name
 * @returns {Promise<Builtins[Name]>}
 */
export const builtin = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);
