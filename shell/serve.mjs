// The development server: hands the page's files out with the headers that make SharedArrayBuffer available.
//
// Static files only, from five folders of the package, never from anywhere else. Every answer is revalidated (ETag from
// size and time), so a rebuilt program is never an old one from the cache. The demo page is the bundled one, in few
// files, unless its modules are newer (bundled.mjs).
import { createReadStream, promises as fs } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SITE, isBundled } from './bundled.mjs';
import { encodingFor, isWorthPacking, packed } from './packed.mjs';

/** The package's root: what the server's addresses are relative to. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

/** This machine only; an address browsers count as secure, which SharedArrayBuffer asks for too. */
const HOST = '127.0.0.1';
const FIRST_PORT = 8080;
const PORTS_TO_TRY = 50;

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.c': 'text/plain; charset=utf-8',
  '.h': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/**
 * What each folder may hand out; a folder that is not here does not exist for the server.
 * @type {Record<string, string[]>}
 */
const FOLDERS = {
  shell: Object.keys(TYPES),
  viewer: Object.keys(TYPES),
  wasm: ['.mjs', '.js', '.json'],
  build: ['.wasm', '.gz', '.json', '.mjs', '.html'],
  runtime: ['.h'],
};

/** Without these two (on the page and on its workers) a browser gives no SharedArrayBuffer. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * @typedef {object} ServeOptions
 * @property {number} [port]                   exactly this one (0: any free one); without it 8080 or the next free one
 * @property {boolean} [isolated]              send COOP and COEP; default true
 * @property {Record<string, string>} [files]  more files to hand out: address path ('/file/x.trace') -> path on disk
 */

/** Finds the file an address path means: its path on disk, or null when there is none to hand out.
 * @param {string} pathname decoded @param {Record<string, string>} extra @returns {Promise<string | null>} */
async function locate(pathname, extra) {
  if (Object.hasOwn(extra, pathname)) return extra[pathname];
  const parts = pathname.slice(1).split('/');
  if (parts[parts.length - 1] === '') parts[parts.length - 1] = 'index.html';
  // No '..', no hidden files, no separators or NULs that came in encoded.
  if (parts.some((p) => p === '' || p.startsWith('.') || /[\\/\0]/.test(p))) return null;
  if (!Object.hasOwn(FOLDERS, parts[0]) || !FOLDERS[parts[0]].includes(extname(pathname) || '.html')) return null;
  const own = join(packageRoot, ...parts), file = parts[1];
  // The bundled page's files lie beside each other; none but index.html is called as one of shell.
  const site = parts[0] === 'shell' && parts.length === 2 && (file !== 'index.html' || isBundled(packageRoot))
    ? [join(packageRoot, SITE, file)] : [];
  // Of a text a package has the beginning only.
  const text = pathname.startsWith('/shell/demos/') ? [join(packageRoot, 'build', ...parts.slice(1))] : [];
  for (const path of [...site, own, ...text]) {
    const real = await fs.realpath(path).catch(() => null);
    // A symbolic link must not lead out of the package either.
    if (real?.startsWith((await fs.realpath(packageRoot)) + sep)) return real;
  }
  return null;
}

/**
 * @param {import('node:http').ServerResponse} res @param {number} status @param {string} text
 * @param {object} headers
 */
function say(res, status, text, headers) {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers });
  res.end(`${text}\n`);
}

/**
 * @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res
 * @param {Required<Pick<ServeOptions, 'isolated' | 'files'>>} options
 */
async function answer(req, res, options) {
  const headers = {
    ...(options.isolated ? ISOLATION : {}),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  };
  if (req.method !== 'GET' && req.method !== 'HEAD')
    return say(res, 405, 'only GET and HEAD', { ...headers, Allow: 'GET, HEAD' });

  // Not new URL(): it would resolve '..' before anybody saw it.
  const [rawPath, query] = (req.url ?? '/').split(/\?(.*)/s, 2);
  let pathname;
  try {
    pathname = decodeURIComponent(rawPath);
  } catch {
    return say(res, 400, 'the address is not valid', headers);
  }
  if (pathname === '/') {
    return say(res, 302, 'the page is at /shell/', { ...headers, Location: `/shell/${query ? `?${query}` : ''}` });
  }

  const path = await locate(pathname, options.files);
  const stat = path ? await fs.stat(path).catch(() => null) : null;
  if (!path || !stat?.isFile()) {
    const hint = pathname.startsWith('/build/') ? ' (in a checkout bash build.sh makes it)' : '';
    return say(res, 404, `nothing to hand out at ${pathname}${hint}`, headers);
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream', isPackable = isWorthPacking(type, stat.size);
  const encoding = isPackable ? encodingFor(String(req.headers['accept-encoding'] ?? '')) : undefined;
  const version = `${stat.size.toString(36)}-${stat.mtimeMs.toString(36)}`;
  const etag = encoding ? `"${version}-${encoding}"` : `"${version}"`; // other bytes have another one
  const caching = { ...headers, 'Cache-Control': 'no-cache', ETag: etag,
    ...isPackable ? { Vary: 'Accept-Encoding' } : {} };
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304, caching);
    res.end();
    return;
  }
  const bytes = encoding ? await packed(path, version, encoding) : null;
  res.writeHead(200, { ...caching, 'Content-Type': type, 'Content-Length': bytes?.length ?? stat.size,
    ...encoding ? { 'Content-Encoding': encoding } : {} });
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  if (bytes) return res.end(bytes);
  createReadStream(path).on('error', () => res.destroy()).pipe(res);
}

/** @param {import('node:http').Server} server @param {number} port @returns {Promise<number>} the port it got */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
    });
  });
}

/**
 * Starts the server on this machine's own address.
 * @param {ServeOptions} [options]
 * @returns {Promise<{url: string, port: number, server: import('node:http').Server, close: () => Promise<void>}>}
 */
export async function serve(options = {}) {
  const settled = { isolated: options.isolated ?? true, files: options.files ?? {} };
  const server = createServer((req, res) => {
    answer(req, res, settled).catch(() => res.destroy());
  });
  const fixed = options.port !== undefined;
  for (let port = options.port ?? FIRST_PORT; ; port++) {
    try {
      const got = await listen(server, port);
      const close = () => /** @type {Promise<void>} */ (new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }));
      return { url: `http://${HOST}:${got}/`, port: got, server, close };
    } catch (e) {
      const code = /** @type {NodeJS.ErrnoException} */ (e).code;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw e;
      if (fixed) throw new Error(
        `port ${port} is ${code === 'EACCES' ? 'not allowed to this user' : 'in use'}; choose another with --port N`);
      if (port - FIRST_PORT >= PORTS_TO_TRY)
        throw new Error(`no free port from ${FIRST_PORT} to ${port}; choose one with --port N`);
    }
  }
}
