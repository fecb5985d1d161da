// compile.mjs: a program given as address, bytes or module becomes a module.
import { builtin } from './builtin.mjs';
import { isNode } from './platform.mjs';

/**
 * A string that is no http(s), file or data address is a path: relative to the page, or to node's current folder.
 * @param {string | URL | BufferSource | WebAssembly.Module} program
 * @param {AbortSignal} signal ends the fetching. Compiling cannot be ended; nobody waits for it then
 * @returns {Promise<{module: WebAssembly.Module, name: string}>}
 */
export async function compile(program, signal) {
  const kind = kindOf(program);
  if (kind === 'WebAssembly.Module') return { module: /** @type {WebAssembly.Module} */ (program), name: 'program' };
  if (kind !== 'String' && kind !== 'URL') {
    const bytes = /** @type {BufferSource} */ (program);
    return { module: await compiled(WebAssembly.compile(bytes), 'the program'), name: 'program' };
  }
  const text = String(program);
  const said = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const name = decodeURIComponent(text.replace(/[?#].*$/, '').split('/').pop() || 'program').replace(/\.wasm$/, '');
  try {
    const isPath = isNode && !/^(https?|data|blob):/.test(text);
    const source = isPath ? await read(text, signal) : await fetched(text, signal);
    const done = source instanceof Response ? WebAssembly.compileStreaming(source) : WebAssembly.compile(source);
    return { module: await compiled(done, said), name };
  } catch (error) {
    if (signal.aborted || error instanceof NotCompiled) throw error;
    throw new Error(`cannot load ${said}: ${reasonOf(error)}`, { cause: error });
  }
}

/** What kind of thing it is, be it this frame's or another's. @param {unknown} value */
export const kindOf = (value) => Object.prototype.toString.call(value).slice('[object '.length, -1);

class NotCompiled extends Error {}

/** How browsers say that a policy does not allow it. */
const FORBIDDEN = /Content Security Policy|\bCSP\b|unsafe-eval/i;

/**
 * @param {Promise<WebAssembly.Module>} work
 * @param {string} what
 */
async function compiled(work, what) {
  try {
    return await work;
  } catch (error) {
    // compileStreaming also fails in what it fetches.
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    if (FORBIDDEN.test(error.message)) throw new NotCompiled(`${what} cannot be compiled: 'wasm-unsafe-eval' is `
      + "missing in the script-src of the page's Content-Security-Policy", { cause: error });
    throw new NotCompiled(`${what} is not WebAssembly that can be compiled here: ${error.message}`, { cause: error });
  }
}

/** @param {string} path or file address @param {AbortSignal} signal */
async function read(path, signal) {
  const { readFile } = await builtin('fs/promises');
  return readFile(/^file:/.test(path) ? new URL(path) : path, { signal });
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Response | ArrayBuffer>} a response that may be compiled while it comes
 */
async function fetched(address, signal) {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const isWasm = /^application\/wasm\b/.test(response.headers.get('content-type') ?? '');
  return isWasm ? response : response.arrayBuffer();
}

/** @param {unknown} error @returns {string} */
function reasonOf(error) {
  const { message, cause } = /** @type {{message?: string, cause?: {message?: string}}} */ (error);
  // node's fetch says only in the cause what went wrong.
  return [message, cause?.message].filter(Boolean).join(': ') || String(error);
}
