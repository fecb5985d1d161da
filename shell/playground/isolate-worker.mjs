// A service worker for hosts that let nobody choose headers, such as GitHub Pages. It gives pages the two headers that
// SharedArrayBuffer needs, so that programs run on real threads, and answers from what it has kept when there is no
// network. Optional: without it programs run simulated, with the same output.
//
// Put this file into a folder above the page and above goroscope's own, best the site's first one, and this line
// first into the page's head; it registers this very file, and loads the page once more:
//
//     <script src="/isolate-worker.mjs"></script>
//
// What it costs: the first visit loads the page twice. In its folder and below, every page is isolated: what it
// shows of other origins must allow that (`crossorigin` on the element, or the header Cross-Origin-Resource-Policy),
// frames of others and windows it opens are cut off from it. With "/isolate-worker.mjs?credentialless" pictures and
// scripts of others come without a word of theirs, but without cookies; Safari then stays as it was. What pages,
// scripts and programs of this site were fetched is kept, at most KEPT answers.
//
// One file without imports, since a registration's folder is that of its file, and a classic script, since not every
// browser has module service workers.

(() => {
  /** Names what is kept: the number rises when that means something else. */
  const CACHE = 'goroscope-pages 1';
  const KEPT = 500;
  /** What a page cannot do without; pictures and films are not kept. '' is fetch(). */
  const KINDS = ['document', 'script', 'worker', 'style', 'manifest', ''];

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

  /**
   * A script that fetches past the browser's cache looks after the file itself, as the compiler does
   * (wasm/cc/stored.mjs).
   * @param {Request} request @param {Response} response
   */
  function isToKeep({ method, cache, destination, headers }, { status, type, headers: answered }) {
    return method === 'GET' && status === 200 && type === 'basic' && !headers.has('range')
      && KINDS.includes(destination) && (destination !== '' || !['no-store', 'no-cache'].includes(cache))
      && !/no-store|private/.test(answered.get('cache-control') ?? '');
  }

  /** @param {Request} request @param {Response} response */
  async function keep(request, response) {
    try {
      const cache = await caches.open(CACHE);
      await cache.put(request, response);
      const keys = await cache.keys(); // the oldest first
      for (const old of keys.slice(0, Math.max(0, keys.length - KEPT))) await cache.delete(old);
    } catch {
      // there is no room
    }
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
