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

const COMPILER = 'goroscope-compiler ';
/** The number is to rise when what is kept means something else. */
const OURS = 'goroscope-kit 1';
const NAMES = /^goroscope-(compiler|kit) /;

/** @param {Uint8Array} a @param {Uint8Array} b */
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @param {Response} response @returns {Response} throws if it is none to use */
function usable(response) {
  if (!response.ok) throw new Error(`status ${response.status}`);
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
   * @param {string | URL} url @returns {Promise<Response>}
   */
  async ofCompiler(url) {
    const cache = this.#version === '' ? null : await this.#open(COMPILER + this.#version);
    const kept = await cache?.match(String(url));
    if (kept) return kept;
    this.isFetching = true;
    try {
      // The browser need not keep a second copy.
      const response = usable(await fetched(url, cache ? 'no-store' : 'default'));
      // It is kept when all of it has come; a disk that is full is no reason to stop.
      if (cache) this.#coming.push(cache.put(String(url), response.clone()).catch((error) => this.#notKept(error)));
      return response;
    } catch (error) {
      this.#isCut = true;
      throw error;
    }
  }

  /** @param {Error} error */
  #notKept({ name }) {
    if (name !== 'QuotaExceededError') this.#isCut = true;
  }

  /**
   * A file of ours.
   * @param {string} url @returns {Promise<Uint8Array>}
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
    const bytes = new Uint8Array(await usable(response).arrayBuffer());
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

/** @param {string | URL} url @param {RequestCache} cache */
const fetched = (url, cache) => network.call(globalThis, url, { cache });
