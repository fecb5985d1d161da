// abi.mjs: the layout of what the program and the loader share in linear memory. Mirrors wasm/port/host.h (the host block) and
// runtime/trace/ring.h (the trace region); both carry a magic number and a version that are checked here.

export const PAGE = 65536;
/** Size of a program's memory: build.sh links with the same numbers. */
export const MEMORY_INITIAL = 64 << 20;
export const MEMORY_MAXIMUM = 4 * 1024 * 1024 * 1024;

/** The host block: byte offsets; see HostBlock in host.h. */
export const HOST = {
  MAGIC: 0x4f485247, ABI: 2,
  magic: 0, abi: 4, out: 8, outBytes: 12, outWrite: 16, outRead: 20, outTold: 24, image: 28, nthreads: 32, pool: 36,
  in: 40, inBytes: 44, inWrite: 48, inRead: 52, inWaiting: 56, wake: 60,
  threads: 64, THREAD_BYTES: 32, THREADS: 1024,
};

/** What a program asks its host for; see PortRequest in runtime/base/port.h. */
export const ASK = { AWAIT: 1, FETCH: 2, OPEN: 3, READ: 4, WRITE: 5, CLOSE: 6, SHUT: 7, REPLY: 8 };

/** What host_strings gives; see HostStrings in wasm/port/host.h. */
export const STRINGS = { ENV: 0, FILES: 1 };

/** What it is answered; see PortAnswer in runtime/base/port.h. */
export const ANSWER = { OK: 1, END: 2, ERROR: 3, CALL: 4, DEBUG_CALL: 5 };

/** Ids of the host's own calls into the program begin here. */
export const HOST_CALLS = 0x80000000;

/** What gr_boot is given: 32-bit words in this order; see HostConfig in host.h. */
export const CONFIG_WORDS = ['procs', 'sim', 'virtualClock', 'seedLo', 'seedHi', 'stackBytes', 'ringBytes', 'argc', 'argv', 'debug'];

/** The trace region: byte offsets. */
export const REGION = {
  MAGIC: 0x52545247, ABI: 1,
  magic: 0, abi: 4, capacity: 8, mode: 12, writePos: 16, readPos: 24, lost: 32, generation: 40, state: 44, wake: 48, data: 64,
};

/** Bytes that the ring must have at least; rt_smallest_ring in runtime/trace/ring.c. @param {number} procs @returns {number} */
export const smallestRing = (procs) => Math.max(65536, 2 ** Math.ceil(Math.log2(2048 * (procs + 8))));
export const LARGEST_RING = 2 ** 30;
/** The program's files: what gr_files gives, and byte offsets in an entry; see RtFile in wasm/libc/files.h. */
export const FILES = {
  MAGIC: 0x53465247, VERSION: 1,
  first: 8, listed: 12,
  next: 0, name: 4, data: 8, size: 12, mode: 16, hostName: 20,
};

/** @typedef {{ readonly buffer: ArrayBufferLike }} MemoryLike a WebAssembly.Memory, or anything with its buffer */

/**
 * Fails unless `ptr` is the address of a host block this loader understands.
 * @param {MemoryLike} memory
 * @param {number} ptr
 */
export function checkHostBlock(memory, ptr) {
  const view = new DataView(memory.buffer, ptr, HOST.threads);
  if (view.getUint32(HOST.magic, true) !== HOST.MAGIC) throw new Error('the program was not linked with wasm/port/emscripten.c: no host block');
  const abi = view.getUint32(HOST.abi, true);
  if (abi !== HOST.ABI) throw new Error(`the program was built for version ${abi} of the loader's interface, this loader has ${HOST.ABI}; build it again`);
}
