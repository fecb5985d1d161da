// The development server: the headers the page needs, the right types, fresh files, and nothing from outside its
// folders.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { SITE, isBundled } from '../../shell/bundled.mjs';
import { packageRoot, serve } from '../../shell/serve.mjs';

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Awaited<ReturnType<typeof serve>>} */
let bare;
/** @type {string} */
let scratch;

before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'goroscope-serve-'));
  await writeFile(join(scratch, 'a.trace'), 'go 1.23 trace\0\0\0');
  server = await serve({ port: 0, files: { '/file/a.trace': join(scratch, 'a.trace') } });
  bare = await serve({ port: 0, isolated: false });
});

after(async () => {
  await server.close();
  await bare.close();
  await rm(scratch, { recursive: true });
});

/**
 * A request whose path is sent as it stands (fetch would tidy it up).
 * @param {number} port @param {string} path @param {{method?: string, headers?: Record<string, string>}} [options]
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, bytes: Buffer, body: string}>}
 */
function get(port, path, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers }, (res) => {
      /** @type {Buffer[]} */ const pieces = [];
      res.on('data', (piece) => pieces.push(piece)).on('end', () => {
        const bytes = Buffer.concat(pieces);
        resolve({ status: res.statusCode ?? 0, headers: res.headers, bytes, body: bytes.toString() });
      });
    });
    req.on('error', reject).end();
  });
}

test('the page and its parts come with the headers for SharedArrayBuffer and with their types', async () => {
  for (const [path, type] of [
    ['/shell/', 'text/html; charset=utf-8'], ['/shell/page/app.mjs', 'text/javascript; charset=utf-8'],
    ['/shell/page/style.css', 'text/css; charset=utf-8'],
    ['/shell/demos/demos.json', 'application/json; charset=utf-8'],
    ['/shell/demos/sieve.c', 'text/plain; charset=utf-8'],
    ['/viewer/app/element.mjs', 'text/javascript; charset=utf-8'],
  ]) {
    const { status, headers } = await get(server.port, path);
    assert.equal(status, 200, path);
    assert.equal(headers['content-type'], type, path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
  }
});

test('a bundled page older than its sources is not used in a checkout; in a package times say nothing', async () => {
  const root = join(scratch, 'package'), page = join(root, SITE, 'index.html');
  for (const folder of ['page', 'playground', 'bundle']) await mkdir(join(root, 'shell', folder), { recursive: true });
  for (const folder of ['app', 'trace', 'view']) await mkdir(join(root, 'viewer', folder), { recursive: true });
  for (const folder of ['wasm/host', SITE]) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'shell/index.html'), 'page');
  await writeFile(join(root, 'shell/page/app.mjs'), 'script');
  assert.equal(isBundled(root), false, 'there is none');
  await writeFile(page, 'bundled');
  await utimes(page, 1000, 1000);
  assert.equal(isBundled(root), true, 'a package');
  await mkdir(join(root, '.git'));
  assert.equal(isBundled(root), false, 'a checkout, and older');
  await utimes(page, 4e9, 4e9);
  assert.equal(isBundled(root), true, 'a checkout, and newer');
});

test('without isolation the two headers are missing', async () => {
  const { status, headers } = await get(bare.port, '/shell/');
  assert.equal(status, 200);
  assert.equal(headers['cross-origin-opener-policy'], undefined);
  assert.equal(headers['cross-origin-embedder-policy'], undefined);
});

test('the root leads to the page and keeps what the address says', async () => {
  const { status, headers } = await get(server.port, '/?demo=sieve&run=1');
  assert.equal(status, 302);
  assert.equal(headers.location, '/shell/?demo=sieve&run=1');
});

test('nothing outside the served folders, no hidden file, no other kind of file', async () => {
  for (const path of [
    '/package.json', '/../package.json', '/shell/../package.json', '/shell/%2e%2e/package.json',
    '/shell/..%2fpackage.json', '/shell/%2e%2e%5cpackage.json', '//etc/passwd', '/shell//index.html', '/.git/config',
    '/shell/.hidden.html', '/build/../build.sh', '/build/obj/x.o', '/wasm/port/switch.c',
    '/runtime/core/proc.c', '/tests/run.mjs', '/shell/page%00.css', '/shell/page',
    '/constructor', '/__proto__/x.html', '/file/b.trace', '/file/../a.trace',
  ]) {
    const { status, body } = await get(server.port, path);
    assert.equal(status, 404, path);
    assert.match(body, /^nothing to hand out at /);
  }
  assert.equal((await get(server.port, '/%zz')).status, 400);
  assert.equal((await get(server.port, '/shell/', { method: 'POST' })).status, 405);
});

test('a file named to the server is handed out', async () => {
  const { status, body, headers } = await get(server.port, '/file/a.trace');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/octet-stream');
  assert.equal(body, 'go 1.23 trace\0\0\0');
});

test('what can be packed is, as the browser takes it; each form has its own ETag', async () => {
  const path = '/viewer/app/element.mjs', unpack = { br: brotliDecompressSync, gzip: gunzipSync };
  const as = (/** @type {string} */ accepted, more = {}) =>
    get(server.port, path, { headers: { 'Accept-Encoding': accepted, ...more } });
  const plain = await as('identity');
  assert.equal(plain.headers['content-encoding'], undefined);
  for (const [accepted, encoding] of /** @type {const} */ ([['gzip, deflate, br', 'br'], ['br;q=0, gzip', 'gzip']])) {
    const { headers, bytes } = await as(accepted);
    assert.equal(headers['content-encoding'], encoding);
    assert.equal(headers.vary, 'Accept-Encoding');
    assert.notEqual(headers.etag, plain.headers.etag);
    assert.equal(Number(headers['content-length']), bytes.length);
    assert.equal(unpack[encoding](bytes).toString(), plain.body);
    const etag = String(headers.etag);
    assert.equal((await as(accepted, { 'If-None-Match': etag })).status, 304);
    assert.equal((await as('identity', { 'If-None-Match': etag })).status, 200, 'that is another form');
  }
  const trace = await get(server.port, '/file/a.trace', { headers: { 'Accept-Encoding': 'br' } });
  assert.equal(trace.headers['content-encoding'], undefined, 'a trace may be of any size');
});

test('an unchanged file is not sent again, a changed one is', async () => {
  const first = await get(server.port, '/file/a.trace');
  const etag = /** @type {string} */ (first.headers.etag);
  assert.equal(first.headers['cache-control'], 'no-cache');
  assert.equal((await get(server.port, '/file/a.trace', { headers: { 'If-None-Match': etag } })).status, 304);
  await writeFile(join(scratch, 'a.trace'), 'go 1.23 trace\0\0\0 and more');
  const again = await get(server.port, '/file/a.trace', { headers: { 'If-None-Match': etag } });
  assert.equal(again.status, 200);
  assert.match(again.body, / and more$/);
  const head = await get(server.port, '/file/a.trace', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '25']);
});

test('a port in use is refused in one sentence', async () => {
  await assert.rejects(serve({ port: server.port }),
    new RegExp(`^Error: port ${server.port} is in use; choose another with --port N$`));
});

test('goroscope serve hands out what a page needs to build programs', async () => {
  const child = spawn(process.execPath, [join(packageRoot, 'shell/cli.mjs'), 'serve', '--port', '0'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = await once(child.stdout, 'data');
    const port = Number(/:(\d+)\//.exec(String(said))?.[1]);
    const paths = ['/node_modules/@yowasp/clang/gen/llvm.core.wasm', '/node_modules/@yowasp/clang/gen/bundle.js',
      '/node_modules/binaryen/index.js', '/build/kit/threads/manifest.json', '/build/kit/headers-c.gz',
      '/runtime/include/goroscope.h', '/shell/playground/compiler.mjs'];
    const types = await Promise.all(paths.map(async (path) =>
      (await get(port, path, { method: 'HEAD' })).headers['content-type']?.replace(/;.*/, '')));
    assert.deepEqual(types, ['application/wasm', 'text/javascript', 'text/javascript', 'application/json',
      'application/octet-stream', 'text/plain', 'text/javascript']);
    assert.equal((await get(port, '/node_modules/typescript/package.json')).status, 404);
  } finally {
    child.kill();
  }
});
