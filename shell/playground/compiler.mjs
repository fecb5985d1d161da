// The compiler of a page: one worker with clang, Binaryen and the prebuilt runtime, for all who build something there.
//
//     warm();                                            // while the person reads
//     const { wasm, text } = await compile({ 'prog.c': source });
//     if (wasm) (await load(wasm)).run();
//
// Builds go one after the other. Who gives up (signal) gives up for himself: others' builds go on, and so does what is
// under way for nobody, for GRACE_MS, since a new worker takes seconds. After that, and at once while the compiler is
// still being fetched for nobody, the worker is ended; the next who asks gets a new one.
import { Builder } from '../../wasm/cc/client.mjs';

/** @typedef {import('../../wasm/cc/client.mjs').Built} Built */
/** @typedef {import('../../wasm/cc/arguments.mjs').CompileOptions} CompileOptions */

/**
 * How far it is. fetched, of: bytes of the compiler, unpacked, while it comes over the network. step: 'load', the
 * browser makes it ready; 'wait', another build goes first; then the steps of this build as they begin: 'compile',
 * 'link', 'asyncify', …
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
 * Builds a program, and before that fetches and warms the compiler unless that has been done.
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
 * Fetches and warms the compiler, unless that has been done.
 * @param {Asking} [asking]
 * @returns {Promise<void>} rejects as compile() does
 */
export function warm(asking = {}) {
  return ask(async () => {}, asking);
}

/**
 * Who waits for something.
 * @typedef {object} Job
 * @property {(builder: Builder) => Promise<any>} work when the compiler is warm
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {(progress: Progress) => void} tell
 */

/** Made when it is first needed. @type {Builder | undefined} */
let builder;
/** Those who wait, in order; the first one's turn it is. @type {Job[]} */
const jobs = [];
let isWorking = false, isWarm = false;
/** What the worker is at now that it is warm; its job may have given up. @type {Job | undefined} */
let current;
const LOADING = { step: 'load' };
/** How the start stands. @type {Progress} */
let starting = LOADING;

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
    onProgress(isWarm ? { step: current ? 'wait' : 'compile' } : starting);
    void workThrough();
  });
}

/** Takes a job off the list. @param {Job} job @returns {Job | undefined} undefined: it was not there any more */
function settle(job) {
  const i = jobs.indexOf(job);
  return i < 0 ? undefined : jobs.splice(i, 1)[0];
}

async function workThrough() {
  if (isWorking) return;
  isWorking = true;
  while (jobs.length > 0) {
    builder ??= new Builder(addresses, { onFetch, onStep: (step) => current && tell(current, { step }) });
    try {
      await builder.start();
      isWarm = true;
    } catch (error) {
      starting = LOADING;
      // If it was ended because nobody wanted it, those who have come since get a new one.
      if (!wasEnded(error)) for (const job of jobs.splice(0)) job.reject(error);
      continue;
    }
    const job = jobs[0];
    if (!job) break;
    current = job;
    try {
      const result = await job.work(builder);
      settle(job)?.resolve(result);
    } catch (error) {
      isWarm = false; // it may have ended; the start tells
      settle(job)?.reject(error);
    }
    current = undefined;
  }
  isWorking = false;
}

/** @param {unknown} error */
const wasEnded = (error) => error instanceof DOMException && error.name === 'AbortError';

/** Somebody has given up. */
function endUnwanted() {
  if (!isWarm) {
    if (jobs.length === 0) end();
    return;
  }
  const unwanted = current;
  if (!unwanted || jobs.includes(unwanted)) return;
  setTimeout(() => { if (current === unwanted) end(); }, GRACE_MS);
}

/** Ends the worker, whatever it is at. */
function end() {
  isWarm = false;
  starting = LOADING;
  builder?.stop();
}

/** @param {number} fetched @param {number} of */
function onFetch(fetched, of) {
  starting = fetched < of ? { fetched, of } : LOADING;
  for (const job of jobs) tell(job, starting);
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
