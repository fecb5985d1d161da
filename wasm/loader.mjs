// loader.mjs: runs a goroscope program in a page or in node. This is the package's main export.
//
//     const rt = await load('sieve.wasm', { procs: 2, stdout: (text) => console.log(text) });
//     const { exitCode } = await rt.run();
//
// The program runs in workers only. The thread that calls load() keeps its event loop: it passes on output and looks at the trace.
//
//   mode 'threads': one worker per M, all on one shared memory. Workers are started before the program is, and pick up threads
//                   through that memory (host.h), so a busy page does not slow the program.
//   mode 'sim':     one worker simulates `procs` processors. Without SharedArrayBuffer its memory is invisible here; then output,
//                   trace and picture come by messages.
//
// What the program asks its host for (hostio.mjs) comes by messages; the answers go into a ring in its memory, by messages in sim mode.
import { ASK, HOST, MEMORY_INITIAL, MEMORY_MAXIMUM, PAGE } from './abi.mjs';
import { Calls } from './calls.mjs';
import { observe, parseGoroutines } from './goroutines.mjs';
import { readImage } from './image.mjs';
import { HostServices, wholeStdin } from './hostio.mjs';
import { kindOf, makeImports } from './imports.mjs';
import { InputRing } from './input.mjs';
import { Lines, OutputRing } from './output.mjs';
import { commonClock, compile, isNode, isShareable, processors, startWorker } from './platform.mjs';
import { RingReader } from './region.mjs';
import { WASI_FUNCTIONS } from './wasi-shim.mjs';
import { answerStdin, readStdin, stdinBuffer } from './wasi-stdin.mjs';

const RING_BYTES = 16 << 20; // default size of the trace ring
const MAX_PROCS = 256; // the runtime's (proc.h)
const POLL_MS = 25; // how often readable looks at the ring
const TRAP_MS = 2000; // how long a program may take to report a trap itself
const WASI_TRACE = 'goroscope.trace'; // file that a WASI program writes its trace to

/**
 * @typedef {import('./hostio.mjs').HostOptions & OwnOptions} LoadOptions
 *
 * @typedef {object} OwnOptions
 * @property {'auto' | 'threads' | 'sim'} [mode] default auto: threads where memory can be shared, else sim
 * @property {number} [procs] number of Ps; default: the machine's processors
 * @property {string[]} [args] argv[1] and on
 * @property {{[name: string]: string}} [env] WASI programs only
 * @property {number | bigint} [seed] sim: the same seed makes the same choices; default random
 * @property {'measured' | 'virtual'} [clock] sim: what computing costs in simulated time; default measured
 * @property {(text: string) => void} [stdout] gets whole lines; default: node's stdout, the console
 * @property {(text: string) => void} [stderr]
 * @property {{mode?: 'stream', ringBytes?: number} | false} [trace] default: on. false: off
 * @property {AbortSignal} [signal] aborting it is stop()
 * @property {{[name: string]: Uint8Array}} [files] what gr_readfile finds
 * @property {string} [debug] what the runtime is to watch or tell, such as 'leaks=1'; a list NAME=VALUE,… as in GRDEBUG
 * @property {number} [stackBytes] bytes to which the stack of a goroutine may grow; 0: 1 MiB
 * @property {number} [maxMemory] bytes the program may use at most; default 4 GiB
 *
 * @typedef {{width: number, height: number, data: Uint8ClampedArray<ArrayBuffer>}} Image
 * @typedef {{exitCode: number, stopped?: boolean}} Result
 */

/**
 * Loads a program and starts its workers. It does not run before run().
 * @param {string | URL | BufferSource | WebAssembly.Module} program
 * @param {LoadOptions} [options]
 * @returns {Promise<Program>}
 */
export async function load(program, options = {}) {
  const { module, name } = await compile(program);
  const kind = kindOf(module, WASI_FUNCTIONS);
  const rt = new Program(module, name, kind, options, options.procs ?? await processors());
  try {
    await rt.start_();
  } catch (error) {
    rt.stop();
    throw error;
  }
  return rt;
}

/** A loaded program: runs once. */
export class Program {
  /**
   * @param {WebAssembly.Module} module
   * @param {string} name
   * @param {'loader' | 'wasi'} kind
   * @param {LoadOptions} options
   * @param {number} procs
   */
  constructor(module, name, kind, options, procs) {
    checkOptions(options, procs);
    this.#module = module;
    this.#name = name;
    this.#kind = kind;
    this.#options = options;
    this.#files = shareFiles(options.files ?? {});
    /** Number of Ps. */
    this.procs = procs;
    const [mode, reason] = chooseMode(kind, options.mode ?? 'auto');
    /** @type {'threads' | 'sim'} */
    this.mode = mode;
    /** Why that mode, in a sentence. */
    this.modeReason = reason;
    this.#lines = new Lines(options.stdout ?? defaultOutput('stdout'), options.stderr ?? defaultOutput('stderr'));
    this.#result = new Promise((resolve) => { this.#resolve = resolve; });
    this.#services = new HostServices(options, (id, what, bytes) => this.#answer(id, what, bytes));
    this.trace = new Trace((bytes) => this.#threads[0]?.post({ t: 'ack', bytes }));
  }

  /** @type {WebAssembly.Module} */ #module;
  /** @type {string} */ #name;
  /** @type {'loader' | 'wasi'} */ #kind;
  /** @type {LoadOptions} */ #options;
  /** @type {{[name: string]: Uint8Array}} */ #files;
  /** @type {Lines} */ #lines;
  /** @type {WebAssembly.Memory | null} */ #memory = null; // null: not visible here
  #host = 0; // address of the host block
  #origin = commonClock();
  /** @type {import('./platform.mjs').Thread[]} */ #threads = []; // [0] is M0
  #starting = 1; // workers that exist or are being started
  #running = false;
  /** @type {'loaded' | 'ending' | 'ended'} */ #state = 'loaded';
  /** @type {Promise<Result>} */ #result;
  /** @type {(result: Result) => void} */ #resolve = () => {};
  /** @type {Image | null} */ #image = null; // last one that came by message
  /** @type {OutputRing | null} */ #output = null;
  /** @type {HostServices} */ #services;
  /** @type {InputRing | null} */ #input = null; // threads mode
  #calls = new Calls((id, what, bytes) => this.#answer(id, what, bytes));
  /** @type {SharedArrayBuffer | null} */ #stdin = null; // WASI
  /** @type {string | null} */ #trap = null;
  /** @type {Promise<() => string> | null} */ #observer = null; // asks for the goroutines
  /** @type {((text: string) => void)[]} */ #asking = []; // those whose question is with the worker
  #onAbort = () => this.stop();

  /** Starts the workers; load() calls it. */
  async start_() {
    const { signal, maxMemory = MEMORY_MAXIMUM } = this.#options;
    if (signal?.aborted) this.stop();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (this.#kind === 'wasi') return this.#startWasi();
    if (isShareable) this.#memory = sharedMemory(maxMemory);
    const pool = this.mode === 'threads' ? this.procs : 0; // one for each M but M0, one for the thread that watches over the trace
    const booted = this.#startThread({ role: this.mode === 'sim' ? 'sim' : 'm0', ...this.#common(), maxMemory, pool, argv: [this.#name, ...this.#options.args ?? []], debug: this.#options.debug ?? '', config: this.#config() });
    if (this.mode === 'sim') {
      const message = await booted;
      this.#booted(message);
      return;
    }
    this.#starting += pool;
    const others = Array.from({ length: pool }, () => this.#startThread({ role: 'pool', ...this.#common() }, true));
    for (const other of others) other.catch(() => {}); // looked at below; M0 may fail first, and then they are ended
    this.#booted(await booted);
    (await Promise.all(others)).forEach((message, slot) => message.thread.post({ t: 'slot', host: this.#host, slot }));
  }

  /** Runs the program to its end. */
  run() {
    if (this.#running) throw new Error('run() was called before; load the program again to run it again');
    this.#running = true;
    for (const thread of this.#threads) thread.keepAlive(true);
    if (this.#state === 'loaded') this.#threads[0].post({ t: 'run' });
    return this.#result;
  }

  /** Ends the program at once, whatever it does. run() then resolves with exitCode 130. */
  stop() {
    this.#end({ exitCode: 130, stopped: true });
  }

  /**
   * The picture the program draws (gr_framebuffer), as it is now.
   * @returns {Image | null}
   */
  image() {
    return this.#memory && this.#host ? readImage(this.#memory, this.#host) : this.#image;
  }

  /**
   * The goroutines there are now, by id; none when the program has ended. Stops nobody: also of a program that computes or hangs. Each
   * is shown as it is at some moment, not all at the same one. Where memory cannot be shared the worker answers between two slices.
   * @returns {Promise<import('./goroutines.mjs').Goroutine[]>}
   */
  async goroutines() {
    if (this.#kind === 'wasi') throw new Error('a WASI program cannot be looked at while it runs: build it for the target emscripten');
    if (this.#state !== 'loaded') return [];
    if (!this.#memory) {
      const text = new Promise((/** @type {(text: string) => void} */ resolve) => { this.#asking.push(resolve); });
      this.#threads[0].post({ t: 'goroutines' });
      return parseGoroutines(await text);
    }
    const cannot = () => { throw new Error('an observer runs nothing'); };
    this.#observer ??= observe(this.#module, this.#memory, makeImports({
      memory: this.#memory, files: {}, env: {}, now: () => Math.max(0, commonClock() - this.#origin), output: cannot, input: cannot, request: cannot, threads: cannot, exit: cannot,
    }));
    return parseGoroutines((await this.#observer)());
  }

  /**
   * Calls a function of the program that it has made callable (GR_CALLABLE), in a goroutine of its own. Rejects with what
   * gr_call_fail says, if there is no such function, and when the program ends before it has answered. May be called before run().
   * @param {string} name
   * @param {string | Uint8Array} [arg] the function's argument
   * @returns {Promise<string>} its answer
   */
  async call(name, arg = '') {
    return new TextDecoder().decode(await this.callBytes(name, arg));
  }

  /**
   * The same for functions that answer with bytes.
   * @param {string} name
   * @param {string | Uint8Array} [arg]
   * @returns {Promise<Uint8Array>}
   */
  async callBytes(name, arg = '') {
    this.#callable();
    return this.#calls.call(name, arg);
  }

  /**
   * Calls a function as call() does, while goroutine goid stands at a safe point; one that waits for something gets there when
   * it goes on, and so long the call takes.
   * @param {number} goid
   * @param {string} name
   * @param {string | Uint8Array} [arg]
   * @returns {Promise<string>}
   */
  async debugCall(goid, name, arg = '') {
    this.#callable();
    if (!Number.isSafeInteger(goid) || goid < 1) throw new RangeError(`the id of a goroutine is a whole number from 1, not ${goid}`);
    return new TextDecoder().decode(await this.#calls.call(name, arg, goid));
  }

  #callable() {
    if (this.#kind === 'wasi') throw new Error('a WASI program cannot be called: build it for the target emscripten');
    if (this.#state !== 'loaded') throw new Error('the program has ended');
  }

  /** What all workers are told. */
  #common() {
    return { t: 'init', module: this.#module, memory: this.#memory, origin: this.#origin, files: this.#files, env: this.#options.env ?? {} };
  }

  #config() {
    const { seed, clock, stackBytes = 0 } = this.#options;
    const random = crypto.getRandomValues(new Uint32Array(2));
    const s = BigInt.asUintN(64, seed === undefined ? BigInt(random[0]) << 32n | BigInt(random[1]) : BigInt(seed));
    return {
      procs: this.procs, sim: +(this.mode === 'sim'), virtualClock: +(clock === 'virtual'), stackBytes, ringBytes: this.#ringBytes(),
      seedLo: Number(s & 0xffffffffn), seedHi: Number(s >> 32n),
    };
  }

  #ringBytes() {
    const { trace } = this.#options;
    return trace === false ? 0 : trace?.ringBytes ?? RING_BYTES;
  }

  async #startWasi() {
    const config = this.#config();
    const env = {
      ...this.#options.env, GOROSCOPE_PROCS: String(config.procs), GOROSCOPE_SEED: String(BigInt(config.seedHi) << 32n | BigInt(config.seedLo)),
      GOROSCOPE_CLOCK: this.#options.clock ?? 'measured',
      ...this.#options.debug ? { GRDEBUG: this.#options.debug } : {},
      ...config.stackBytes ? { GOROSCOPE_STACK: String(config.stackBytes) } : {},
      ...config.ringBytes ? { GOROSCOPE_TRACE: WASI_TRACE, GOROSCOPE_RING: String(config.ringBytes) } : {},
    };
    if (isShareable) this.#stdin = stdinBuffer();
    const stdin = this.#stdin ?? await wholeStdin(this.#options.stdin);
    await this.#startThread({ ...this.#common(), role: 'wasi', argv: [this.#name, ...this.#options.args ?? []], env, stdin, traceFile: WASI_TRACE });
    this.trace.byMessages_(config.ringBytes > 0);
  }

  /**
   * Starts a worker; resolves when it is ready.
   * @param {any} init
   * @param {boolean} [counted] already in #starting
   * @returns {Promise<any>} its `ready` message, with `thread`
   */
  async #startThread(init, counted = false) {
    if (!counted && init.role === 'pool') this.#starting++;
    /** @type {(message: any) => void} */ let ready = () => {};
    /** @type {(error: Error) => void} */ let failed = () => {};
    const answer = new Promise((resolve, reject) => { ready = resolve; failed = reject; });
    const thread = await startWorker((message) => {
      if (message.t === 'ready') ready({ ...message, thread });
      else if (message.t === 'error') failed(new Error(message.text));
      else this.#receive(message);
      if (message.t === 'exit') ready({ ...message, thread, region: 0 }); // it failed while it was set up
    }, (error) => { failed(error); this.#crashed(error); }, this.#options.stackBytes ?? 0);
    if (this.#state !== 'loaded') {
      thread.end();
      return answer;
    }
    thread.keepAlive(this.#running);
    if (init.role === 'pool') this.#threads.push(thread);
    else this.#threads.unshift(thread);
    thread.post(init);
    thread.keepAlive(true); // at least until it has answered
    const message = await answer;
    thread.keepAlive(this.#running);
    return message;
  }

  /** @param {any} message M0's `ready` */
  #booted({ host, region }) {
    this.#host = host;
    if (this.#memory && host) {
      this.#output = new OutputRing(this.#memory, host);
      if (this.mode === 'threads') this.#input = new InputRing(this.#memory, host);
      this.#drain(); // what the set-up printed
      if (region) this.trace.byRegion_(this.#memory, region);
    } else {
      this.trace.byMessages_(region !== 0);
    }
  }

  /** @param {any} message */
  #receive(message) {
    if (this.#state === 'ended') return;
    switch (message.t) {
      case 'output': this.#drain(); break;
      case 'text': this.#lines.add(message.fd, message.bytes); break;
      case 'trace': this.trace.add_(message.bytes, message.lost); break;
      case 'image': this.#image = message.image; break;
      case 'goroutines': this.#asking.shift()?.(message.text); break;
      case 'request':
        if (message.request.kind === ASK.REPLY) this.#calls.reply(message.request);
        else this.#services.request(message.request);
        break;
      case 'input': this.#input?.pump(); break;
      case 'stdin': this.#services.request(readStdin()); break;
      case 'threads': this.#grow(message.n); break;
      case 'exit':
        if (!this.#output && this.#memory && message.host) this.#output = new OutputRing(this.#memory, message.host);
        this.#end({ exitCode: message.code });
        break;
      case 'trap':
        this.#trap = message.text;
        setTimeout(() => this.#crashed(new Error(message.text)), TRAP_MS);
        break;
      case 'crash': this.#crashed(new Error(message.text)); break;
    }
  }

  /**
   * The program starts more threads than there are workers.
   * @param {number} n
   */
  async #grow(n) {
    while (this.#starting < n + 1 && this.#state === 'loaded') {
      const slot = this.#starting - 1;
      const message = await this.#startThread({ role: 'pool', ...this.#common() }).catch(() => null);
      if (!message) return; // the program has ended meanwhile, or #crashed has told of the failure
      message.thread.post({ t: 'slot', host: this.#host, slot });
    }
  }

  /**
   * @param {number} id of a request
   * @param {number} what
   * @param {Uint8Array} bytes
   */
  #answer(id, what, bytes) {
    if (this.#state !== 'loaded') return;
    if (this.#input) return this.#input.put(id, what, bytes);
    if (this.#stdin) return answerStdin(this.#stdin, what, bytes);
    const copy = bytes.slice(); // a part of a buffer would take all of it along
    this.#threads[0]?.post({ t: 'answer', id, what, bytes: copy }, [copy.buffer]);
  }

  #drain() {
    this.#output?.drain((fd, bytes) => this.#lines.add(fd, bytes));
  }

  /**
   * A worker failed and could not say so itself, in the program's own way.
   * @param {Error} error
   */
  #crashed(error) {
    if (this.#state !== 'loaded') return;
    this.#drain();
    this.#lines.add(2, new TextEncoder().encode(`fatal error: ${this.#trap ?? error.message}\n(the program could not list its goroutines)\n`));
    this.#end({ exitCode: 2 });
  }

  /** @param {Result} result */
  async #end(result) {
    if (this.#state !== 'loaded') return;
    this.#state = 'ending';
    this.#services.close();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    await Promise.all(this.#threads.map((thread) => thread.end()));
    this.#drain(); // shared memory outlives the workers
    this.#lines.end();
    this.#state = 'ended';
    this.trace.end_();
    for (const answer of this.#asking) answer('');
    this.#calls.end();
    this.#resolve(result);
  }
}

/** A program's trace, in Go's format, while it is being recorded. One reader only: either `readable` or whoever uses `region`. */
class Trace {
  /** @param {(bytes: number) => void} taken says that so many posted bytes have been read */
  constructor(taken) {
    /**
     * The trace as a stream of bytes: what a trace file contains. Ends with the program.
     * @type {ReadableStream<Uint8Array>}
     */
    this.readable = new ReadableStream({ pull: (controller) => this.#pull(controller), cancel: () => { this.#cancelled = true; } }, { highWaterMark: 0 });
    /**
     * Where the trace lies in memory, for readers of their own (RingReader); null if it cannot be seen from here.
     * @type {{memory: WebAssembly.Memory, ptr: number} | null}
     */
    this.region = null;
    this.#taken = taken;
  }

  /** @type {(bytes: number) => void} */ #taken;
  /** @type {RingReader | null} */ #ring = null;
  /** @type {Uint8Array[]} */ #queue = []; // came by message
  #lost = 0;
  #ended = false;
  #cancelled = false;
  /** @type {() => void} */ #wake = () => {};

  /** Generations that were dropped because nobody read in time. */
  get lost() { return this.#ring ? this.#ring.lost : this.#lost; }

  /**
   * @param {WebAssembly.Memory} memory
   * @param {number} ptr
   */
  byRegion_(memory, ptr) {
    this.region = { memory, ptr };
    this.#ring = new RingReader(memory, ptr);
  }

  /** @param {boolean} on */
  byMessages_(on) {
    if (!on) this.end_();
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} lost
   */
  add_(bytes, lost) {
    this.#lost = lost;
    if (!this.#cancelled) this.#queue.push(bytes);
    this.#wake();
  }

  end_() {
    this.#ended = true;
    this.#ring?.close(); // a program that was stopped did not say so itself
    this.#wake();
  }

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  async #pull(controller) {
    for (;;) {
      const ended = this.#ended || this.#ring?.state === 2; // asked before reading: what is there now is all
      const bytes = this.#ring ? this.#ring.read(1 << 20) : this.#queue.shift();
      if (bytes) {
        if (!this.#ring) this.#taken(bytes.length);
        return controller.enqueue(bytes);
      }
      if (ended || this.#cancelled) return controller.close();
      const woken = new Promise((resolve) => { this.#wake = () => resolve(undefined); });
      if (this.#ring) await Promise.race([woken, this.#ring.waitAsync(POLL_MS)]);
      else await woken;
    }
  }
}

/**
 * @param {'loader' | 'wasi'} kind
 * @param {'auto' | 'threads' | 'sim'} wanted
 * @returns {['threads' | 'sim', string]}
 */
function chooseMode(kind, wanted) {
  if (kind === 'wasi') {
    if (wanted === 'threads') throw new Error('a WASI program has one thread only: use mode sim, or build it for the target emscripten');
    return ['sim', 'Simulated on one thread: this is a WASI program.'];
  }
  const why = isNode ? 'node' : 'the page';
  if (wanted === 'sim') return ['sim', 'Simulated on one thread, as asked for.'];
  if (isShareable) return ['threads', wanted === 'threads' ? 'Real threads, as asked for.' : `Real threads: ${why} may share memory between workers.`];
  const cause = 'SharedArrayBuffer is missing, because the page was not served with the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  if (wanted === 'threads') throw new Error(`no threads here: ${cause}`);
  return ['sim', `Simulated on one thread: ${cause}.`];
}

/**
 * @param {LoadOptions} o
 * @param {number} procs
 */
function checkOptions(o, procs) {
  if (!Number.isInteger(procs) || procs < 1 || procs > MAX_PROCS) throw new RangeError(`procs must be a whole number from 1 to ${MAX_PROCS}, not ${procs}`);
  if (o.mode !== undefined && !['auto', 'threads', 'sim'].includes(o.mode)) throw new TypeError(`mode must be auto, threads or sim, not ${o.mode}`);
  if (o.clock !== undefined && !['measured', 'virtual'].includes(o.clock)) throw new TypeError(`clock must be measured or virtual, not ${o.clock}`);
  if (o.trace && o.trace.mode !== undefined && o.trace.mode !== 'stream') throw new TypeError(`trace.mode must be stream, not ${o.trace.mode}`);
  if (o.maxMemory !== undefined && !(o.maxMemory >= MEMORY_INITIAL && o.maxMemory <= MEMORY_MAXIMUM)) throw new RangeError(`maxMemory must be from ${MEMORY_INITIAL} to ${MEMORY_MAXIMUM} bytes`);
}

/** @param {number} maximum */
function sharedMemory(maximum) {
  return new WebAssembly.Memory({ initial: MEMORY_INITIAL / PAGE, maximum: Math.floor(maximum / PAGE), shared: true });
}

/**
 * The files in memory that all workers see, where there is such memory.
 * @param {{[name: string]: Uint8Array}} files
 */
function shareFiles(files) {
  if (!isShareable) return files;
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => {
    if (!(bytes.buffer instanceof ArrayBuffer)) return [name, bytes];
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return [name, shared];
  }));
}

/**
 * @param {'stdout' | 'stderr'} which
 * @returns {(text: string) => void}
 */
function defaultOutput(which) {
  if (isNode) return (text) => { process[which].write(text); };
  return (text) => { (which === 'stdout' ? console.log : console.error)(text.replace(/\n$/, '')); };
}
