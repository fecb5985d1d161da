// program-worker.mjs: what runs in each worker of a program: M0 (threads), an M of the pool, the whole program (sim),
// or a WASI command.
//
// Messages from the host: {t:'init', role, …} first; {t:'slot', …} to a worker of the pool; {t:'run'} to the
// others; {t:'ack', bytes} for trace bytes taken, {t:'fed', bytes} for those of subscribers (window.mjs),
// {t:'printed', bytes, pieces} for output taken, {t:'goroutines'}; {t:'look', …} to an observer; in sim mode
// {t:'turn', id} for a snapshot, {t:'answer', …} to requests, and calls, {t:'pace', …} and {t:'step', …}
// (simulation.mjs), {t:'preempt', goid}. To the host: ready, output, request, input, stdin, threads, turned, stepped,
// looked, exit, trap, crash, damaged, error; where memory cannot be shared also text, begun, trace, feed, last, over,
// image, goroutines, files; file of a WASI program.
// There 'begun' comes before what is of another trace, and 'over' behind all that is of one.
import { ASK, HOST, HOST_CALLS, CONFIG_WORDS } from './abi.mjs';
import { Damaged, damageText } from './damage.mjs';
import { readFiles } from './files.mjs';
import { askGoroutines } from './goroutines.mjs';
import { HostBlock } from './host-block.mjs';
import { readImage } from './image.mjs';
import { Ended, makeImports } from './imports.mjs';
import { InputRing } from './input-ring.mjs';
import { KeptOutput } from './kept-output.mjs';
import { ENGINE_FRAMES, stackText } from './lines.mjs';
import { privateMemory } from './memory.mjs';
import { OutputRing } from './output-ring.mjs';
import { clockSince, commonClock, workerPort } from './platform.mjs';
import { PostedOutput } from './posted-output.mjs';
import { PostedTrace } from './posted-trace.mjs';
import { Simulation } from './simulation.mjs';
import { reportTrap, trapText } from './trap.mjs';
import { runWasi } from './wasi-shim.mjs';

const UNANSWERED = [ASK.CLOSE, ASK.REPLY, ASK.TRACE];
/**
 * A goroutine that prints without end may never let this worker look at messages, so nothing tells it to wait. What is
 * printed meanwhile goes line by line at first, then in pieces of one more line for each so many: their number grows
 * with the logarithm of what is printed, and what an endless loop behind it keeps here is a hundredth at most.
 */
const PIECES_ALONE = 100;
const IMAGE_MS = 100; // pictures posted at most so often

Error.stackTraceLimit = ENGINE_FRAMES; // V8 would tell ten; none is made where time counts

const post = workerPort((message) => {
  try {
    receive(message);
  } catch (error) {
    if (error instanceof Damaged) damaged();
    else post({ t: 'error', text: sentenceOf(error) });
  }
});

/** @type {any} */ let init;
/** @type {WebAssembly.Memory} */ let memory;
/** @type {any} */ let wasm;
/** @type {string | null} the engine's stack when the program trapped */ let trapStack = null;
/** @type {HostBlock | null} */ let block = null;
/** @type {KeptOutput | null} where the host reads the output itself */ let kept = null;
let files = 0; // of the list of files
/** @type {OutputRing} */ let output;
/** @type {InputRing} */ let input; // sim
/** @type {PostedTrace | null} where memory is not seen by the host */ let posted = null;
let traces = 0; // of these, so far
const text = new PostedOutput(post);

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
  if (message.t === 'ack') posted?.taken(message.trace, message.bytes);
  else if (message.t === 'printed') {
    text.taken(message.bytes, message.pieces);
    simulation.unstalled();
  }
  else if (message.t === 'look') look(message);
  else if (message.t === 'goroutines') post({ t: 'goroutines', text: askGoroutines(wasm, memory) });
  else if (message.t === 'turn') turn(message.id);
  else if (message.t === 'fed') posted?.fed(message.trace, message.bytes);
  else if (message.t === 'pace') simulation.pace(message.steps);
  else if (message.t === 'step') simulation.step(message.id, message.n);
  else if (message.t === 'preempt') preempt(message.goid);
  else if (message.t === 'answer') answered(message);
  else if (message.t === 'slot') guarded(() => poolThread(message));
  else if (message.t === 'run' && init.role === 'wasi') runWasi(init, post);
  else if (message.t === 'run' && init.role === 'm0') guarded(() => wasm.gr_run_threads());
  else if (message.t === 'run') simulation.run();
}

/** @param {any} message */
function start(message) {
  init = message;
  if (init.role === 'wasi') return post({ t: 'ready' });
  memory = init.memory ?? privateMemory(init.maxMemory);
  kept = init.kept ? new KeptOutput(init.kept) : null;
  const { origin } = init;
  const now = clockSince(origin);
  const instance = new WebAssembly.Instance(init.module, makeImports(init.role === 'observer' ? observing(now) : {
    memory, now, files: init.files ?? {}, env: init.env ?? {},
    output: init.memory ? printed : () => output && printing(),
    input: init.role === 'sim' ? () => input.pump() : () => post({ t: 'input' }),
    request: (request) => {
      if (!UNANSWERED.includes(request.kind)) simulation.outstanding++;
      if (request.kind === ASK.TRACE && !init.memory)
        return postBegun(new DataView(request.bytes.buffer).getUint32(0, true));
      post({ t: 'request', request }, [request.bytes.buffer]);
    },
    threads: (n) => post({ t: 'threads', n }),
    stack: (most) =>
      stackText(init.module, trapStack ?? new Error().stack ?? '', indexOf(wasm.port_switch_nested), most),
    exit: (code) => {
      try {
        if (!init.memory) postRest();
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
        damaged();
      }
      post({ t: 'exit', code, block: block?.at ?? 0, fixed: block?.fixed });
    },
  }));
  wasm = instance.exports;
  if (init.role === 'observer') wasm.gr_observe();
  if (init.role === 'pool' || init.role === 'observer') return post({ t: 'ready' });
  try {
    boot();
  } catch (error) {
    if (!(error instanceof Ended)) throw error; // not the program's to report: it is not set up yet
  }
}

/** Sets up the program in its memory: once, in the instance that will be M0. */
function boot() {
  block = new HostBlock(memory, wasm.gr_setup(init.config.virtualClock, init.config.seedLo, init.config.seedHi));
  output = new OutputRing(block);
  if (init.role === 'sim') input = new InputRing(block);
  block.words[HOST.pool / 4] = init.pool;
  wasm.gr_construct();
  const argv = putStrings(init.argv);
  const debug = init.debug ? putString(init.debug) : 0;
  const config = { ...init.config, argc: init.argv.length, argv, debug };
  const at = wasm.gr_setup_alloc(CONFIG_WORDS.length * 4) >>> 0;
  new Uint32Array(memory.buffer, at, CONFIG_WORDS.length).set(CONFIG_WORDS.map((word) => config[word] >>> 0));
  wasm.gr_boot(at);
  const region = wasm.gr_trace_region() >>> 0;
  files = wasm.gr_files() >>> 0;
  if (!init.memory && region) postBegun(region);
  post({ t: 'ready', block: block.at, fixed: block.fixed, region, files });
}

/**
 * A C array of strings, ended by NULL, in the program's memory.
 * @param {string[]} strings
 */
function putStrings(strings) {
  const at = wasm.gr_setup_alloc((strings.length + 1) * 4) >>> 0;
  strings.forEach((text, i) => {
    const to = putString(text);
    new Uint32Array(memory.buffer)[at / 4 + i] = to;
  });
  return at;
}

/** @param {string} text */
function putString(text) {
  const bytes = new TextEncoder().encode(text);
  const to = wasm.gr_setup_alloc(bytes.length + 1) >>> 0;
  new Uint8Array(memory.buffer).set(bytes, to);
  return to;
}

/**
 * A worker of the pool: sleeps until the program starts a thread in its slot.
 * @param {{ block: number, fixed: number[], slot: number }} message
 */
function poolThread({ block: at, fixed, slot }) {
  block = new HostBlock(memory, at, fixed);
  const words = new Int32Array(memory.buffer);
  const state = (at + HOST.threads + slot * HOST.THREAD_BYTES) / 4;
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
    if (error instanceof Damaged) damaged();
    else if (!(error instanceof Ended)) trapped(error);
    return false;
  }
}

/** What is read of the program's memory has been written over: the host is to end it. */
function damaged() {
  post({ t: 'damaged', text: damageText(memory, files !== 0, init.module) });
}

/**
 * What an instance is given that only looks on: it is no M and runs nothing of the program.
 * @param {() => number} now
 * @returns {import('./imports.mjs').Services}
 */
function observing(now) {
  const cannot = () => { throw new Error('an observer runs nothing'); };
  return { memory, files: {}, env: {}, now,
    output: cannot, input: cannot, request: cannot, threads: cannot, stack: cannot, exit: cannot };
}

/** @param {number} goid */
const preempt = (goid) => wasm.gr_preempt(goid >>> 0, Math.floor(goid / 2 ** 32));

/**
 * The goroutines there are; a turn of the trace's generation is asked for, or that a goroutine's slice ends. The
 * program may run meanwhile.
 * @param {{ id: number, what: 'goroutines' | 'turn' | 'preempt', goid?: number }} question
 */
function look({ id, what, goid = 0 }) {
  try {
    const value = what === 'goroutines' ? askGoroutines(wasm, memory) : what === 'turn' ? wasm.gr_trace_ask()
      : preempt(goid);
    post({ t: 'looked', id, value });
  } catch (error) {
    post({ t: 'looked', id, failure: trapText(error) });
  }
}

/** A function's number in the module, which is what engines call it. @param {Function} [exported] */
const indexOf = (exported) => (exported ? Number(exported.name) : -1);

/** @param {unknown} error */
function trapped(error) {
  trapStack = error instanceof Error ? error.stack ?? '' : '';
  try {
    if (!init.memory) postOutput();
  } catch {
    return damaged();
  }
  post({ t: 'trap', text: trapText(error) }); // should the report below fail too
  // What it does before it reports may fail as well: then it goes on with the report.
  for (let left = 2; left > 0; left--) {
    try {
      reportTrap(wasm, memory, error);
    } catch (other) {
      if (other instanceof Ended) return;
    }
  }
  post({ t: 'crash', text: trapText(error) });
}

// ---- sim --------------------------------------------------------------------------------------------------------

const simulation = new Simulation({
  step: (ms) => {
    let wait = 0;
    return guarded(() => { wait = wasm.gr_sim_step(ms); }) ? wait : null;
  },
  stalled: () => text.full,
  shown: () => void guarded(() => {
    if (init.memory) return;
    printedInSlice = 0;
    postOutput();
    posted?.post();
    if (posted?.damaged) throw new Damaged();
    postImage(false);
  }),
  turn: () => guarded(() => wasm.gr_trace_turn()),
  stepped: (id) => post({ t: 'stepped', id }),
});

/** @param {{id: number, what: number, bytes: Uint8Array}} answer */
function answered({ id, what, bytes }) {
  if (id < HOST_CALLS) simulation.outstanding--;
  input.put(id, what, bytes);
  simulation.answered();
}

/**
 * All that has happened shall be in whole generations; where memory cannot be shared the host gets those too.
 * @param {number} id
 */
function turn(id) {
  wasm.gr_trace_turn();
  const bytes = posted && posted.snapshot();
  post({ t: 'turned', id, bytes }, bytes ? [bytes.buffer] : []);
}

/** The host reads it; it is told once. */
function printed() {
  if (!block) return;
  if (block.words[HOST.outTold / 4] <= 1) post({ t: 'output' });
  kept?.keep(block);
}

// ---- memory that the host cannot see ----------------------------------------------------------------------------

let printedInSlice = 0; // times that the program has printed since this worker last looked at messages
let held = 0; // of those, not posted

function printing() {
  printedInSlice++;
  if (++held >= printedInSlice / PIECES_ALONE || !output.hold()) postOutput();
}

function postOutput() {
  held = 0;
  output.drain((fd, bytes) => text.add(fd, bytes.slice())); // a part of a buffer would take all of it along
}

/** A trace begins. @param {number} region its address */
function postBegun(region) {
  posted?.end();
  try {
    posted = new PostedTrace(memory, region, ++traces, post);
  } catch {
    throw new Damaged(); // there is no region, or none that can be
  }
}

let imageAt = 0;
/** @param {boolean} now */
function postImage(now) {
  if (!block || (!now && commonClock() < imageAt + IMAGE_MS)) return;
  const image = readImage(block);
  if (!image) return;
  imageAt = commonClock();
  post({ t: 'image', image }, [image.data.buffer]);
}

/** The program has ended: everything that is left. */
function postRest() {
  if (output) postOutput();
  posted?.end();
  postImage(true);
  if (files) post({ t: 'files', files: readFiles(memory, files, init.files ?? {}) });
}
