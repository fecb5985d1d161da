// What a page's compiler needs, kept in Cache Storage, so that it comes over the network once and works without one
// afterwards. There are two kinds of files:
//
//   - the compiler's own (105 MB unpacked), the same for ever in one release: what is kept comes first. They are kept
//     under a name that has the release's version; other releases are deleted when one is asked for.
//   - ours (prebuilt runtime, headers), which may be others tomorrow under the same address: the network comes first
//     (the browser asks whether they have changed), what is kept only if there is none. They fit each other only as
//     long as they are of one build: if one has changed, those kept of before are deleted.
//
// Where nothing can be kept (no secure origin, private windows, no room) all goes on without.
// Modules do not come this way: browsers load them by themselves. A service worker keeps those (the playground's
// isolate-worker.mjs).

import { DAMAGED, FileError, mistyped, silent, unusable } from './unavailable.mjs';

const COMPILER = 'goroscope-compiler ';
/** The number is to rise when what is kept means something else. */
const OURS = 'goroscope-kit 1';
const NAMES = /^goroscope-(compiler|kit) /;

/** @param {string} url */
const isWasm = (url) => /\.wasm(?:[?#]|$)/.test(url);

/** @param {Uint8Array} a @param {Uint8Array} b */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @param {string} url @param {Response} response @returns {Response} throws a FileError if it is none to use */
function usable(url, response) {
  const error = unusable(url, response);
  if (error) throw error;
  return response;
}

export class Stored {
  /** The release whose files are asked for; '' until it is known. */
  #version = '';
  /** Whether something of the compiler has come over the network, so that there is something to tell of. */
  isFetching = false;
  /** Files of the compiler's on their way to where they are kept; none rejects. @type {Promise<void>[]} */
  #coming = [];
  /** A file of the compiler's did not come, or not to its end. */
  #isCut = false;
  /** Those of the compiler's that were asked for; modules come one after the other. @type {string[]} */
  #asked = [];
  /** The first of them that ended before its end. */
  #broken = '';
  /** Files of ours that are of the same build as what the network has now, by address. @type {Set<string>} */
  #current = new Set();
  #hasChanged = false;
  /** Changes of what is kept of ours wait for each other. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {string} name @returns {Promise<Cache | null>} null: nothing can be kept here */
  async #open(name) {
    try {
      return await caches.open(name);
    } catch {
      return null; // not even `caches` is there
    }
  }

  /**
   * Which release of the compiler will be asked for; what is kept of others is deleted.
   * @param {string | undefined} version undefined: not known, so its files are fetched anew each time
   */
  async use(version = '') {
    this.#version = version;
    await this.#deleteAllBut([OURS, COMPILER + version]);
  }

  /**
   * The compiler does not work: what is kept of it is dropped, unless all that is wrong is that the network gave too
   * little of it.
   */
  async forget() {
    if (!this.#isCut) await Promise.all(this.#coming); // until then nobody knows
    if (!this.#isCut) await this.#deleteAllBut([OURS]);
  }

  /**
   * Which file is at fault, where the compiler's package only says that something is.
   * @param {unknown} error of that @returns {Promise<unknown>} a FileError, if it is a file's
   */
  async blame(error) {
    if (error instanceof FileError) return error;
    await new Promise((done) => setTimeout(done)); // what broke tells by itself, a little later perhaps
    const isModule = error instanceof WebAssembly.CompileError;
    const url = isModule ? this.#asked.findLast(isWasm) : this.#broken;
    return url ? new FileError(url, DAMAGED) : error;
  }

  /** @param {string[]} names */
  async #deleteAllBut(names) {
    try {
      const old = (await caches.keys()).filter((n) => NAMES.test(n) && !names.includes(n));
      await Promise.all(old.map((name) => caches.delete(name)));
    } catch {
      // nothing is kept here
    }
  }

  /**
   * A file of the compiler's.
   * @param {string | URL} url @returns {Promise<Response>} rejects with a FileError
   */
  async ofCompiler(url) {
    const address = String(url), cache = this.#version === '' ? null : await this.#open(COMPILER + this.#version);
    this.#asked.push(address);
    const kept = await cache?.match(address);
    if (kept) return kept;
    this.isFetching = true;
    try {
      // The browser need not keep a second copy.
      const response = usable(address, await fetched(address, cache ? 'no-store' : 'default'));
      // It is compiled while it comes, which browsers do of this type alone.
      const wrong = isWasm(address) && mistyped(address, response, /^application\/wasm\b/i, 'application/wasm');
      if (wrong) throw wrong;
      // It is kept when all of it has come; a disk that is full is no reason to stop.
      if (cache) this.#coming.push(cache.put(address, response.clone()).catch((error) => this.#notKept(error)));
      return this.#watched(address, response);
    } catch (error) {
      this.#isCut = true;
      throw error;
    }
  }

  /** The same; which one it was is known if it breaks. @param {string} url @param {Response} response */
  #watched(url, response) {
    if (!response.body) return response;
    const { readable, writable } = new TransformStream();
    response.body.pipeTo(writable).catch(() => (this.#broken ||= url));
    return new Response(readable, response);
  }

  /** @param {Error} error */
  #notKept({ name }) {
    if (name !== 'QuotaExceededError') this.#isCut = true;
  }

  /**
   * A file of ours.
   * @param {string} url @returns {Promise<Uint8Array>} rejects with a FileError
   */
  async ofOurs(url) {
    const cache = await this.#open(OURS);
    /** @type {Response} */ let response;
    try {
      response = await fetched(url, 'no-cache');
    } catch (e) {
      const kept = this.#hasChanged ? undefined : await cache?.match(url);
      if (!kept) throw e;
      return new Uint8Array(await kept.arrayBuffer());
    }
    const whole = usable(url, response).arrayBuffer().catch(() => { throw new FileError(url, DAMAGED); });
    const bytes = new Uint8Array(await whole);
    if (cache) await (this.#last = this.#last.then(() => this.#keep(cache, url, bytes)));
    return bytes;
  }

  /** @param {Cache} cache @param {string} url @param {Uint8Array<ArrayBuffer>} bytes */
  async #keep(cache, url, bytes) {
    try {
      this.#current.add(url);
      const kept = await cache.match(url);
      if (kept && isSame(new Uint8Array(await kept.arrayBuffer()), bytes)) return;
      if (kept) {
        this.#hasChanged = true;
        for (const { url: old } of await cache.keys()) if (!this.#current.has(old)) await cache.delete(old);
      }
      await cache.put(url, new Response(bytes));
    } catch {
      // there is no room
    }
  }
}

/** The worker's, which others may put something before. */
const network = globalThis.fetch;

/** @param {string} url @param {RequestCache} cache @returns {Promise<Response>} */
const fetched = (url, cache) => network.call(globalThis, url, { cache }).catch(() => { throw silent(url); });
