// The compiler is fetched once into the cache folder: whole and the right one, or not at all.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { COMPILER, fetchCompiler, installedCompiler } from '../../shell/cli/compiler.mjs';
import { ROOT } from '../lib/run.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-fetch-'));
process.env.XDG_CACHE_HOME = scratch;

/** A package as npm packs it. @param {Record<string, string>} files */
function packed(files) {
  const entries = Object.entries(files).map(([name, text]) => {
    const body = Buffer.from(text), head = Buffer.alloc(512), rest = Buffer.alloc(-body.length & 511);
    head.write(name);
    head.write(body.length.toString(8).padStart(11, '0'), 124);
    head.write('0', 156);
    return Buffer.concat([head, body, rest]);
  });
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

const files = {
  'package/package.json': '{"version": "1.2.3"}', 'package/gen/bundle.js': 'export const runLLVM = 1;\n'.repeat(50),
  'package/../../outside.txt': 'must not be written', 'package/empty': '',
  'package/gen/llvm.wasm': randomBytes(3000).toString('hex'),
};
const archive = packed(files);
const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
const what = { name: '@x/clang', version: '1.2.3', integrity };

/** What the server does with a request. @type {(response: import('node:http').ServerResponse) => void} */
let answer = (response) => void response.end(archive);
/** @type {string[]} */
const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answer(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
process.env.npm_config_registry = `http://127.0.0.1:${port}/`;
after(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

const folder = join(scratch, 'goroscope');
const quiet = () => {};
const INSTALL = /npm install @x\/clang@1\.2\.3 installs it, --cc names a clang/;

test('without a network one sentence says what to install', async () => {
  answer = (response) => response.destroy();
  await assert.rejects(fetchCompiler(quiet, what), INSTALL);
  answer = (response) => response.writeHead(503).end();
  await assert.rejects(fetchCompiler(quiet, what), /\(status 503\)/);
  const before = process.env.npm_config_registry;
  process.env.npm_config_registry = 'http://127.0.0.1:1';
  await assert.rejects(fetchCompiler(quiet, what), INSTALL);
  process.env.npm_config_registry = before;
  assert.equal(existsSync(folder), false);
});

test('half of it, or another package, is not unpacked', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 300));
    setTimeout(() => response.destroy(), 20);
  };
  await assert.rejects(fetchCompiler(quiet, what), INSTALL);
  answer = (response) => response.end(archive.subarray(0, 300));
  await assert.rejects(fetchCompiler(quiet, what), /is not @x\/clang 1\.2\.3: its hash is another one/);
  assert.equal(existsSync(folder), false);
});

test('what is fetched is unpacked whole, two at once do not mind, and it tells how far it is', async () => {
  answer = (response) => response.writeHead(200, { 'content-length': archive.length }).end(archive);
  /** @type {string[]} */
  const notes = [];
  const [a, b] = await Promise.all([fetchCompiler((text) => notes.push(text), what), fetchCompiler(quiet, what)]);
  assert.equal(a, b);
  assert.equal(readFileSync(a, 'utf8'), files['package/gen/bundle.js']);
  assert.deepEqual(readdirSync(folder), ['clang-1.2.3']);
  assert.deepEqual(readdirSync(join(folder, 'clang-1.2.3')).sort(), ['empty', 'gen', 'package.json']);
  assert.equal(existsSync(join(scratch, 'outside.txt')), false);
  assert.match(notes[0], /^fetching the compiler, once: 0 of 1 MB$/);
  assert.equal(asked.at(-1), '/@x/clang/-/clang-1.2.3.tgz');
});

test('the version of package.json is the one that is fetched, and the one that is used', () => {
  const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(own.peerDependencies[COMPILER.name], COMPILER.version);
  assert.equal(own.devDependencies[COMPILER.name], COMPILER.version);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  assert.equal(lock.packages[`node_modules/${COMPILER.name}`].integrity, COMPILER.integrity);
  assert.match(installedCompiler() ?? '', /gen[\\/]bundle\.js$/);
});
