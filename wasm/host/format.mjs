// format.mjs: numbers and layouts that the program and the loader share. Made from
// runtime/format: `npm run format`.

/** Limits; see runtime/format/limits.h. */
export const LIMITS = {
  MAX_PROCS: 256, HOST_THREADS: 1024, DEFAULT_STACK_MAX: 1048576, STACK_MAX_LEAST: 1024, STACK_MAX_MOST: 1073741824,
  DEFAULT_RING: 16777216, RING_LEAST: 65536, RING_MOST: 1073741824, FLIGHT_MS_MOST: 86400000,
  MEMORY_INITIAL: 67108864, NULL_PAGE: 1024, NULL_BYTE: 254, MAX_NAME: 200,
};

/** The host block: byte offsets; see HostBlock in runtime/format/host_block.h. */
export const HOST = {
  MAGIC: 0x4f485247, ABI: 6,
  OUT_BYTES: 262144,
  OUT_REPORT: 3, OUT_MARK: 4,
  magic: 0, abi: 4, out: 8, outBytes: 12, outWrite: 16, outRead: 20, outTold: 24, image: 28, nthreads: 32, pool: 36,
  in: 40, inBytes: 44, inWrite: 48, inRead: 52, inWaiting: 56, wake: 60, threads: 64,
  THREAD_BYTES: 32, THREADS: 1024,
};

/** What gr_boot is given: 32-bit words in this order; see HostConfig there. */
export const CONFIG_WORDS = [
  'procs', 'sim', 'virtualClock', 'seedLo', 'seedHi', 'stackBytes', 'ringBytes', 'traceVersion', 'argc', 'argv',
  'debug', 'flight', 'flightMs', 'traceAsked',
];

/** What host_strings gives; see HostStrings there. */
export const STRINGS = { ENV: 0, FILES: 1 };

/** What a program asks its host for; see runtime/format/requests.h. */
export const ASK = { AWAIT: 1, FETCH: 2, OPEN: 3, READ: 4, WRITE: 5, CLOSE: 6, SHUT: 7, REPLY: 8, TRACE: 9 };

/** What it is answered. */
export const ANSWER = { OK: 1, END: 2, ERROR: 3, CALL: 4, DEBUG_CALL: 5 };

/** Ids of the host's own calls into the program begin here. */
export const HOST_CALLS = 0x80000000;

/** The trace region: byte offsets; see runtime/format/trace_region.h. */
export const REGION = {
  MAGIC: 0x52545247, ABI: 1,
  magic: 0, abi: 4, capacity: 8, mode: 12, writePos: 16, readPos: 24, lost: 32, generation: 40, state: 44, wake: 48,
  clockStepNs: 52, clockReadNs: 56, clockPerSecond: 60, data: 64,
};

/** Its mode that has no reader. */
export const FLIGHT = 1;

/** What stands behind the ring's data: byte offsets from there; see TraceTail there. */
export const TAIL = { startPos: 0, beginPos: 8, told: 16, version: 20, BYTES: 24 };

/** The program's files: what gr_files gives, and byte offsets in an entry; see RtFile in wasm/libc/files.h. */
export const FILES = {
  MAGIC: 0x53465247, VERSION: 1,
  first: 8, listed: 12,
  next: 0, name: 4, data: 8, size: 12, mode: 16, hostName: 20,
};
