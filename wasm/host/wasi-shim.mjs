// wasi-shim.mjs: as much of wasi_snapshot_preview1 as a goroscope program built for WASI uses, for a worker of a
// page or of node. Its files lie in this worker's memory (wasi-files.mjs); the file it writes its trace to goes to
// the host.
import { plainPath } from './files.mjs';
import { commonClock, sleep } from './platform.mjs';
import { PostedOutput } from './posted-output.mjs';
import { reportTrap, trapText } from './trap.mjs';
import { decode } from './utf8.mjs';
import { ERROR, WasiFiles } from './wasi-files.mjs';
import { Stdin } from './wasi-stdin.mjs';

const { OK, BADF, INVAL, IO, NOENT, NOTDIR, NOTSUP, SPIPE } = ERROR;
const DIR_FD = 3; // the one folder
const APPEND = 1; // a flag of descriptors
const MAY_READ = 2n, MAY_WRITE = 64n; // rights
const TIME_NOW = 8; // a flag of setting times: of the change, now
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
 * @property {(name: string, bytes: Uint8Array<ArrayBuffer> | null) => void} file takes what has become of a file
 *
 * An open file or folder.
 * @typedef {{path: string, entry: import('./wasi-files.mjs').Entry, at: number, append: boolean, rights: bigint}} Open
 */

/**
 * The functions, over a memory that is there once the instance is.
 * @param {WasiSetting} setting
 * @param {() => WebAssembly.Memory} memory
 * @returns {{[name: string]: (...args: any[]) => number}}
 */
function makeWasi(setting, memory) {
  const view = () => new DataView(memory().buffer);
  const bytes = (/** @type {number} */ ptr, /** @type {number} */ n) =>
    new Uint8Array(memory().buffer, ptr >>> 0, n >>> 0);
  // Addresses come as signed numbers: those of the upper 2 GiB are negative.
  const u8 = (/** @type {number} */ at, /** @type {number} */ v) => view().setUint8(at >>> 0, v);
  const u32 = (/** @type {number} */ at, /** @type {number} */ v) => view().setUint32(at >>> 0, v, true);
  const u64 = (/** @type {number} */ at, /** @type {bigint} */ v) => view().setBigUint64(at >>> 0, v, true);
  const utf8 = new TextEncoder(), utf8Decoder = new TextDecoder();
  const environ = Object.entries(setting.env).map(([name, value]) => `${name}=${value}`);
  const files = new WasiFiles(setting.files, setting.file, Date.now);
  const folder = files.find('');
  /** @type {Map<number, Open | 'trace'>} */ const open = new Map();
  if (typeof folder !== 'number') open.set(DIR_FD, { path: '', entry: folder, at: 0, append: false, rights: MAY_READ });

  /** @param {number} fd @returns {Open | null} */
  const opened = (fd) => {
    const file = open.get(fd);
    return file === undefined || file === 'trace' ? null : file;
  };
  /** The path below an open folder, or null. @param {number} fd @param {number} ptr @param {number} n */
  const pathAt = (fd, ptr, n) => {
    const base = opened(fd);
    return base?.entry.folder ? plainPath(`${base.path}/${utf8Decoder.decode(bytes(ptr, n).slice())}`) : null;
  };
  /**
   * Calls fn with the path; an error where there is none.
   * @param {number} fd @param {number} ptr @param {number} n @param {(path: string) => number} fn
   */
  const withPath = (fd, ptr, n, fn) => {
    const path = pathAt(fd, ptr, n);
    return path === null ? (open.has(fd) ? NOTDIR : BADF) : fn(path);
  };
  /** Reads into buffers. @param {Open} file @param {Uint8Array[]} parts @param {number} at @returns {number} bytes */
  const readParts = (file, parts, at) =>
    parts.reduce((done, part) => done + files.read(file.entry, part, at + done), 0);
  /** @param {Open} file @param {Uint8Array[]} parts @param {number} at @returns {[number, number]} error, bytes */
  const writeParts = (file, parts, at) => {
    let done = 0;
    for (const part of parts) {
      const error = files.write(file.entry, part, at + done);
      if (error) return [done > 0 ? OK : error, done];
      done += part.length;
    }
    return [OK, done];
  };
  /** A struct filestat. @param {number} to @param {number} type @param {import('./wasi-files.mjs').Entry} [entry] */
  const putStat = (to, type, entry) => {
    bytes(to, 64).fill(0);
    u8(to + 16, type);
    u64(to + 24, 1n);
    if (!entry) return OK;
    u64(to + 8, BigInt(entry.ino));
    u64(to + 32, BigInt(entry.size));
    for (const at of [40, 48, 56]) u64(to + at, BigInt(Math.round(entry.changedMs)) * 1000000n);
    return OK;
  };
  const typeOf = (/** @type {import('./wasi-files.mjs').Entry} */ entry) => (entry.folder ? DIRECTORY : REGULAR_FILE);
  /** @param {import('./wasi-files.mjs').Entry | number} entry @param {bigint} ns @param {number} flags */
  const setTime = (entry, ns, flags) => {
    if (typeof entry === 'number') return entry;
    if (flags & (TIME_NOW | TIME_NOW / 2)) entry.changedMs = flags & TIME_NOW ? Date.now() : Number(ns / 1000000n);
    return OK;
  };

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
  const isOpen = (/** @type {number} */ fd) => (fd >= 0 && fd < DIR_FD) || open.has(fd);

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
      for (let i = 0; i < n; i += 65536)
        bytes(to + i, Math.min(65536, n - i)).set(crypto.getRandomValues(new Uint8Array(Math.min(65536, n - i))));
      return OK;
    },
    sched_yield: () => OK,
    proc_exit: (code) => {
      files.flush();
      throw new Exit(code);
    },

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
      const file = open.get(fd), parts = vectors(iovs, n);
      if (fd === 1 || fd === 2 || file === 'trace') {
        for (const part of parts) {
          if (part.length === 0) continue;
          if (file === 'trace') setting.trace(part.slice());
          else setting.write(fd, part.slice());
        }
        u32(written, parts.reduce((total, part) => total + part.length, 0));
        return OK;
      }
      if (!file || !(file.rights & MAY_WRITE)) return BADF;
      if (file.append) file.at = file.entry.size;
      const [error, done] = writeParts(file, parts, file.at);
      file.at += done;
      u32(written, done);
      return error;
    },
    fd_pwrite: (fd, iovs, n, at, written) => {
      const file = opened(fd);
      if (!file || !(file.rights & MAY_WRITE)) return isOpen(fd) && !file ? SPIPE : BADF;
      if (at < 0n) return INVAL;
      const [error, done] = writeParts(file, vectors(iovs, n), Number(at));
      u32(written, done);
      return error;
    },
    fd_read: (fd, iovs, n, read) => {
      const file = opened(fd);
      if (fd === 0) { // what there is, into the first buffer that has room
        const to = vectors(iovs, n).find((part) => part.length > 0);
        const total = to ? setting.stdin.read(to) : 0;
        if (total < 0) return IO;
        view().setUint32(read >>> 0, total, true);
        return OK;
      }
      if (!file || !(file.rights & MAY_READ)) return BADF;
      if (file.entry.folder) return ERROR.ISDIR;
      const total = readParts(file, vectors(iovs, n), file.at);
      file.at += total;
      u32(read, total);
      return OK;
    },
    fd_pread: (fd, iovs, n, at, read) => {
      const file = opened(fd);
      if (!file || !(file.rights & MAY_READ)) return isOpen(fd) && !file ? SPIPE : BADF;
      if (file.entry.folder) return ERROR.ISDIR;
      if (at < 0n) return INVAL;
      u32(read, readParts(file, vectors(iovs, n), Number(at)));
      return OK;
    },
    fd_seek: (fd, by, whence, to) => {
      const file = opened(fd);
      if (!file) return isOpen(fd) ? SPIPE : BADF;
      const at = Number(by) + [0, file.at, file.entry.size][whence];
      if (!(at >= 0)) return INVAL;
      file.at = at;
      u64(to, BigInt(at));
      return OK;
    },
    fd_tell: (fd, to) => {
      const file = opened(fd);
      if (!file) return isOpen(fd) ? SPIPE : BADF;
      u64(to, BigInt(file.at));
      return OK;
    },
    fd_close: (fd) => {
      files.flush();
      return open.delete(fd) || (fd >= 0 && fd < DIR_FD) ? OK : BADF;
    },
    fd_renumber: (fd, to) => {
      const file = open.get(fd);
      if (!file || (to <= DIR_FD && !open.has(to))) return BADF;
      open.delete(fd);
      open.set(to, file);
      return OK;
    },
    fd_sync: (fd) => (isOpen(fd) ? (files.flush(), OK) : BADF),
    fd_datasync: (fd) => (isOpen(fd) ? (files.flush(), OK) : BADF),
    fd_advise: (fd) => (isOpen(fd) ? OK : BADF),
    fd_allocate: (fd, at, n) => {
      const file = opened(fd), size = Number(at) + Number(n);
      if (!file || !(file.rights & MAY_WRITE)) return BADF;
      return size > file.entry.size ? files.resize(file.entry, size) : OK;
    },
    fd_filestat_set_size: (fd, size) => {
      const file = opened(fd);
      return file && file.rights & MAY_WRITE ? files.resize(file.entry, Number(size)) : INVAL;
    },
    fd_filestat_set_times: (fd, _accessed, changed, flags) => setTime(opened(fd)?.entry ?? BADF, changed, flags),
    fd_fdstat_set_flags: (fd, flags) => {
      const file = opened(fd);
      if (file) file.append = (flags & APPEND) !== 0;
      return isOpen(fd) ? OK : BADF;
    },
    fd_fdstat_get: (fd, to) => {
      if (!isOpen(fd)) return BADF;
      const file = opened(fd);
      bytes(to, 24).fill(0);
      u8(to, file ? typeOf(file.entry) : fd < DIR_FD ? CHARACTER_DEVICE : REGULAR_FILE);
      view().setUint16((to >>> 0) + 2, file?.append ? APPEND : 0, true);
      u64(to + 8, 0x1fffffffn); // every right; what is not allowed fails when it is tried
      u64(to + 16, 0x1fffffffn);
      return OK;
    },
    fd_filestat_get: (fd, to) => {
      if (!isOpen(fd)) return BADF;
      const file = opened(fd);
      return putStat(to, file ? typeOf(file.entry) : fd < DIR_FD ? CHARACTER_DEVICE : REGULAR_FILE, file?.entry);
    },
    // Entries of 24 bytes and the name; the last one may be cut off, then it is asked for again.
    fd_readdir: (fd, to, room, cookie, used) => {
      const dir = opened(fd);
      if (!dir) return BADF;
      if (!dir.entry.folder) return NOTDIR;
      // A cookie is 1 behind ".", 2 behind "..", then the inode + 2, which rises with each new file: right when
      // files come and go.
      /** @type {[string, import('./wasi-files.mjs').Entry, number][]} */
      const all = [['.', dir.entry, 1], ['..', dir.entry, 2], ...files.list(dir.path)
        .map((/** @type {[string, import('./wasi-files.mjs').Entry]} */ [text, entry]) =>
          /** @type {[string, any, number]} */ ([text, entry, entry.ino + 2]))
        .sort((a, b) => a[2] - b[2])];
      let done = 0;
      for (const [text, entry, next] of all.filter((e) => e[2] > Number(cookie))) {
        if (done >= room) break;
        const name = utf8.encode(text);
        const record = new Uint8Array(24 + name.length), v = new DataView(record.buffer);
        v.setBigUint64(0, BigInt(next), true);
        v.setBigUint64(8, BigInt(entry.ino), true);
        v.setUint32(16, name.length, true);
        v.setUint8(20, typeOf(entry));
        record.set(name, 24);
        const fits = record.subarray(0, room - done);
        bytes(to + done, fits.length).set(fits);
        done += fits.length;
      }
      u32(used, done);
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
    path_open: (dir, _lookup, path, n, openFlags, rights, _inheriting, flags, to) => withPath(dir, path, n, (name) => {
      const entry = name === setting.traceFile ? 'trace' : files.open(name, openFlags, (rights & MAY_WRITE) !== 0n);
      if (typeof entry === 'number') return entry;
      let fd = DIR_FD + 1;
      while (open.has(fd)) fd++;
      open.set(fd, entry === 'trace' ? entry : { path: name, entry, at: 0, append: (flags & APPEND) !== 0, rights });
      u32(to, fd);
      return OK;
    }),
    path_filestat_get: (dir, _lookup, path, n, to) => withPath(dir, path, n, (name) => {
      const entry = files.find(name);
      return typeof entry === 'number' ? entry : putStat(to, typeOf(entry), entry);
    }),
    path_filestat_set_times: (dir, _lookup, path, n, _accessed, changed, flags) =>
      withPath(dir, path, n, (name) => setTime(files.find(name), changed, flags)),
    path_unlink_file: (dir, path, n) => withPath(dir, path, n, (name) => files.remove(name, false)),
    path_create_directory: (dir, path, n) => withPath(dir, path, n, (name) => files.makeFolder(name)),
    path_remove_directory: (dir, path, n) => withPath(dir, path, n, (name) => files.remove(name, true)),
    path_rename: (dir, path, n, toDir, toPath, toN) =>
      withPath(dir, path, n, (from) => withPath(toDir, toPath, toN, (name) => files.rename(from, name))),
    path_link: () => NOTSUP,
    path_symlink: () => NOTSUP,
    path_readlink: (dir, path, n) =>
      withPath(dir, path, n, (name) => (typeof files.find(name) === 'number' ? NOENT : INVAL)),
    proc_raise: () => ERROR.NOSYS,
    sock_accept: () => NOTSUP,
    sock_recv: () => NOTSUP,
    sock_send: () => NOTSUP,
    sock_shutdown: () => NOTSUP,
  };
}

/** Names of the functions that programs may import. */
export const WASI_FUNCTIONS = Object.keys(makeWasi({
  argv: [], env: {}, files: {}, stdin: new Stdin(new Uint8Array(0), () => {}), traceFile: '',
  write() {}, trace() {}, file() {},
}, () => { throw new Error(); }));

/**
 * Runs a WASI command in this worker, to its end.
 * @param {{module: WebAssembly.Module} & {stdin?: Uint8Array | SharedArrayBuffer,
 *   printed?: SharedArrayBuffer | null} & Pick<WasiSetting,
 *   'argv' | 'env' | 'files' | 'traceFile'>} program
 * @param {(message: any, transfer?: any[]) => void} post
 */
export function runWasi(program, post) {
  /** @type {WebAssembly.Instance} */ let instance;
  const text = new PostedOutput(post, program.printed);
  const wasi = makeWasi({
    ...program,
    stdin: new Stdin(program.stdin ?? new Uint8Array(0), () => post({ t: 'stdin' })),
    write: (fd, bytes) => text.add(fd, bytes),
    trace: (bytes) => post({ t: 'trace', bytes, lost: 0 }, [bytes.buffer]),
    file: (name, bytes) => post({ t: 'file', name, bytes }, bytes ? [bytes.buffer] : []),
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
