// site.mjs: the demo page as few files, build/site: the page, its script, its style sheet, the two workers' scripts,
// the reader. `node shell/bundle/site.mjs FOLDER`, a part of build.sh. What programs there are lies beside it, in demos
// (serve.mjs, cli/site.mjs).
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { ADDRESS, root } from './inlined.mjs';

const out = process.argv[2];

/** What modules name lies beside what they become. @type {import('esbuild').Plugin} */
const beside = {
  name: 'beside',
  setup({ onLoad }) {
    onLoad({ filter: /\.mjs$/ }, async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replace(ADDRESS,
      (_, relative) => `new URL('./${basename(relative).replace(/\.mjs$/, '.js')}', import.meta.url)`) }));
  },
};

await mkdir(out, { recursive: true });
await build({
  entryPoints: ['shell/page/app.mjs', 'shell/page/style.css', 'wasm/host/program-worker.mjs',
    'viewer/trace/viewer-worker.mjs'].map((file) => join(root, file)),
  outdir: out, bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8', entryNames: '[name]',
  plugins: [beside],
});
await copyFile(join(root, 'build/reader.wasm'), join(out, 'reader.wasm'));
await copyFile(join(root, 'shell/page/icon.svg'), join(out, 'icon.svg'));
const html = await readFile(join(root, 'shell/index.html'), 'utf8');
// The script asks for the list of programs: it may come meanwhile.
const early = '  <link rel="preload" href="demos/demos.json" as="fetch" crossorigin>\n</head>';
await writeFile(join(out, 'index.html'),
  html.replaceAll('"page/', '"').replace('"app.mjs"', '"app.js"').replace('</head>', early));
