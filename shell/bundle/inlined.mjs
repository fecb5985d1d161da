// inlined.mjs: modules made one by esbuild, with the workers that they start and the reader in it too.
//
// `new URL('./x', import.meta.url)` in a module becomes what it names: a worker's modules as a blob, made once, and
// reader.wasm as a data: address, which is in the result once and which each worker is told. Keep to that spelling.
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Under this name a worker finds the reader's address. */
const READER = 'globalThis.goroscopeReader';

/** What a module names, by the two spellings: for pages, and for node's workers (wasm/host/threads.mjs). */
export const ADDRESS = /new URL\('(\.[^']*\.(?:mjs|wasm))', import\.meta\.url\)/g;
const NODE_ADDRESS = /import\.meta\.url\.replace\(\/\[\^\/\]\*\$\/, '([\w-]+\.mjs)'\)/g;

/** A line of a module: the reader's address by this name. @param {string} name */
const readerAs = (name) => ['import { reader as', name, "} from 'goroscope:reader';"].join(' ');

/** @param {string} file a worker's module @returns {Promise<string>} its code, all in one classic script */
const scriptOf = (file) => bundled({ entryPoints: [file], format: 'iife',
  logOverride: { 'empty-import-meta': 'silent' } }, [file]);

/** @param {string} name of the function @param {string} code @returns {string} makes the blob once */
const blobOf = (name, code) => `
${readerAs(`readerOf${name}`)}
function ${name}() {
  return ${name}.url ??= URL.createObjectURL(new Blob(
    [${JSON.stringify(`${READER}=`)}, JSON.stringify(readerOf${name}), ";", ${JSON.stringify(code)}],
    { type: 'text/javascript' }));
}`;

/** @param {string[]} within workers that this is a part of: one that starts itself would have no end */
const addresses = (within) => /** @type {import('esbuild').Plugin} */ ({
  name: 'addresses',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^goroscope:reader$/ }, ({ path }) => ({ path, namespace: 'reader' }));
    onLoad({ filter: /./, namespace: 'reader' }, async () => ({ contents: `export const reader = ${
      within.length > 0 ? READER : JSON.stringify(await readerAddress())};` }));
    onLoad({ filter: /\.mjs$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8'), n = 0;
      const spelt = [...contents.matchAll(ADDRESS), ...contents.matchAll(NODE_ADDRESS)];
      for (const [text, relative] of spelt) {
        const file = join(dirname(path), relative);
        if (within.includes(file)) throw new Error(`${path} would be in itself: a worker names its own file`);
        if (extname(file) === '.wasm') {
          contents = `${readerAs('readerHeld')}\n${contents.replace(text, 'readerHeld')}`;
        } else if (text.startsWith('new URL')) {
          const name = `inlined${n++}`;
          contents = contents.replace(text, `${name}()`) + blobOf(name, await scriptOf(file));
        } else {
          const code = Buffer.from(await scriptOf(file)).toString('base64');
          contents = contents.replace(text, JSON.stringify(`data:text/javascript;base64,${code}`));
        }
      }
      // From file:// Chromium starts no module worker from a blob.
      return { contents: contents.replaceAll("type: 'module'", "type: 'classic'") };
    });
  },
});

/** @returns {Promise<string>} */
async function readerAddress() {
  const bytes = await readFile(join(root, 'build/reader.wasm'));
  return `data:application/wasm;base64,${bytes.toString('base64')}`;
}

/** @param {import('esbuild').BuildOptions} what @param {string[]} [within] @returns {Promise<string>} one script */
export async function bundled(what, within = []) {
  const { outputFiles } = await build({ format: 'esm', ...what, bundle: true, minify: true, write: false,
    target: 'es2022', charset: 'utf8', plugins: [addresses(within)] });
  return /** @type {import('esbuild').OutputFile[]} */ (outputFiles)[0].text;
}
