// bundle.mjs: the viewer as one HTML file without a trace, build/viewer.html; `goroscope export NAME.html` puts
// one in (cli/one-file.mjs). `node shell/bundle.mjs OUT`, a part of build.sh.
//
// A page from file:// may load no module and start no worker from a file. So modules become one (esbuild), and a
// `new URL('./x', import.meta.url)` in them becomes what it names: a worker's modules as a blob, a .wasm as a
// data: URL.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const viewer = fileURLToPath(new URL('../viewer', import.meta.url));

/** Where the trace's elements come. */
const MARK = '<!-- the trace -->';

/** What the page may do: run what is in it, and nothing that reaches the network. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; " +
  "style-src 'unsafe-inline'; connect-src data: blob:; img-src data: blob:";

/** The reader is in the page once: this is its address there, and each worker is told it. */
const READER = 'globalThis.goroscopeReader';

/** @param {string} file @returns {Promise<string>} an expression whose value is an address of it */
async function inlined(file) {
  if (extname(file) === '.wasm') return READER;
  const code = await bundled({ entryPoints: [file], format: 'iife',
    logOverride: { 'empty-import-meta': 'silent' } });
  const told = `${JSON.stringify(`${READER}=`)}, JSON.stringify(${READER}), ";"`;
  return `URL.createObjectURL(new Blob([${told}, ${JSON.stringify(code)}], {type: 'text/javascript'}))`;
}

/** @returns {Promise<string>} a statement: the address of reader.wasm */
async function reader() {
  const bytes = await readFile(join(viewer, '../build/reader.wasm'));
  return `${READER}="data:application/wasm;base64,${bytes.toString('base64')}";`;
}

/** @type {import('esbuild').Plugin} */
const addresses = {
  name: 'addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.mjs$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const [text, relative] of contents.matchAll(/new URL\('(\.[^']*\.(?:mjs|wasm))', import\.meta\.url\)/g))
        contents = contents.replace(text, await inlined(join(dirname(path), relative)));
      // From file:// Chromium starts no module worker from a blob.
      return { contents: contents.replaceAll("type: 'module'", "type: 'classic'") };
    });
  },
};

/** @param {import('esbuild').BuildOptions} what @returns {Promise<string>} one module */
async function bundled(what) {
  const { outputFiles } = await build({ format: 'esm', ...what, bundle: true, minify: true, write: false,
    target: 'es2022', charset: 'utf8', external: ['node:*'], plugins: [addresses] });
  return /** @type {import('esbuild').OutputFile[]} */ (outputFiles)[0].text;
}

/** @returns {Promise<string>} */
async function page() {
  const html = await readFile(join(viewer, 'index.html'), 'utf8');
  const [script, module] = /<script type="module" src="([^"]+)"><\/script>/.exec(html) ?? [];
  const [link, sheet] = /<link rel="stylesheet" href="([^"]+)" \/>/.exec(html) ?? [];
  if (!script || !link) throw new Error('viewer/index.html has no module script or no style sheet');
  const style = (await readFile(join(viewer, sheet), 'utf8')).trim();
  const all =
    `import { openEmbedded } from './app/embedded.mjs';\nimport './${module}';\nvoid openEmbedded(document);\n`;
  // What would end or open a script's text as HTML reads it stands in strings and patterns only.
  const stdin = { contents: all, resolveDir: viewer, sourcefile: 'index.html' };
  const safe = (await bundled({ stdin, banner: { js: await reader() } }))
    .replaceAll('<!--', '<\\!--').replaceAll('</script', '<\\/script');
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
  return html.replace(script, () => `${MARK}\n    <script type="module">${safe}</script>`)
    .replace(link, () => `<style>${style}</style>`)
    .replace('<meta charset="utf-8" />', (m) => `${m}\n    ${policy}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await writeFile(process.argv[2], await page());
