// Why a part of what builds cannot be had: each way in a sentence that goes on behind its address, with what to do.

/** The compiler's package, and the release that this one is tested with. */
export const CLANG = { name: '@yowasp/clang', version: '22.0.0-git20542-10' };

/** Whose file it is, which says how it comes to a server where it is not. */
export const OWNERS = {
  clang: `it is the package ${CLANG.name}, which belongs beside goroscope: npm install ${CLANG.name}@${CLANG.version}`,
  binaryen: 'it is the package binaryen, which npm installs with goroscope',
  goroscope: 'it is a file of the package goroscope, of which the server needs all',
};

export const DAMAGED = 'it came cut off or damaged; the next try fetches it again';
const SILENT = 'the server did not answer, or does not allow this page';
const PAGE = 'the server answered with a web page instead, as it may where one has to log in first';

/** How browsers say that a policy does not allow it. */
const FORBIDDEN = /Content Security Policy|\bCSP\b|unsafe-eval/i;

/** Types of which browsers take modules. */
const SCRIPT = /^(text|application)\/(x-)?(java|ecma)script\b/i;

/** Of the smallest module: its name and version. */
const SMALLEST = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A file that cannot be had; its message goes on behind the address. */
export class FileError extends Error {
  /** @param {string} url @param {string} why @param {boolean} [isAbsent] the server says that it has none */
  constructor(url, why, isAbsent = false) {
    super(why);
    this.url = url;
    this.isAbsent = isAbsent;
  }
}

/** @param {string} url @returns {FileError} nothing came */
export const silent = (url) => new FileError(url, SILENT);

/**
 * @param {string} url
 * @param {Response} response
 * @returns {FileError | null} null: it is a file that may be used
 */
export function unusable(url, response) {
  const { status, ok, headers } = response, type = headers.get('Content-Type') ?? '';
  if (status === 404 || status === 410) return new FileError(url, 'it is not there', true);
  if (!ok) return new FileError(url, `the server answered ${status}`);
  return /^text\/html\b/i.test(type) ? new FileError(url, PAGE) : null;
}

/**
 * The same for what browsers take only by its type.
 * @param {string} url @param {Response} response @param {RegExp} wanted @param {string} name of that type
 */
export function mistyped(url, response, wanted, name) {
  const type = response.headers.get('Content-Type') ?? '';
  return wanted.test(type) ? null
    : new FileError(url, `the server calls it ${type || 'nothing'}, and it must be ${name}`);
}

/**
 * A module that was not loaded: browsers do not say why, so the server is asked.
 * @param {string} url @param {unknown} error of import() @param {typeof fetch} ask
 * @returns {Promise<FileError>}
 */
export async function unimported(url, error, ask) {
  const response = await ask.call(globalThis, url).catch(() => null);
  void response?.body?.cancel().catch(() => {});
  if (!response) return silent(url);
  const isCut = error instanceof SyntaxError;
  const wrong = unusable(url, response) ?? mistyped(url, response, SCRIPT, 'text/javascript');
  return wrong ?? new FileError(url, isCut ? DAMAGED
    : "it came cut off or damaged, or the script-src of the page's Content-Security-Policy does not allow it");
}

/** @param {string} what @param {string} owner one of OWNERS @param {FileError} error @returns {string} */
export const sentence = (what, owner, { url, message, isAbsent }) =>
  `${what} cannot be loaded from ${url}: ${message}${isAbsent ? `; ${owner}` : ''}`;

/** @returns {Promise<string>} why nothing can be compiled to WebAssembly's code here; '': it can be */
export async function forbidden() {
  try {
    await WebAssembly.compile(SMALLEST);
    return '';
  } catch (error) {
    if (!FORBIDDEN.test(String(error))) return `it is WebAssembly, which cannot be compiled here: ${error}`;
    return 'the Content-Security-Policy that the page, or goroscope\'s modules, came with forbids the compiler, which '
      + "is WebAssembly: 'wasm-unsafe-eval' is missing in its script-src";
  }
}
