// wasi-shim.mjs: as much of wasi_snapshot_preview1 as a goroscope program built for WASI uses, for a worker of a page or of node.
// Its files are the ones it was given, read-only, below one folder; the file it writes its trace to goes to the host.
import { commonClock, sleep } from './platform.mjs';
import { reportTrap, trapText } from './trap.mjs';
import { decode } from './utf8.mjs';
import { Stdin } from './wasi-stdin.mjs';

const OK = 0, BADF = 8, INVAL = 28, IO = 29, NOENT = 44, NOSYS = 52, NOTDIR = 54, SPIPE = 70, ROFS = 69;
const DIR_FD = 3; // the one folder
const CHARACTER_DEVICE = 2, DIRECTORY = 3, REGULAR_FILE = 4;

/** Thrown to leave wasm by proc_exit. */
class Exit {
  /** @param {number} code */
  constructor(code) { this.code = code; }
}

/**
 * What a program is given.
 * @typedef {object} WasiSetting
 * @property {string[]} argv
 * @property {{[name: string]: string}} env
 * @property {{[name: string]: Uint8Array}} files
 * @property {Stdin} stdin
 * @property {string} traceFile name of the file that may be written
 * @property {(fd: number, bytes: Uint8Array<ArrayBuffer>) => void} write takes a copy of what is written to 1 and 2
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} trace takes a copy of what is written to the trace file
 */

/**
 * The functions, over a memory that is there once the instance is.
 * @param {WasiSetting} setting
 * @param {() => WebAssembly.Memory} memory
 * @returns {{[name: string]: (...args: any[]) => number}}
 */
function makeWasi(setting, memory) {
  const view = () => new DataView(memory().buffer);
  const bytes = (/** @type {number} */ ptr, /** @type {number} */ n) => new Uint8Array(memory().buffer, ptr >>> 0, n >>> 0);
  // Addresses come as signed numbers: those of the upper 2 GiB are negative.
  const u8 = (/** @type {number} */ at, /** @type {number} */ v) => view().setUint8(at >>> 0, v);
  const u32 = (/** @type {number} */ at, /** @type {number} */ v) => view().setUint32(at >>> 0, v, true);
  const u64 = (/** @type {number} */ at, /** @type {bigint} */ v) => view().setBigUint64(at >>> 0, v, true);
  const utf8 = new TextEncoder();
  const environ = Object.entries(setting.env).map(([name, value]) => `${name}=${value}`);
  /** @type {Map<number, {bytes: Uint8Array, at: number} | 'trace'>} */ const open = new Map();

  /** @param {string[]} strings @param {number} count @param {number} size */
  const sizes = (strings, count, size) => {
    u32(count, strings.length);
    u32(size, strings.reduce((n, s) => n + utf8.encode(s).length + 1, 0));
    return OK;
  };
  /** @param {string[]} strings @param {number} pointers @param {number} to */
  const put = (strings, pointers, to) => {
    for (const s of strings) {
      const text = utf8.encode(`${s}\0`);
      bytes(to, text.length).set(text);
      u32(pointers, to);
      pointers += 4;
      to += text.length;
    }
    return OK;
  };
  /** The buffers of an iovec array. @param {number} iovs @param {number} n */
  const vectors = (iovs, n) => Array.from({ length: n }, (_, i) =>
    bytes(view().getUint32((iovs >>> 0) + 8 * i, true), view().getUint32((iovs >>> 0) + 8 * i + 4, true)));
  const isOpen = (/** @type {number} */ fd) => fd <= DIR_FD || open.has(fd);

  return {
    args_sizes_get: (count, size) => sizes(setting.argv, count, size),
    args_get: (pointers, to) => put(setting.argv, pointers, to),
    environ_sizes_get: (count, size) => sizes(environ, count, size),
    environ_get: (pointers, to) => put(environ, pointers, to),

    clock_res_get: (_id, to) => (u64(to, 1000n), OK),
    clock_time_get: (id, _precision, to) => {
      const ms = id === 0 ? Date.now() : commonClock();
      u64(to, BigInt(Math.round(ms * 1e6)));
      return OK;
    },
    random_get: (to, n) => {
      for (let i = 0; i < n; i += 65536) bytes(to + i, Math.min(65536, n - i)).set(crypto.getRandomValues(new Uint8Array(Math.min(65536, n - i))));
      return OK;
    },
    sched_yield: () => OK,
    proc_exit: (code) => { throw new Exit(code); },

    // One subscription is reported: stdin, if it can be read before the earliest time waited for, else that time.
    poll_oneoff: (subscriptions, events, n, count) => {
      const v = view();
      [subscriptions, events, count] = [subscriptions >>> 0, events >>> 0, count >>> 0];
      let best = -1, bestMs = Infinity, reading = -1;
      for (let i = 0; i < n; i++) {
        const s = subscriptions + 48 * i;
        if (v.getUint8(s + 8) === 1 && v.getUint32(s + 16, true) === 0) { // reading fd 0
          reading = i;
          continue;
        }
        if (v.getUint8(s + 8) !== 0) return INVAL;
        const ms = Number(v.getBigUint64(s + 24, true)) / 1e6;
        const absolute = v.getUint16(s + 40, true) & 1;
        const left = absolute ? ms - (v.getUint32(s + 16, true) === 0 ? Date.now() : commonClock()) : ms;
        if (left < bestMs) [best, bestMs] = [i, left];
      }
      if (best < 0 && reading < 0) return INVAL;
      if (reading >= 0 && setting.stdin.ready(Math.max(bestMs, 0))) best = reading;
      else if (reading < 0 && bestMs > 0) sleep(bestMs);
      const after = view();
      after.setBigUint64(events, after.getBigUint64(subscriptions + 48 * best, true), true);
      after.setUint16(events + 8, 0, true);
      after.setUint8(events + 10, after.getUint8(subscriptions + 48 * best + 8));
      after.setUint32(count, 1, true);
      return OK;
    },

    fd_write: (fd, iovs, n, written) => {
      const file = open.get(fd);
      if (fd !== 1 && fd !== 2 && file !== 'trace') return BADF;
      let total = 0;
      for (const part of vectors(iovs, n)) {
        if (part.length === 0) continue;
        total += part.length;
        if (file === 'trace') setting.trace(part.slice());
        else setting.write(fd, part.slice());
      }
      u32(written, total);
      return OK;
    },
    fd_read: (fd, iovs, n, read) => {
      const file = open.get(fd);
      if (fd !== 0 && (!file || file === 'trace')) return BADF;
      let total = 0;
      if (fd === 0) { // what there is, into the first buffer that has room
        const to = vectors(iovs, n).find((part) => part.length > 0);
        total = to ? setting.stdin.read(to) : 0;
        if (total < 0) return IO;
        view().setUint32(read, total, true);
        return OK;
      }
      for (const part of vectors(iovs, n)) {
        const from = /** @type {{bytes: Uint8Array, at: number}} */ (file);
        const piece = from.bytes.subarray(from.at, from.at + part.length);
        part.set(piece);
        from.at += piece.length;
        total += piece.length;
      }
      u32(read, total);
      return OK;
    },
    fd_seek: (fd, by, whence, to) => {
      const file = open.get(fd);
      if (!file) return isOpen(fd) ? SPIPE : BADF;
      if (file === 'trace') return SPIPE;
      const at = Number(by) + [0, file.at, file.bytes.length][whence];
      if (!(at >= 0)) return INVAL;
      file.at = at;
      u64(to, BigInt(at));
      return OK;
    },
    fd_tell: (fd, to) => {
      const file = open.get(fd);
      if (!file || file === 'trace') return isOpen(fd) ? SPIPE : BADF;
      u64(to, BigInt(file.at));
      return OK;
    },
    fd_close: (fd) => (open.delete(fd) || fd < DIR_FD ? OK : BADF),
    fd_sync: (fd) => (isOpen(fd) ? OK : BADF),
    fd_fdstat_set_flags: (fd) => (isOpen(fd) ? OK : BADF),
    fd_fdstat_get: (fd, to) => {
      if (!isOpen(fd)) return BADF;
      bytes(to, 24).fill(0);
      u8(to, fd < DIR_FD ? CHARACTER_DEVICE : fd === DIR_FD ? DIRECTORY : REGULAR_FILE);
      u64(to + 8, 0x1fffffffn); // every right; what is not allowed fails when it is tried
      u64(to + 16, 0x1fffffffn);
      return OK;
    },
    fd_filestat_get: (fd, to) => {
      if (!isOpen(fd)) return BADF;
      const file = open.get(fd);
      bytes(to, 64).fill(0);
      u8(to + 16, fd < DIR_FD ? CHARACTER_DEVICE : fd === DIR_FD ? DIRECTORY : REGULAR_FILE);
      if (file && file !== 'trace') u64(to + 32, BigInt(file.bytes.length));
      return OK;
    },
    fd_prestat_get: (fd, to) => {
      if (fd !== DIR_FD) return BADF;
      u32(to, 0);
      u32(to + 4, 1);
      return OK;
    },
    fd_prestat_dir_name: (fd, to, n) => {
      if (fd !== DIR_FD || n < 1) return BADF;
      bytes(to, 1)[0] = 0x2f; // "/"
      return OK;
    },
    path_open: (dir, _lookup, path, n, openFlags, _rights, _inheriting, _flags, to) => {
      if (dir !== DIR_FD) return NOTDIR;
      const name = decode(bytes(path, n)).replace(/^(\.?\/)+/, '');
      /** @type {{bytes: Uint8Array, at: number} | 'trace' | null} */
      const file = name === setting.traceFile ? 'trace' : Object.hasOwn(setting.files, name) ? { bytes: setting.files[name], at: 0 } : null;
      if (!file) return openFlags & 1 ? ROFS : NOENT; // 1: create
      let fd = DIR_FD + 1;
      while (open.has(fd)) fd++;
      open.set(fd, file);
      u32(to, fd);
      return OK;
    },
    path_filestat_get: () => NOSYS,
    path_unlink_file: () => ROFS,
    path_create_directory: () => ROFS,
    path_remove_directory: () => ROFS,
    path_rename: () => ROFS,
    fd_readdir: () => NOSYS,
  };
}

/** Names of the functions that programs may import. */
export const WASI_FUNCTIONS = Object.keys(makeWasi({ argv: [], env: {}, files: {}, stdin: new Stdin(new Uint8Array(0), () => {}), traceFile: '', write() {}, trace() {} }, () => { throw new Error(); }));

/**
 * Runs a WASI command in this worker, to its end.
 * @param {{module: WebAssembly.Module} & {stdin?: Uint8Array | SharedArrayBuffer} & Pick<WasiSetting, 'argv' | 'env' | 'files' | 'traceFile'>} program
 * @param {(message: any, transfer?: any[]) => void} post
 */
export function runWasi(program, post) {
  /** @type {WebAssembly.Instance} */ let instance;
  const wasi = makeWasi({
    ...program,
    stdin: new Stdin(program.stdin ?? new Uint8Array(0), () => post({ t: 'stdin' })),
    write: (fd, bytes) => post({ t: 'text', fd, bytes }, [bytes.buffer]),
    trace: (bytes) => post({ t: 'trace', bytes, lost: 0 }, [bytes.buffer]),
  }, () => /** @type {WebAssembly.Memory} */ (instance.exports.memory));
  /** @type {any} */ let exports = {};
  try {
    instance = new WebAssembly.Instance(program.module, { wasi_snapshot_preview1: wasi });
    exports = instance.exports;
    exports._start();
    post({ t: 'exit', code: 0 });
  } catch (error) {
    if (error instanceof Exit) post({ t: 'exit', code: error.code });
    else failed(error, exports, post);
  }
}

/**
 * A trap: the program reports it itself if it can.
 * @param {unknown} error
 * @param {any} exports
 * @param {(message: any) => void} post
 */
function failed(error, exports, post) {
  post({ t: 'trap', text: trapText(error) });
  try {
    reportTrap(exports, exports.memory, error);
  } catch (second) {
    if (second instanceof Exit) post({ t: 'exit', code: second.code });
    else post({ t: 'crash', text: trapText(error) });
  }
}
