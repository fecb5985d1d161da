// Serves this folder with the two headers that shared memory needs: `node serve.mjs`, then http://localhost:8000/.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

/** @type {Record<string, string>} */
const TYPES = {
  html: 'text/html; charset=utf-8', mjs: 'text/javascript', js: 'text/javascript', wasm: 'application/wasm',
};
const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
createServer(async ({ url }, response) => {
  const path = new URL(url === '/' ? '/index.html' : `${url}`, 'http://localhost').pathname; // no .. is left in it
  const body = await readFile(`.${path}`).catch(() => null), type = TYPES[path.replace(/.*\./, '')];
  response.writeHead(body ? 200 : 404, { ...HEADERS, ...type ? { 'Content-Type': type } : {} }).end(body);
}).listen(Number(process.env.PORT ?? 8000), 'localhost');
