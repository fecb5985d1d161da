// wasi-files.mjs: the files of a WASI program that the loader runs: in the memory of its worker, below one folder.
// What changes is told to the host when a file is closed, so that it is not lost with the worker.
import { plainPath } from './files.mjs';

/** Errors of WASI, which are numbers in its ABI. */
export const ERROR = {
  OK: 0, BADF: 8, EXIST: 20, FBIG: 22, INVAL: 28, IO: 29, ISDIR: 31, NOENT: 44, NOSPC: 51, NOSYS: 52,
  NOTDIR: 54, NOTEMPTY: 55, NOTSUP: 58, SPIPE: 70,
};
export const OPEN = { CREATE: 1, FOLDER: 2, EXCLUSIVE: 4, TRUNCATE: 8 };
const LARGEST = 2 ** 31 - 1; // bytes of a file

/**
 * A file or a folder.
 * @typedef {object} Entry
 * @property {boolean} folder
 * @property {Uint8Array<ArrayBuffer>} bytes room for more than size
 * @property {number} size
 * @property {number} ino
 * @property {number} changedMs since 1970
 * @property {boolean} dirty the host has not been told
 */

export class WasiFiles {
  /**
   * @param {{[name: string]: Uint8Array}} given
   * @param {(name: string, bytes: Uint8Array<ArrayBuffer> | null) => void} tell a file has changed; null: it is gone
   * @param {() => number} now ms since 1970
   */
  constructor(given, tell, now) {
    this.#tell = tell;
    this.#now = now;
    this.#make('', true);
    this.#make('tmp', true);
    for (const [name, bytes] of Object.entries(given)) {
      const path = plainPath(name);
      path.split('/').slice(0, -1).reduce((above, part) => {
        const folder = above ? `${above}/${part}` : part;
        if (!this.#entries.has(folder)) this.#make(folder, true);
        return folder;
      }, '');
      const file = this.#make(path, false);
      file.bytes = Uint8Array.from(bytes);
      file.size = bytes.length;
    }
  }

  /** @type {(name: string, bytes: Uint8Array<ArrayBuffer> | null) => void} */ #tell;
  /** @type {() => number} */ #now;
  /** @type {Map<string, Entry>} */ #entries = new Map();
  #inos = 0;

  /** @param {string} path @param {boolean} folder @returns {Entry} */
  #make(path, folder) {
    const entry = {
      folder, bytes: new Uint8Array(0), size: 0, ino: ++this.#inos, changedMs: this.#now(), dirty: false,
    };
    this.#entries.set(path, entry);
    return entry;
  }

  /** Whether something may be made at a path. @param {string} path @returns {number} ERROR */
  #checkFolder(path) {
    const above = this.#entries.get(path.split('/').slice(0, -1).join('/'));
    return !above ? ERROR.NOENT : above.folder ? ERROR.OK : ERROR.NOTDIR;
  }

  /** @param {string} path @returns {Entry | number} ERROR */
  find(path) {
    return this.#entries.get(path) ?? (this.#checkFolder(path) || ERROR.NOENT);
  }

  /**
   * @param {string} path
   * @param {number} flags OPEN
   * @param {boolean} write
   * @returns {Entry | number} ERROR
   */
  open(path, flags, write) {
    let entry = this.find(path);
    if (entry === ERROR.NOENT && flags & OPEN.CREATE) {
      const error = this.#checkFolder(path);
      if (error) return error;
      entry = this.#make(path, false);
      entry.dirty = true;
      return entry;
    }
    if (typeof entry === 'number') return entry;
    if (flags & OPEN.CREATE && flags & OPEN.EXCLUSIVE) return ERROR.EXIST;
    if (flags & OPEN.FOLDER && !entry.folder) return ERROR.NOTDIR;
    if (entry.folder && (write || flags & OPEN.TRUNCATE)) return ERROR.ISDIR;
    if (flags & OPEN.TRUNCATE) this.resize(entry, 0);
    return entry;
  }

  /** @param {Entry} entry @param {number} size @returns {number} ERROR */
  resize(entry, size) {
    if (size > LARGEST) return ERROR.FBIG;
    if (size > entry.bytes.length) {
      try {
        const more = new Uint8Array(Math.min(Math.max(size, entry.bytes.length * 1.5), LARGEST));
        more.set(entry.bytes.subarray(0, entry.size));
        entry.bytes = more;
      } catch {
        return ERROR.NOSPC;
      }
    }
    if (size < entry.size) entry.bytes.fill(0, size, entry.size);
    entry.size = size;
    entry.dirty = true;
    entry.changedMs = this.#now();
    return ERROR.OK;
  }

  /** @param {Entry} entry @param {Uint8Array} from @param {number} at @returns {number} ERROR */
  write(entry, from, at) {
    const error = at + from.length > entry.size ? this.resize(entry, at + from.length) : ERROR.OK;
    if (error) return error;
    entry.bytes.set(from, at);
    entry.dirty = true;
    entry.changedMs = this.#now();
    return ERROR.OK;
  }

  /** @param {Entry} entry @param {Uint8Array} to @param {number} at @returns {number} bytes */
  read(entry, to, at) {
    const piece = entry.bytes.subarray(at, Math.min(at + to.length, entry.size));
    to.set(piece);
    return piece.length;
  }

  /** @param {string} path @returns {number} ERROR */
  makeFolder(path) {
    if (this.#entries.has(path)) return ERROR.EXIST;
    const error = this.#checkFolder(path);
    if (!error) this.#make(path, true);
    return error;
  }

  /** @param {string} path @param {boolean} folder @returns {number} ERROR */
  remove(path, folder) {
    const entry = this.find(path);
    if (typeof entry === 'number') return entry;
    if (entry.folder !== folder) return folder ? ERROR.NOTDIR : ERROR.ISDIR;
    if (path === '') return ERROR.INVAL;
    if (folder && this.list(path).length > 0) return ERROR.NOTEMPTY;
    this.#entries.delete(path);
    if (!folder) this.#tell(path, null);
    return ERROR.OK;
  }

  /** @param {string} from @param {string} to @returns {number} ERROR */
  rename(from, to) {
    const entry = this.find(from), there = this.#entries.get(to);
    if (typeof entry === 'number') return entry;
    const error = this.#checkFolder(to);
    if (error || from === to) return error;
    if (from === '' || to === '' || (entry.folder && to.startsWith(`${from}/`))) return ERROR.INVAL;
    if (there && there.folder !== entry.folder) return entry.folder ? ERROR.NOTDIR : ERROR.ISDIR;
    if (there?.folder && this.list(to).length > 0) return ERROR.NOTEMPTY;
    for (const [path, moved] of [...this.#entries]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#entries.delete(path);
      if (!moved.folder) this.#tell(path, null);
      this.#entries.set(to + path.slice(from.length), moved);
      moved.dirty = !moved.folder;
    }
    this.flush();
    return ERROR.OK;
  }

  /** What lies in a folder, without . and .. @param {string} folder @returns {[string, Entry][]} */
  list(folder) {
    const before = folder ? `${folder}/` : '';
    return [...this.#entries]
      .filter(([path]) => path !== '' && path.startsWith(before) && !path.slice(before.length).includes('/'))
      .map(([path, entry]) => [path.slice(before.length), entry]);
  }

  /** Tells the host of every change. */
  flush() {
    for (const [path, entry] of this.#entries) {
      if (!entry.dirty) continue;
      entry.dirty = false;
      this.#tell(path, entry.bytes.slice(0, entry.size));
    }
  }
}
