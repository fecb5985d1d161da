// editor.mjs: the playground's editor and what it is made of as one module, build/editor.mjs.
// `node shell/bundle/editor.mjs OUT`, a part of build.sh.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const licence = await readFile(new URL('../../node_modules/@codemirror/state/LICENSE', import.meta.url), 'utf8');
await build({
  entryPoints: [fileURLToPath(new URL('../playground/editor.mjs', import.meta.url))], outfile: process.argv[2],
  bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8',
  // The packages are under one licence, which wants to be handed on. What is bundled was checked before it was.
  banner: { js: `// @ts-nocheck\n/*! CodeMirror and Lezer:\n${licence.trim()}\n*/` },
});
