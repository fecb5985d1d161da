// A page's worker that builds programs; wasm/cc/client.mjs is the page's end. It has no files: what it needs is
// fetched, or was kept (stored.mjs).
//
//     to it:   { start: Addresses }                    first, and once
//              { warm: true }                          before anybody waits for a build, or never
//              { build: number, from, options }        any number of times; one after the other
//     from it: { fetched: number, of: number }         bytes of the compiler, unpacked, while it comes by the network
//              { step: string }                        what begins in a build
//              { warm: Step[] }                        the compiler is there, and has built something
//              { build: number, outcome: Outcome }     in the order of the builds
//              { build: number, error: Failure }
//              { failed: string }                      a part cannot be loaded: nothing will be built
import { BuildError } from '../passes/errors.mjs';
import { DEFAULTS } from './arguments.mjs';
import { MANUAL } from './manual.mjs';
import { Stored } from './stored.mjs';
import { Toolchain } from './toolchain.mjs';
import { FileError, OWNERS, forbidden, sentence, unimported } from './unavailable.mjs';

/**
 * Where the parts are. Addresses of other origins must allow it (CORS).
 * @typedef {object} Addresses
 * @property {string} clang bundle.js of npm's yowasp clang, its other files beside it
 * @property {string} binaryen index.js of the npm package binaryen
 * @property {string} kit folder of the prebuilt runtime (build/kit)
 * @property {string} manual folder of goroscope.h (runtime/include)
 * @property {string} [worker] this module, where it does not lie beside client.mjs; blob: too
 */

/** @typedef {import('./compile.mjs').Sources} Sources */
/** @typedef {import('./arguments.mjs').CompileOptions} CompileOptions */
/** @typedef {import('./program.mjs').Outcome} Outcome */
/** @typedef {import('./program.mjs').Step} Step */
/**
 * @typedef {{ start: Addresses } | { warm: true } | { build: number, from: Sources, options: CompileOptions }} Request
 */
/** @typedef {{ isBuildError: boolean, message: string, text?: string, file?: string, line?: number }} Failure */
/**
 * @typedef {{ fetched: number, of: number } | { step: string } | { warm: Step[] } | { failed: string }
 *   | { build: number, outcome: Outcome } | { build: number, error: Failure }} Answer
 */

/**
 * What a first program is likely to take. V8 compiles clang's functions when they are first called: that is not to
 * happen under the user's eyes.
 */
const SMALL = `#include <goroscope.h>
#include <stdio.h>
static void send(void *c) { for (int i = 0; i < 3; i++) gr_chan_send(c, &i); gr_chan_close(c); }
int gr_main(int argc, char **argv) {
  gr_chan *c = gr_chan_make(sizeof(int), 0);
  gr_go(send, c);
  for (int i; gr_chan_recv(c, &i);) printf("%d %s\\n", i + argc, argv[0]);
  return 0;
}
`;

/** A part that cannot be had. */
class LoadError extends Error {}

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;
/** @param {Answer} answer @param {Transferable[]} [transfer] */
const post = (answer, transfer = []) => scope.postMessage(answer, transfer);

/**
 * @template T
 * @param {string} what @param {string} owner one of OWNERS
 * @param {Promise<T>} loading @returns {Promise<T>}
 */
async function loaded(what, owner, loading) {
  try {
    return await loading;
  } catch (e) {
    throw new LoadError(e instanceof FileError ? sentence(what, owner, e)
      : `${what} cannot be loaded: ${/** @type {Error} */ (e).message}`);
  }
}

/** No bundler is to look for it. @param {string} url */
const imported = (url) => import(/* webpackIgnore: true */ /* @vite-ignore */ url)
  .catch(async (error) => { throw await unimported(url, error, network); });

/** The worker's, before the compiler's package gets another one. */
const network = globalThis.fetch;
const stored = new Stored();
// The compiler's package has no other place to say where its files come from.
scope.fetch = (/** @type {URL} */ url) => stored.ofCompiler(url);

/** What is kept may be at fault; then the next start fetches it. @param {unknown} error @returns {Promise<never>} */
async function dropped(error) {
  const why = await stored.blame(error);
  await stored.forget();
  throw why;
}

/** @param {Addresses} at @returns {import('./toolchain.mjs').Parts} */
function partsOf(at) {
  const below = (/** @type {string} */ folder, /** @type {string} */ name) =>
    `${folder.replace(/\/$/, '')}/${name}`;
  const file = (/** @type {string} */ what, /** @type {string} */ url) =>
    loaded(what, OWNERS.goroscope, stored.ofOurs(url));
  const compiler = (/** @type {Promise<any>} */ loading) => loaded('the compiler', OWNERS.clang, loading);
  return {
    bundle: async () => {
      const { runLLVM, version } = await compiler(imported(at.clang));
      await stored.use(version);
      let megabytes = -1;
      const progress = (/** @type {{ doneLength: number, totalLength: number }} */ { doneLength, totalLength }) => {
        if (!stored.isFetching || megabytes === (megabytes = doneLength >> 20) && doneLength < totalLength) return;
        post({ fetched: doneLength, of: totalLength });
      };
      // Its files come with the first call.
      await compiler(runLLVM(null, {}, { fetchProgress: progress }).catch(dropped));
      return { runLLVM };
    },
    binaryen: async () => (await loaded('binaryen', OWNERS.binaryen, imported(at.binaryen))).default,
    kit: (name) => file('the prebuilt runtime', below(at.kit, name)),
    manual: async () => Object.fromEntries(await Promise.all(MANUAL.map(async (name) =>
      /** @type {const} */ ([name, await file(name, below(at.manual, name))])))),
  };
}

/** Missing where it cannot be had, which has been said. @type {Toolchain | undefined} */
let toolchain;
let isWarming = false;
/** Of what was asked before. @type {Promise<unknown>} */
let last = Promise.resolve();

/** @param {Toolchain} toolchain */
async function warm(toolchain) {
  isWarming = true; // what the small program goes through is nobody's business
  const small = { files: { '/small.c': SMALL }, sources: ['/small.c'], roots: [] };
  const { steps, wasm, text } = await toolchain.build(small, DEFAULTS);
  if (!wasm) return dropped(new Error(text));
  isWarming = false;
  post({ warm: steps });
}

/** @param {Toolchain} toolchain @param {Extract<Request, { build: number }>} request */
async function build(toolchain, { build, from, options }) {
  const outcome = await toolchain.build(from, options);
  post({ build, outcome }, outcome.wasm ? [outcome.wasm.buffer] : []);
}

/** @param {Request} request */
async function answer(request) {
  try {
    if ('start' in request) {
      const why = await forbidden(); // before 100 MB come for nothing
      if (why) throw new LoadError(why);
      toolchain = new Toolchain(partsOf(request.start), (step) => isWarming || post({ step }));
    } else if (toolchain) await ('warm' in request ? warm(toolchain) : build(toolchain, request));
  } catch (e) {
    const { message, text, file, line } = /** @type {BuildError & { text?: string }} */ (e);
    if (!('build' in request) || e instanceof LoadError) return post({ failed: message });
    const error = { isBuildError: e instanceof BuildError, message, text, file, line };
    post({ build: request.build, error });
  }
}

scope.onmessage = (/** @type {MessageEvent} */ { data }) => {
  last = last.then(() => answer(data));
};
