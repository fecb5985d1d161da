// A service worker for hosts that let nobody choose headers, such as GitHub Pages. It gives pages the two headers that
// SharedArrayBuffer needs, so that programs run on real threads, and answers from what it has kept when there is no
// network. Optional: without it programs run simulated, on one thread.
//
// Put this file into a folder above the page and above goroscope's own, best the site's first one, and this line
// first into the page's head; it registers this very file, and loads the page once more:
//
//     <script src="/isolate-worker.mjs"></script>
//
// What it costs: the first visit loads the page twice. In its folder and below, every page is isolated: what it
// shows of other origins must allow that (`crossorigin` on the element, or the header Cross-Origin-Resource-Policy),
// frames of others and windows it opens are cut off from it. With "/isolate-worker.mjs?credentialless" pictures and
// scripts of others come without a word of theirs, but without cookies; Safari then stays as it was. Pages, scripts,
// styles and programs of this site that were fetched are kept, the last ANSWERS and BYTES of them; nothing else is.
//
// To get rid of it: to take the line or the file away is not enough, a browser goes on with what it has. Let the
// pages have this instead; from the next load on they are as the host sends them:
//
//     <script>
//       navigator.serviceWorker?.getRegistration().then((it) => it?.unregister());
//       globalThis.caches?.delete('goroscope-pages 2');
//     </script>
//
// One file without imports, since a registration's folder is that of its file, and a classic script, since not every
// browser has module service workers.

(() => {
  /** Names what is kept: the number rises when that means something else. */
  const CACHE = 'goroscope-pages 2';
  const ANSWERS = 500;
  const BYTES = 128 << 20;
  const LARGEST = 32 << 20;
  /** What a page cannot do without. */
  const KINDS = ['script', 'worker', 'sharedworker', 'style'];
  /** What goroscope's own scripts fetch; what others do may be anything, and without an end. */
  const FILES = /\.(wasm|json|gz|c|h|mjs)$/;

  // ---- in the page ----

  if (typeof document !== 'undefined') {
    const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
    void register(src).catch((error) => {
      console.warn(`goroscope: ${src} cannot be registered, so programs run without threads: ${error.message}`);
    });
    return;
  }

  /** @param {string} src of this file */
  async function register(src) {
    const { serviceWorker } = navigator;
    if (!serviceWorker) throw new Error('service workers need https, and are off in some private windows');
    const { scope } = await serviceWorker.register(src);
    if (!location.href.startsWith(scope)) throw new Error(`it reaches ${scope} and below, so it must lie higher up`);
    const { active } = await serviceWorker.ready;
    if (active?.state !== 'activated') await new Promise((done) => active?.addEventListener('statechange', done));
    // Once: if that has not helped, nothing will. In a frame it is the outer page's matter.
    const isAgain = cameAgain();
    if (crossOriginIsolated || isAgain || window !== top) return;
    sessionStorage.setItem(CACHE, location.href);
    location.reload();
  }

  /** Whether this is the page that was loaded once more. */
  function cameAgain() {
    const again = sessionStorage.getItem(CACHE) === location.href;
    sessionStorage.removeItem(CACHE);
    return again;
  }

  // ---- as service worker ----

  /** @type {any} its scope, whose types are not those of a page */
  const scope = globalThis;
  const isLenient = new URL(scope.location.href).searchParams.has('credentialless');

  scope.addEventListener('install', () => scope.skipWaiting());
  scope.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
  scope.addEventListener('fetch', (/** @type {any} */ event) => {
    const request = /** @type {Request} */ (event.request);
    // Such a request of the developer tools' cannot be repeated.
    if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
    if (new URL(request.url).origin === scope.location.origin) event.respondWith(answer(request, event));
  });

  async function activate() {
    const old = (await caches.keys()).filter((name) => /^goroscope-pages /.test(name) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await scope.clients.claim();
  }

  /**
   * @param {Request} request
   * @param {{ waitUntil(work: Promise<unknown>): void }} event
   * @returns {Promise<Response>}
   */
  async function answer(request, event) {
    try {
      const response = await fetch(request);
      if (isToKeep(request, response)) event.waitUntil(keep(request, response.clone()));
      return isolated(response);
    } catch (error) {
      const kept = await caches.match(request, { cacheName: CACHE, ignoreVary: true }).catch(() => undefined);
      if (!kept) throw error;
      return isolated(kept);
    }
  }

  /** @param {Request} request @param {Response} response */
  function isToKeep(request, { status, type, headers }) {
    return request.method === 'GET' && status === 200 && type === 'basic' && !request.headers.has('range')
      && !/no-store|private/.test(headers.get('cache-control') ?? '')
      && Number(headers.get('content-length')) <= LARGEST && isOfUse(request, headers);
  }

  /**
   * A script that fetches past the browser's cache looks after the file itself, as the compiler does
   * (wasm/cc/stored.mjs).
   * @param {Request} request @param {Headers} headers of the answer
   */
  function isOfUse({ destination, cache, url }, headers) {
    if (destination === 'document') return /^text\/html\b/.test(headers.get('content-type') ?? '');
    if (destination !== '') return KINDS.includes(destination);
    return FILES.test(new URL(url).pathname) && headers.has('content-length')
      && !['no-store', 'no-cache'].includes(cache);
  }

  /** One after the other, since each looks at what there is. @type {Promise<void>} */
  let keeping = Promise.resolve();
  /** Bytes of what is kept, by address, the oldest first; read once in a worker's life. @type {Map<string, number>} */
  let sizes;

  /** @param {Request} request @param {Response} response a copy of the page's */
  async function keep(request, response) {
    try {
      const body = await all(response);
      if (body) await (keeping = keeping.then(() => put(request.url, body)));
    } catch {
      // it was cut off
    }
  }

  /**
   * With its true length, which an encoding hides; null: it is too long, which not every answer says first.
   * @param {Response} response @returns {Promise<Response | null>}
   */
  async function all({ body, headers }) {
    const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body).getReader();
    /** @type {Uint8Array<ArrayBuffer>[]} */ const pieces = [];
    let bytes = 0;
    for (let piece; (piece = (await reader.read()).value);) {
      bytes += piece.length;
      if (bytes > LARGEST) {
        void reader.cancel();
        return null;
      }
      pieces.push(piece);
    }
    const whole = new Headers(headers);
    for (const name of ['content-encoding', 'vary']) whole.delete(name);
    whole.set('content-length', String(bytes));
    return new Response(new Blob(pieces), { headers: whole });
  }

  /** @param {string} url @param {Response} response */
  async function put(url, response) {
    try {
      const cache = await caches.open(CACHE);
      sizes ??= await sizesIn(cache);
      const bytes = bytesOf(response);
      await cache.put(url, response);
      sizes.delete(url);
      sizes.set(url, bytes);
      let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      for (const [old, size] of sizes) {
        if (sizes.size <= ANSWERS && total <= BYTES) break;
        await cache.delete(old);
        sizes.delete(old);
        total -= size;
      }
    } catch {
      // there is no room
    }
  }

  /** @param {Response | undefined} response */
  const bytesOf = (response) => Number(response?.headers.get('content-length'));

  /** @param {Cache} cache @returns {Promise<Map<string, number>>} */
  async function sizesIn(cache) {
    const found = new Map();
    for (const request of await cache.keys()) found.set(request.url, bytesOf(await cache.match(request)));
    return found;
  }

  /** @param {Response} response @returns {Response} */
  function isolated(response) {
    if (response.status === 0) return response; // a redirection, for the browser to follow
    const headers = new Headers(response.headers);
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    headers.set('Cross-Origin-Embedder-Policy', isLenient ? 'credentialless' : 'require-corp');
    if (!headers.has('Cross-Origin-Resource-Policy')) headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    const { status, statusText, body } = response;
    return new Response(body, { status, statusText, headers });
  }
})();
