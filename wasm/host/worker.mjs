// worker.mjs: what runs in each worker of a program: M0 (threads), an M of the pool, the whole program (sim), or a
// WASI command.
//
// Messages from the host: {t:'init', role, …} first; {t:'slot', …} to a worker of the pool; {t:'run'} to the others;
// {t:'ack', bytes} for trace bytes taken, {t:'fed', bytes} for those of subscribers (window.mjs), {t:'printed', bytes}
// for output taken, {t:'goroutines'}; in sim mode {t:'turn', id} for a snapshot, {t:'answer', …} to requests, and
// calls. To the host: ready, output, request, input, stdin, threads, turned, exit, trap, crash, error; where memory
// cannot be shared also text, trace, feed, last, image, goroutines, files; file of a WASI program.
import { ASK, HOST, HOST_CALLS, CONFIG_WORDS, checkHostBlock } from './abi.mjs';
import { readFiles } from './files.mjs';
import { askGoroutines } from './goroutines.mjs';
import { readImage } from './image.mjs';
import { Ended, makeImports } from './imports.mjs';
import { InputRing } from './input-ring.mjs';
import { ENGINE_FRAMES, stackText } from './lines.mjs';
import { privateMemory } from './memory.mjs';
import { OutputRing } from './output-ring.mjs';
import { clockSince, commonClock, makeSoon, sleep, workerPort } from './platform.mjs';
import { RingReader } from './region.mjs';
import { reportTrap, trapText } from './trap.mjs';
import { runWasi } from './wasi-shim.mjs';
import { RingWindow, snapshotOf } from './window.mjs';

const UNANSWERED = [ASK.CLOSE, ASK.REPLY, ASK.TRACE];
const SLICE_MS = 10; // sim: at most so long without looking at messages
const CREDIT_BYTES = 8 << 20; // trace bytes posted and not yet taken
const UNREAD_BYTES = 1 << 20; // printed bytes posted and not yet taken
const IMAGE_MS = 100; // pictures posted at most so often

Error.stackTraceLimit = ENGINE_FRAMES; // V8 would tell ten; none is made where time counts

const post = workerPort((message) => {
  try {
    receive(message);
  } catch (error) {
    post({ t: 'error', text: sentenceOf(error) });
  }
});

/** @type {any} */ let init;
/** @type {WebAssembly.Memory} */ let memory;
/** @type {any} */ let wasm;
/** @type {string | null} the engine's stack when the program trapped */ let trapStack = null;
let block = 0; // address of the host block
let files = 0; // of the list of files
/** @type {OutputRing} */ let output;
/** @type {InputRing} */ let input; // sim
/** @type {RingReader | null} */ let ring = null;
/** @type {RingWindow | null} */ let view = null;
let credit = CREDIT_BYTES;

/**
 * What went wrong outside the program's own run. Errors of the engine's say little by themselves.
 * @param {unknown} error
 */
function sentenceOf(error) {
  const text = trapText(error);
  return error instanceof Error && error.constructor === Error ? text : `a worker of the program failed: ${text}`;
}

/** @param {any} message */
function receive(message) {
  if (message.t === 'init') return start(message);
  if (message.t === 'ack') credit += message.bytes;
  else if (message.t === 'printed') printed(message.bytes);
  else if (message.t === 'goroutines') post({ t: 'goroutines', text: askGoroutines(wasm, memory) });
  else if (message.t === 'turn') turn(message.id);
  else if (message.t === 'fed') fed(message.bytes);
  else if (message.t === 'answer') answered(message);
  else if (message.t === 'slot') guarded(() => poolThread(message.block, message.slot));
  else if (message.t === 'run' && init.role === 'wasi') runWasi(init, post);
  else if (message.t === 'run' && init.role === 'm0') guarded(() => wasm.gr_run_threads());
  else if (message.t === 'run') simulate();
}

/** @param {any} message */
function start(message) {
  init = message;
  if (init.role === 'wasi') return post({ t: 'ready' });
  memory = init.memory ?? privateMemory(init.maxMemory);
  const { origin } = init;
  const now = clockSince(origin);
  const instance = new WebAssembly.Instance(init.module, makeImports({
    memory, now, files: init.files ?? {}, env: init.env ?? {},
    output: init.memory ? () => post({ t: 'output' }) : () => output && postOutput(),
    input: init.role === 'sim' ? () => input.pump() : () => post({ t: 'input' }),
    request: (request) => {
      if (!UNANSWERED.includes(request.kind)) outstanding++;
      post({ t: 'request', request }, [request.bytes.buffer]);
    },
    threads: (n) => post({ t: 'threads', n }),
    stack: (most) =>
      stackText(init.module, trapStack ?? new Error().stack ?? '', indexOf(wasm.port_switch_nested), most),
    exit: (code) => {
      if (!init.memory) postRest();
      post({ t: 'exit', code, block });
    },
  }));
  wasm = instance.exports;
  if (init.role === 'pool') return post({ t: 'ready' });
  try {
    boot();
  } catch (error) {
    if (!(error instanceof Ended)) throw error; // not the program's to report: it is not set up yet
  }
}

/** Sets up the program in its memory: once, in the instance that will be M0. */
function boot() {
  block = wasm.gr_setup(init.config.virtualClock, init.config.seedLo, init.config.seedHi) >>> 0;
  checkHostBlock(memory, block);
  output = new OutputRing(memory, block);
  if (init.role === 'sim') input = new InputRing(memory, block);
  new Uint32Array(memory.buffer)[(block + HOST.pool) / 4] = init.pool;
  wasm.gr_construct();
  const argv = putStrings(init.argv);
  const debug = init.debug ? putString(init.debug) : 0;
  const config = { ...init.config, argc: init.argv.length, argv, debug };
  const at = wasm.gr_alloc(CONFIG_WORDS.length * 4) >>> 0;
  new Uint32Array(memory.buffer, at, CONFIG_WORDS.length).set(CONFIG_WORDS.map((word) => config[word] >>> 0));
  wasm.gr_boot(at);
  const region = wasm.gr_trace_region() >>> 0;
  if (!init.memory && region) ring = new RingReader(memory, region), view = new RingWindow(memory, region);
  files = wasm.gr_files() >>> 0;
  post({ t: 'ready', block, region, files });
}

/**
 * A C array of strings, ended by NULL, in the program's memory.
 * @param {string[]} strings
 */
function putStrings(strings) {
  const at = wasm.gr_alloc((strings.length + 1) * 4) >>> 0;
  strings.forEach((text, i) => {
    const to = putString(text);
    new Uint32Array(memory.buffer)[at / 4 + i] = to;
  });
  return at;
}

/** @param {string} text */
function putString(text) {
  const bytes = new TextEncoder().encode(text);
  const to = wasm.gr_alloc(bytes.length + 1) >>> 0;
  new Uint8Array(memory.buffer).set(bytes, to);
  return to;
}

/**
 * A worker of the pool: sleeps until the program starts a thread in its slot.
 * @param {number} at address of the host block
 * @param {number} slot
 */
function poolThread(at, slot) {
  block = at;
  const words = new Int32Array(memory.buffer);
  const state = (block + HOST.threads + slot * HOST.THREAD_BYTES) / 4;
  while (Atomics.load(words, state) === 0) Atomics.wait(words, state, 0);
  wasm.gr_thread_run(slot);
}

/**
 * Runs a piece of the program; a trap becomes the program's own report.
 * @param {() => void} piece
 * @returns {boolean} false: the program has ended
 */
function guarded(piece) {
  try {
    piece();
    return true;
  } catch (error) {
    if (!(error instanceof Ended)) trapped(error);
    return false;
  }
}

/** A function's number in the module, which is what engines call it. @param {Function} [exported] */
const indexOf = (exported) => (exported ? Number(exported.name) : -1);

/** @param {unknown} error */
function trapped(error) {
  trapStack = error instanceof Error ? error.stack ?? '' : '';
  post({ t: 'trap', text: trapText(error) }); // should the report below fail too
  try {
    reportTrap(wasm, memory, error);
  } catch (second) {
    if (!(second instanceof Ended)) post({ t: 'crash', text: trapText(error) });
  }
}

// ---- sim --------------------------------------------------------------------------------------------------------

const soon = makeSoon();

let outstanding = 0; // requests that were not answered
/** @type {ReturnType<typeof setTimeout> | null} */ let nap = null; // the program waits, and messages come through

/** Runs slices, letting messages through in between, until the program ends. */
function simulate() {
  nap = null;
  stalled = unread > UNREAD_BYTES;
  if (stalled) return;
  let wait = 0;
  if (!guarded(() => { wait = wasm.gr_sim_step(SLICE_MS); })) return;
  if (!init.memory) {
    postTrace(false);
    postFeed(false);
    postImage(false);
  }
  if (wait > 40) nap = setTimeout(simulate, Math.min(wait - 4, 2 ** 31 - 1));
  else if (wait > 0 && outstanding > 0) nap = setTimeout(simulate, wait);
  else {
    if (wait > 0) sleep(wait); // timers of browsers are too coarse for this
    soon(simulate);
  }
}

/** @param {{id: number, what: number, bytes: Uint8Array}} answer */
function answered({ id, what, bytes }) {
  if (id < HOST_CALLS) outstanding--;
  input.put(id, what, bytes);
  if (nap === null) return; // the next step sees it
  clearTimeout(nap);
  simulate();
}

// ---- memory that the host cannot see ----------------------------------------------------------------------------

let unread = 0; // bytes of those posted
let stalled = false; // the program is not run before they are read

function postOutput() {
  output.drain((fd, bytes) => {
    unread += bytes.length;
    const copy = bytes.slice(); // a part of a buffer would take all of it along
    post({ t: 'text', fd, bytes: copy }, [copy.buffer]);
  });
}

/** @param {number} bytes that were taken */
function printed(bytes) {
  unread -= bytes;
  if (stalled) simulate();
}

/** @param {boolean} all also more than the host has asked for */
function postTrace(all) {
  while (ring && (all || credit > 0)) {
    const bytes = ring.read(1 << 20);
    if (!bytes) return;
    credit -= bytes.length;
    post({ t: 'trace', bytes, lost: ring.lost }, [bytes.buffer]);
  }
}

/**
 * All that has happened shall be in whole generations; where memory cannot be shared the host gets those too.
 * @param {number} id
 */
function turn(id) {
  wasm.gr_trace_turn();
  const bytes = view && snapshotOf(view);
  post({ t: 'turned', id, bytes }, bytes ? [bytes.buffer] : []);
}

let feeding = false; // there are subscribers
let feedAt = -1; // they have been posted what lies before
let feedCredit = CREDIT_BYTES;

/** @param {number} bytes that were taken; 0: there is a subscriber now */
function fed(bytes) {
  feeding = true;
  feedCredit += bytes;
  if (bytes === 0) postFeed(true); // so that it is known where "now" is
}

/** @param {boolean} all also if there is nothing, or more than the host has asked for */
function postFeed(all) {
  if (!view || !feeding || (!all && feedCredit <= 0)) return;
  const { start, begin, end } = view;
  const pos = feedAt < start ? start : feedAt; // what was written over is lost to them
  const bytes = view.copy(pos, end); // nobody writes meanwhile: it is whole
  if (!bytes || (bytes.length === 0 && !all)) return;
  feedAt = end;
  feedCredit -= bytes.length;
  post({ t: 'feed', start, begin, pos, version: view.version, bytes }, [bytes.buffer]);
}

let imageAt = 0;
/** @param {boolean} now */
function postImage(now) {
  if (!now && commonClock() < imageAt + IMAGE_MS) return;
  const image = readImage(memory, block);
  if (!image) return;
  imageAt = commonClock();
  post({ t: 'image', image }, [image.data.buffer]);
}

/** The program has ended: everything that is left. */
function postRest() {
  if (output) postOutput();
  postTrace(true);
  postFeed(true);
  const last = view && snapshotOf(view);
  if (last) post({ t: 'last', bytes: last }, [last.buffer]);
  if (block) postImage(true);
  if (files) post({ t: 'files', files: readFiles(memory, files, init.files ?? {}) });
}
