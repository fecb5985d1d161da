// memory.mjs: the memory of a program: shared by all its workers, or one worker's own; and its files in memory that
// workers share.
import { MEMORY_INITIAL, PAGE } from './abi.mjs';
import { isShareable } from './platform.mjs';

/** @param {number} maximum bytes @returns {WebAssembly.MemoryDescriptor} */
const limits = (maximum) => ({ initial: MEMORY_INITIAL / PAGE, maximum: Math.floor(maximum / PAGE), shared: true });

/**
 * Memory that this thread and all workers see.
 * @param {number} maximum bytes
 */
export function sharedMemory(maximum) {
  try {
    return new WebAssembly.Memory(limits(maximum));
  } catch (error) {
    throw new Error(`there is no room for a program that may use ${maximum} bytes: ` +
      'a smaller maxMemory may do, or fewer programs at a time', { cause: error });
  }
}

/**
 * Memory of one worker's own: it need not be visible to others, only `shared` for the engine, since programs use
 * atomics.
 * @param {number} maximum bytes
 */
export function privateMemory(maximum) {
  try {
    return new WebAssembly.Memory(limits(maximum));
  } catch {
    throw new Error('this browser allows WebAssembly memory with atomics only in isolated pages: serve the page with ' +
      'the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp');
  }
}

/**
 * The files in memory that all workers see, where there is such memory; texts as UTF-8.
 * @param {{[name: string]: string | Uint8Array}} files
 * @returns {{[name: string]: Uint8Array}}
 */
export function shareFiles(files) {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    if (!isShareable || !(bytes.buffer instanceof ArrayBuffer)) return [name, bytes];
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return [name, shared];
  }));
}
