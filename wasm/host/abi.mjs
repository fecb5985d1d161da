// abi.mjs: what the program and the loader share in linear memory: its layout (format.mjs) and what follows from
// it. The host block and the trace region carry a magic number and a version that are checked here.
import { HOST, LIMITS } from './format.mjs';

export * from './format.mjs';

export const PAGE = 65536;
/** Bytes of a program's memory: build.sh links with the same numbers. */
export const { MEMORY_INITIAL } = LIMITS;
export const MEMORY_MAXIMUM = 2 ** 32;

export const LARGEST_RING = LIMITS.RING_MOST;
/**
 * Bytes that the ring must have at least; rt_smallest_ring in runtime/trace/ring.c.
 * @param {number} procs @param {boolean} [flight] @returns {number}
 */
export const smallestRing = (procs, flight = false) =>
  Math.max(LIMITS.RING_LEAST, 2 ** Math.ceil(Math.log2(2048 * (procs + 8)))) * (flight ? 2 : 1);

/** @typedef {{ readonly buffer: ArrayBufferLike }} MemoryLike a WebAssembly.Memory, or anything with its buffer */

/**
 * Fails unless `ptr` is the address of a host block this loader understands.
 * @param {MemoryLike} memory
 * @param {number} ptr
 */
export function checkHostBlock(memory, ptr) {
  const view = new DataView(memory.buffer, ptr, HOST.threads);
  if (view.getUint32(HOST.magic, true) !== HOST.MAGIC)
    throw new Error('the program was not linked with wasm/port/emscripten.c: no host block');
  const abi = view.getUint32(HOST.abi, true);
  if (abi !== HOST.ABI) throw new Error(
    `the program was built for version ${abi} of the loader's interface, this loader has ${HOST.ABI}; build it again`);
}
