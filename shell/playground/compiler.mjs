// The compiler of a page: one worker with clang, Binaryen and the prebuilt runtime, for all who build something there.
//
//     warm();                                            // while the person reads
//     const { wasm, text } = await compile({ 'prog.c': source });
//     if (wasm) (await load(wasm)).run();
//
// Builds go one after the other. Who gives up (signal) gives up for himself: others' builds go on, and so does what is
// under way for nobody, for GRACE_MS, since a new worker takes seconds. After that, and at once while the compiler is
// still being fetched for nobody, the worker is ended; the next who asks gets a new one.
import { LOADING } from '../../wasm/cc/arguments.mjs';
import { Builder } from '../../wasm/cc/client.mjs';

/** @typedef {import('../../wasm/cc/client.mjs').Built} Built */
/** @typedef {import('../../wasm/cc/arguments.mjs').CompileOptions} CompileOptions */

/**
 * How far it is. fetched, of: bytes of the compiler, unpacked, while it comes over the network. step:
 * 'load the compiler', the browser makes it ready; 'wait', another build goes first; then the steps of this build as
 * they begin: 'compile', 'link', 'asyncify', …
 * @typedef {{ fetched: number, of: number } | { step: string }} Progress
 */

/**
 * @typedef {object} Asking
 * @property {AbortSignal} [signal] the promise rejects with its reason
 * @property {(progress: Progress) => void} [onProgress] is called at once, and at each change
 */

/** What is built for nobody may take so long; most builds are done before. */
const GRACE_MS = 2000;

/** The package's folder. */
const PACKAGE = new URL('../../', import.meta.url).href;

/** Where npm has put the packages that this one uses: beside it if it is installed, below it in a checkout. */
const MODULES = /\/node_modules\/[^/]+\/$/.test(PACKAGE) ? new URL('../', PACKAGE) : new URL('node_modules/', PACKAGE);

/**
 * Where the parts are fetched from, absolute or relative to the page. A page that keeps them elsewhere says so here
 * before anything is built; other origins must allow it (CORS).
 * @type {import('../../wasm/cc/client.mjs').Addresses}
 */
export const addresses = {
  clang: new URL('@yowasp/clang/gen/bundle.js', MODULES).href,
  binaryen: new URL('binaryen/index.js', MODULES).href,
  kit: new URL('build/kit', PACKAGE).href,
  manual: new URL('runtime/include', PACKAGE).href,
};

/**
 * Builds a program, and before that fetches the compiler unless that has been done.
 * @param {Record<string, string>} files name -> text; those named .c, .cpp, .cc or .cxx are compiled
 * @param {Partial<CompileOptions>} [options]
 * @param {Asking} [asking]
 * @returns {Promise<Built>} with the compiler's complaints instead of a program if the sources cannot be built;
 *   rejects with one sentence if a part cannot be had, which may be tried again
 */
export function compile(files, options = {}, asking = {}) {
  return ask((builder) => builder.build(files, options), asking);
}

/**
 * Fetches the compiler and warms it with a small program, unless something has been built: while the person reads.
 * @param {Asking} [asking]
 * @returns {Promise<void>} rejects as compile() does
 */
export function warm(asking = {}) {
  return ask(async (builder) => { if (!isWarm) await builder.start(); }, asking);
}

/**
 * Who waits for something.
 * @typedef {object} Job
 * @property {(builder: Builder) => Promise<any>} work when it is its turn
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {(progress: Progress) => void} tell
 */

/** Made when it is first needed. @type {Builder | undefined} */
let builder;
/** Those who wait, in order. @type {Job[]} */
const jobs = [];
/** What the worker is at; its job may have given up. @type {Job | undefined} */
let current;
/** The compiler is there; it has built something. */
let isLoaded = false, isWarm = false;
/** How far its loading is. @type {Progress} */
let loading = { step: LOADING };

/**
 * @param {Job['work']} work
 * @param {Asking} asking
 * @returns {Promise<any>}
 */
function ask(work, { signal, onProgress = () => {} }) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const giveUp = () => {
      settle(job)?.reject(signal?.reason);
      endUnwanted();
    };
    /** @type {Job} */
    const job = {
      work, tell: onProgress,
      resolve: (result) => { signal?.removeEventListener('abort', giveUp); resolve(result); },
      reject: (error) => { signal?.removeEventListener('abort', giveUp); reject(error); },
    };
    signal?.addEventListener('abort', giveUp);
    jobs.push(job);
    tell(job, !isLoaded ? loading : { step: current ? 'wait' : 'compile' });
    if (!current) void workThrough();
  });
}

/** Takes a job off the list. @param {Job} job @returns {Job | undefined} undefined: it was not there any more */
function settle(job) {
  const i = jobs.indexOf(job);
  return i < 0 ? undefined : jobs.splice(i, 1)[0];
}

async function workThrough() {
  while (jobs.length > 0) {
    const job = current = jobs[0];
    try {
      builder ??= new Builder(addresses, { onFetch, onStep }); // throws if an address makes no sense
      const result = await job.work(builder);
      isLoaded = isWarm = true;
      settle(job)?.resolve(result);
    } catch (error) {
      // Without the compiler nobody else gets anything either, unless it has only been ended for nobody's sake.
      const all = isLoaded || wasEnded(error) ? [job] : [...jobs];
      isLoaded = isWarm = false; // the worker may have ended
      loading = { step: LOADING };
      for (const one of all) settle(one)?.reject(error);
    }
  }
  current = undefined;
}

/** @param {unknown} error */
const wasEnded = (error) => error instanceof DOMException && error.name === 'AbortError';

/** What the worker is at may be wanted by nobody any more. */
function endUnwanted() {
  const unwanted = current;
  if (!unwanted || jobs.includes(unwanted)) return;
  if (isLoaded) setTimeout(() => { if (current === unwanted) builder?.stop(); }, GRACE_MS);
  else if (jobs.length === 0) builder?.stop();
}

/** @param {number} fetched @param {number} of */
function onFetch(fetched, of) {
  loading = fetched < of ? { fetched, of } : { step: LOADING };
  for (const job of jobs) tell(job, loading);
}

/** @param {string} step */
function onStep(step) {
  if (current) tell(current, { step });
  if (isLoaded || step === LOADING) return;
  isLoaded = true;
  endUnwanted(); // it was left to load, as others wait for that
}

/** What a page makes of it is no matter of the others'. @param {Job} job @param {Progress} progress */
function tell(job, progress) {
  if (!jobs.includes(job)) return;
  try {
    job.tell(progress);
  } catch (error) {
    reportError(error);
  }
}
