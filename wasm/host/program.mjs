// program.mjs: a loaded program, as load() gives it: its workers, its memory, and what goes in and out.
//
// The program runs in workers only. The thread that calls load() keeps its event loop: it passes on output and looks at
// the trace.
//
//   mode 'threads': one worker per M, all on one shared memory. Workers are started before the program is, and pick up
//                   threads through that memory (wasm/port/host.h), so a busy page does not slow the program.
//   mode 'sim':     one worker simulates `procs` processors. Without SharedArrayBuffer its memory is invisible here;
//                   then output, trace and picture come by messages.
//
// What the program asks its host for (host-services.mjs) comes by messages; the answers go into a ring in its memory,
// by messages in sim mode.
import { ASK, HOST, LIMITS, MEMORY_MAXIMUM } from './abi.mjs';
import { Calls } from './calls.mjs';
import { Damaged, constantsOf, damageText, isNullWritten, isOverwritten } from './damage.mjs';
import { changedFiles, readFiles } from './files.mjs';
import { parseGoroutines } from './goroutines.mjs';
import { HostBlock } from './host-block.mjs';
import { HostServices, wholeStdin } from './host-services.mjs';
import { readImage } from './image.mjs';
import { InputRing } from './input-ring.mjs';
import { KeptOutput, keptBuffer } from './kept-output.mjs';
import { RECEIVERS_MS, WORKERS_MS } from './life.mjs';
import { sharedMemory, shareFiles } from './memory.mjs';
import { chooseMode } from './mode.mjs';
import { configOf, debugOf, isAsked, isFlight, wasiEnvironment } from './options.mjs';
import { OutputRing } from './output-ring.mjs';
import { commonClock, isShareable } from './platform.mjs';
import { take, takenBuffer } from './posted-output.mjs';
import { Report } from './report.mjs';
import { SimControl } from './sim-control.mjs';
import { Stdio } from './stdio.mjs';
import { Trace } from './trace.mjs';
import { decode } from './utf8.mjs';
import { answerStdin, readStdin, stdinBuffer } from './wasi-stdin.mjs';
import { Workers } from './workers.mjs';

const REPORT_MS = 2000; // how long a program that dies may print nothing before it is ended without its report,
const LAST_MS = 10_000; // and how long the rest may take it, its trace's end for one
const WATCH_MS = 200; // how often memory is looked at whether it can be believed
const LOOK_MS = 10_000; // how long an observer may take, of a million goroutines on a busy machine
const WASI_TRACE = 'goroscope.trace'; // file that a WASI program writes its trace to
const UNLISTED = '(the program could not list its goroutines)\n';
const MAIN = 0; // the worker that is M0, or is all of the program; the first that is started

/**
 * @typedef {import('./types.d.mts').LoadOptions} LoadOptions
 * @typedef {import('./types.d.mts').Image} Image
 * @typedef {import('./types.d.mts').Runtime} Runtime
 * @typedef {import('./threads.mjs').Thread} Thread
 */

/**
 * Why there can be neither snapshots of the trace nor subscribers; null: there can.
 * @param {'loader' | 'wasi'} kind @param {LoadOptions} options
 */
function refusal(kind, options) {
  if (options.trace === false) return 'the program is not traced: load it without the option trace: false';
  if (kind === 'wasi')
    return 'the trace of a WASI program can only be read (trace.readable): build it for the target emscripten';
  return isAsked(options) ? 'no trace has begun: rt.trace.start() begins one' : null;
}

/** @param {number} goid */
function checkGoid(goid) {
  if (!Number.isSafeInteger(goid) || goid < 1)
    throw new RangeError(`the id of a goroutine is a whole number from 1, not ${goid}`);
}

/**
 * Runs once.
 * @implements {Runtime}
 */
export class Program {
  /**
   * @param {import('./life.mjs').Life} life
   * @param {WebAssembly.Module} module
   * @param {string} name
   * @param {'loader' | 'wasi'} kind
   * @param {LoadOptions} options
   * @param {number} procs
   */
  constructor(life, module, name, kind, options, procs) {
    this.#life = life;
    this.#module = module;
    this.#name = name;
    this.#kind = kind;
    this.#options = options;
    this.#files = shareFiles(options.files ?? {});
    this.#procs = procs;
    const [mode, reason] = chooseMode(kind, options.mode ?? 'auto');
    this.mode = mode;
    /** Why that mode, in a sentence. */
    this.modeReason = reason;
    this.#stdio = new Stdio(options.stdout, options.stderr, () => this.#drain(), (error) => life.fail(error));
    this.#services = new HostServices(options, (id, what, bytes) => this.#answer(id, what, bytes));
    this.#workers = new Workers(
      (message) => this.#receive(message), (error) => this.#workerFailed(error), options.stackBytes ?? 0,
      options.worker);
    this.sim = kind === 'loader' && this.mode === 'sim'
      ? new SimControl((message) => this.#workers.post(MAIN, message), () => life.open) : null;
    this.trace = new Trace({
      taken: (trace, bytes) => this.#workers.post(MAIN, { t: 'ack', trace, bytes }),
      fed: (trace, bytes) => this.#workers.post(MAIN, { t: 'fed', trace, bytes }),
      damaged: () => this.#damaged(),
      turned: (window, over) => this.#turned(window, over),
      shot: () => this.#turn(),
      control: (what, arg) => this.#control(what, arg),
    }, { flight: isFlight(options), refusal: refusal(kind, options),
      begun: options.trace !== false && !isAsked(options) });
    life.whenEnding((outcome) => this.#cleanUp(outcome));
  }

  /** @type {import('./life.mjs').Life} */ #life;
  /** @type {WebAssembly.Module} */ #module;
  /** @type {string} */ #name;
  /** @type {'loader' | 'wasi'} */ #kind;
  /** @type {LoadOptions} */ #options;
  /** @type {{[name: string]: Uint8Array}} */ #files;
  /** @type {Stdio} */ #stdio;
  /** @type {HostServices} */ #services;
  /** @type {Workers} */ #workers;
  /** @type {WebAssembly.Memory | null} */ #memory = null; // null: not visible here
  /** @type {HostBlock | null} where memory is visible */ #block = null;
  /** @type {ReturnType<typeof setInterval> | undefined} looks whether it can be believed */ #watch;
  /** @type {SharedArrayBuffer | null} */ #kept = null;
  /** @type {Uint8Array | null} as they were before it ran */ #constants = null;
  #isDamaged = false; // it cannot, which has been said
  #wasOverwritten = false; // the last time that was looked at
  #unread = 0; // bytes of output that came by message and were not acknowledged
  #unreadPieces = 0; // the messages
  #filesAt = 0; // address of the list of its files
  // the files, where its memory is not visible here
  /** @type {{[name: string]: Uint8Array<ArrayBuffer>} | null} */ #left = null;
  // files of a WASI program; null: removed
  /** @type {Map<string, Uint8Array<ArrayBuffer> | null>} */ #changed = new Map();
  #origin = commonClock();
  #ran = false;
  /** @type {Image | null} */ #image = null; // last one that came by message
  /** @type {OutputRing | null} */ #output = null;
  /** @type {InputRing | null} */ #input = null; // threads mode
  #calls = new Calls((id, what, bytes) => this.#answer(id, what, bytes));
  /** @type {SharedArrayBuffer | null} */ #stdin = null; // WASI
  /** @type {SharedArrayBuffer | null} */ #printed = null; // the same
  #cutOff = Infinity; // output that comes by message is dropped from then on
  #slots = 0; // workers of the pool
  /** @type {Promise<Thread | null> | null} a worker that only looks on, since a damaged list may have no end */
  #observer = null;
  /** @type {Map<number, (message: any) => void>} what it was asked */ #looking = new Map();
  #looks = 0;
  /** @type {((text: string) => void)[]} */ #asking = []; // those whose question is with the worker
  /** @type {Map<number, (snapshot: Uint8Array<ArrayBuffer> | null) => void>} the same of turns */
  #turning = new Map();
  #turns = 0;
  /** @type {string | null} what stopped the program, while it reports that itself */ #trap = null;
  #report = new Report();
  /** @type {string | null} said in its place */ #verdict = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} ends the waiting for that report */ #reportTimer;

  /** @type {number} */ #procs;
  /** @type {() => void} */ #over = () => {};
  /** Resolves when it has ended, in whatever way. @type {Promise<void>} */
  ended = new Promise((resolve) => { this.#over = () => resolve(undefined); });

  /** Whether it can be called at all. */
  get callable() { return this.#kind === 'loader'; }

  /** Number of Ps, as far as the host has a say: a program may change it itself (gr_gomaxprocs). */
  get procs() { return this.#procs; }

  /** Starts the workers; load() calls it. */
  async start_() {
    if (this.#kind === 'wasi') return this.#startWasi();
    const { maxMemory = MEMORY_MAXIMUM, args = [] } = this.#options;
    if (isShareable) {
      this.#memory = sharedMemory(maxMemory);
      this.#kept = keptBuffer(HOST.OUT_BYTES);
    }
    // One for each M but M0, one for the thread that watches over the trace.
    const pool = this.mode === 'threads' ? this.procs : 0;
    const config = configOf(this.#options, this.procs, this.mode);
    const role = this.mode === 'sim' ? 'sim' : 'm0';
    const argv = [this.#name, ...args];
    const debug = debugOf(this.#options);
    const main = this.#workers.start({ role, ...this.#common(), maxMemory, pool, argv, debug, config });
    const others = Array.from({ length: pool }, () => this.#workers.start({ role: 'pool', ...this.#common() }));
    // Whichever fails first ends them all, and thereby the waiting for the others.
    const [booted, ...ready] = await Promise.all([main, ...others]);
    this.#booted(booted);
    for (const { thread } of ready) this.#giveSlot(thread, this.#slots++);
  }

  async #startWasi() {
    if (this.#options.maxMemory !== undefined) throw new Error(
      'the memory of a WASI program is its own: maxMemory is for programs built for the target emscripten');
    const config = configOf(this.#options, this.procs, this.mode);
    if (isShareable) [this.#stdin, this.#printed] = [stdinBuffer(), takenBuffer()];
    const stdin = this.#stdin ?? await wholeStdin(this.#options.stdin, this.#life.signal);
    const argv = [this.#name, ...this.#options.args ?? []];
    const env = wasiEnvironment(this.#options, config, WASI_TRACE);
    await this.#workers.start({ ...this.#common(), role: 'wasi', argv, env, stdin, printed: this.#printed,
      traceFile: WASI_TRACE });
    this.trace.recording_.byMessages_(config.ringBytes > 0);
  }

  /** What all workers are told. */
  #common() {
    return {
      t: 'init', module: this.#module, memory: this.#memory, origin: this.#origin, files: this.#files,
      env: this.#options.env ?? {}, kept: this.#kept,
    };
  }

  /** @param {any} message M0's `ready` */
  #booted({ block, fixed, region, files }) {
    this.#filesAt = files;
    if (!this.#memory) return this.trace.recording_.byMessages_(region !== 0);
    this.#block = new HostBlock(this.#memory, block, fixed);
    this.#constants = constantsOf(this.#memory);
    this.#output = new OutputRing(this.#block);
    if (this.mode === 'threads') this.#input = new InputRing(this.#block);
    this.#drain(); // what the set-up printed
    if (region) this.trace.recording_.byRegion_(this.#memory, region);
    else this.trace.recording_.byMessages_(false);
  }

  /** Runs the program to its end. */
  async run() {
    if (this.#ran) throw new Error('run() was called before; load the program again to run it again');
    this.#ran = true;
    if (this.#life.run()) {
      this.#workers.keepAlive(true);
      if (this.#block) this.#watch = setInterval(() => this.#lookOn(), WATCH_MS);
      this.#workers.post(MAIN, { t: 'run' });
    }
    return this.#life.result();
  }

  /** Ends the program at once, whatever it does. run() then resolves with exitCode 130. */
  stop() {
    this.#life.stop();
  }

  /**
   * The picture the program draws (gr_framebuffer), as it is now.
   * @returns {Image | null}
   */
  image() {
    const block = this.#block;
    return block ? this.#believing(() => readImage(block)) ?? null : this.#image;
  }

  /**
   * The files the program has left, once it has ended, by their paths without a slash in front: also when it was
   * stopped or failed.
   * @returns {{[name: string]: Uint8Array<ArrayBuffer>}}
   */
  files() {
    if (this.#life.state !== 'ended')
      throw new Error('the program has not ended; its files can be read when run() has resolved');
    if (this.#memory && this.#filesAt) {
      try {
        return readFiles(this.#memory, this.#filesAt, this.#files);
      } catch (error) {
        throw error instanceof Damaged || error instanceof RangeError
          ? new Error("the program's files are lost: it has written over the memory they were in") : error;
      }
    }
    return this.#left ?? changedFiles(this.#files, this.#changed);
  }

  /**
   * The goroutines there are now, by id; none when the program has ended. Stops nobody: also of a program that computes
   * or hangs. Each is shown as it is at some moment, not all at the same one. Where memory cannot be shared the worker
   * answers between two slices.
   * @returns {Promise<import('./types.d.mts').Goroutine[]>}
   */
  async goroutines() {
    if (this.#kind === 'wasi') {
      throw new Error('a WASI program cannot be looked at while it runs: build it for the target emscripten');
    }
    if (!this.#life.open) return [];
    if (!this.#memory) {
      const text = new Promise((/** @type {(text: string) => void} */ resolve) => { this.#asking.push(resolve); });
      this.#workers.post(MAIN, { t: 'goroutines' });
      return parseGoroutines(await text);
    }
    return parseGoroutines(await this.#look('goroutines') ?? '');
  }

  /**
   * Asks an instance of the program whose memory is shared, in a worker of its own, which runs nothing of it.
   * @param {'goroutines' | 'turn' | 'preempt'} what @param {number} [goid]
   * @returns {Promise<any>} the answer; null: the program has ended
   */
  async #look(what, goid) {
    this.#observer ??= this.#workers.start({ role: 'observer', ...this.#common() })
      .then(({ thread }) => thread, () => null);
    const observer = await this.#observer;
    if (!observer || !this.#life.open) return null;
    const id = ++this.#looks;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
    const answer = await new Promise((resolve) => {
      this.#looking.set(id, resolve);
      timer = setTimeout(() => resolve({ failure: new Damaged().message }), LOOK_MS);
      observer.post({ t: 'look', id, what, goid });
    });
    clearTimeout(timer);
    this.#looking.delete(id);
    if (answer.failure) throw new Error(`the program cannot be looked at: ${answer.failure}`);
    return answer.value;
  }

  /**
   * All that has happened is in whole generations of the trace when it resolves.
   * @param {import('./window.mjs').RingWindow} window
   * @param {() => boolean} over
   */
  async #turned(window, over) {
    if (this.#life.state !== 'running' || !this.#memory) return;
    if (this.mode === 'sim') return void await this.#turn();
    const wish = await this.#look('turn');
    if (wish !== null && !over()) await window.untilTold(wish, over);
  }

  /**
   * A turn by the worker that simulates.
   * @returns {Promise<Uint8Array<ArrayBuffer> | null>} what the ring then holds, if that is not seen from here
   */
  #turn() {
    if (!this.#life.open) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#turning.set(++this.#turns, resolve);
      this.#workers.post(MAIN, { t: 'turn', id: this.#turns });
    });
  }

  /**
   * Calls a function of the program that it has made callable (GR_CALLABLE), in a goroutine of its own. Rejects with
   * what gr_call_fail says, if there is no such function, and when the program ends before it has answered. May be
   * called before run().
   * @param {string} name
   * @param {string | Uint8Array} [arg] the function's argument
   * @returns {Promise<string>} its answer
   */
  async call(name, arg = '') {
    return decode(await this.callBytes(name, arg));
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
   * Calls a function as call() does, while goroutine goid stands at a safe point; one that waits for something gets
   * there when it goes on, and so long the call takes.
   * @param {number} goid
   * @param {string} name
   * @param {string | Uint8Array} [arg]
   * @returns {Promise<string>}
   */
  async debugCall(goid, name, arg = '') {
    this.#callable();
    checkGoid(goid);
    return decode(await this.#calls.call(name, arg, goid));
  }

  /**
   * The names of the functions that call() knows.
   * @returns {Promise<string[]>}
   */
  async callables() {
    this.#callable();
    return decode(await this.#calls.call('sched.callables', '')).split('\n').slice(0, -1).sort();
  }

  /**
   * So many Ps from now on, as gr_gomaxprocs does it.
   * @param {number} n
   * @returns {Promise<number>} how many there are then
   */
  async setProcs(n) {
    this.#callable();
    if (!Number.isSafeInteger(n) || n < 1 || n > LIMITS.MAX_PROCS)
      throw new RangeError(`procs must be a whole number from 1 to ${LIMITS.MAX_PROCS}, not ${String(n)}`);
    this.#procs = Number(decode(await this.#calls.call('sched.procs', String(n))));
    return this.#procs;
  }

  /**
   * Goroutine goid, if it runs, is to give its P to others at its next safe point. Resolves when that is asked for.
   * @param {number} goid
   */
  async preempt(goid) {
    this.#callable();
    checkGoid(goid);
    if (this.mode === 'sim') this.#workers.post(MAIN, { t: 'preempt', goid });
    else if (this.#memory) await this.#look('preempt', goid);
  }

  /** @param {'trace.start' | 'trace.stop'} what @param {string} arg */
  async #control(what, arg) {
    if (this.#kind === 'wasi') {
      throw new Error('a WASI program is not called while it runs: it begins and ends traces itself, by gr_trace_start '
        + "and gr_trace_stop (with trace: { begin: 'asked' }), or build it for the target emscripten");
    }
    this.#callable();
    await this.#calls.call(what, arg);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes the address of its region */
  #traceBegun(bytes) {
    try {
      if (this.#memory) this.trace.begun_(this.#memory, new DataView(bytes.buffer).getUint32(0, true));
    } catch {
      this.#damaged(); // there is no region, or none that can be
    }
  }

  #callable() {
    if (this.#kind === 'wasi') throw new Error('a WASI program cannot be called: build it for the target emscripten');
    if (!this.#life.open) throw new Error('the program has ended');
  }

  /** @param {any} message of a worker */
  #receive(message) {
    if (this.#life.state === 'ended') return;
    switch (message.t) {
      case 'output': this.#drain(); break;
      case 'text':
        if (performance.now() > this.#cutOff) break;
        this.#unread += message.bytes.length;
        this.#unreadPieces++;
        this.#print(message.fd, message.bytes);
        if (!this.#stdio.busy) this.#acknowledge();
        break;
      case 'trace': this.trace.recording_.add_(message.bytes, message.lost); break;
      case 'image': this.#image = message.image; break;
      case 'files': this.#left = message.files; break;
      case 'file': this.#changed.set(message.name, message.bytes); break;
      case 'feed': this.trace.recording_.feed_(message); break;
      case 'begun': this.trace.begunUnseen_(message.trace, message.clock); break;
      case 'over': this.trace.recording_.over_(message.last); break;
      case 'stepped': this.sim?.stepped_(message.id); break;
      case 'turned':
        this.#turning.get(message.id)?.(message.bytes);
        this.#turning.delete(message.id);
        break;
      case 'goroutines': this.#asking.shift()?.(message.text); break;
      case 'looked': this.#looking.get(message.id)?.(message); break;
      case 'request':
        if (message.request.kind === ASK.REPLY) this.#calls.reply(message.request);
        else if (message.request.kind === ASK.TRACE) this.#traceBegun(message.request.bytes);
        else this.#services.request(message.request);
        break;
      case 'input': this.#believing(() => this.#input?.pump()); break;
      case 'stdin': this.#services.request(readStdin()); break;
      case 'threads': this.#grow(message.n); break;
      case 'exit':
        if (!this.#block && this.#memory && message.block) {
          this.#block = new HostBlock(this.#memory, message.block, message.fixed);
          this.#output = new OutputRing(this.#block);
        }
        if (this.#isWhole()) void this.#life.end({ exitCode: message.code });
        break;
      case 'trap':
        this.#trap = message.text;
        if (this.#isWhole()) this.#awaitReport();
        break;
      case 'crash': if (this.#isWhole()) this.#crashed(message.text); break;
      case 'damaged': this.#damaged(message.text); break;
    }
  }

  /**
   * The program starts more threads than there are workers.
   * @param {number} n
   */
  async #grow(n) {
    if (n > LIMITS.HOST_THREADS) return this.#damaged();
    while (this.#slots < n && this.#life.open) {
      const slot = this.#slots++; // at once: who asks meanwhile must not start it, too
      const message = await this.#workers.start({ role: 'pool', ...this.#common() }).catch(() => null);
      if (!message) return; // the program has ended, or ends since this one failed
      this.#giveSlot(message.thread, slot);
    }
  }

  /** @param {Thread} thread of the pool @param {number} slot */
  #giveSlot(thread, slot) {
    thread.post({ t: 'slot', block: this.#block?.at, fixed: this.#block?.fixed, slot });
  }

  /**
   * @param {number} id of a request
   * @param {number} what
   * @param {Uint8Array} bytes
   */
  #answer(id, what, bytes) {
    if (!this.#life.open) return;
    if (this.#input) return void this.#believing(() => this.#input?.put(id, what, bytes));
    if (this.#stdin) return answerStdin(this.#stdin, what, bytes);
    const copy = bytes.slice(); // a part of a buffer would take all of it along
    this.#workers.post(MAIN, { t: 'answer', id, what, bytes: copy }, [copy.buffer]);
  }

  /** Passes on what the program has printed. While a receiver wants time the ring fills, and then the program waits. */
  #drain() {
    if (this.#stdio.busy && this.#life.open) return;
    this.#believing(() => this.#output?.drain((fd, bytes) => this.#print(fd, bytes)));
    this.#acknowledge();
    if (this.#trap !== null) this.#awaitReport();
  }

  /** @param {number} fd of a record @param {Uint8Array} bytes */
  #print(fd, bytes) {
    const before = this.#report.whole;
    if (!this.#report.take(fd, bytes)) return this.#stdio.add(fd, bytes);
    this.#awaitReport();
    if (before || !this.#report.whole) return;
    const text = this.#report.text(this.#isOverwritten);
    if (text) this.#stdio.add(2, text);
    else this.#say(this.#damageText);
  }

  get #isOverwritten() {
    return this.#memory !== null && this.#constants !== null && isOverwritten(this.#memory, this.#constants);
  }

  get #damageText() {
    return damageText(this.#memory, this.#filesAt !== 0, this.#module);
  }

  /**
   * A program whose output comes by messages goes on when it is read. One of WASI never looks at messages: it is told
   * where memory can be shared.
   */
  #acknowledge() {
    if (this.#printed) take(this.#printed, this.#unread, this.#unreadPieces);
    else if (this.#unread > 0 && this.#kind === 'loader' && this.#life.open) {
      this.#workers.post(MAIN, { t: 'printed', bytes: this.#unread, pieces: this.#unreadPieces });
    }
    this.#unread = this.#unreadPieces = 0;
  }

  /** A program that trapped prints what it was; should that hang, it is ended. */
  #awaitReport() {
    clearTimeout(this.#reportTimer);
    if (!this.#life.open) return;
    this.#reportTimer = setTimeout(() => {
      if (this.#stdio.busy) this.#awaitReport();
      else this.#crashed(this.#trap ?? this.#damageText);
    }, this.#report.whole && this.#trap === null ? LAST_MS : REPORT_MS);
  }

  /** @param {Error} error */
  #workerFailed(error) {
    if (this.#life.state === 'loading') void this.#life.end(error); // load() rejects with it
    else this.#crashed(this.#trap ?? error.message);
  }

  /** What is read from memory by what stands there. @template T @param {() => T} read @returns {T | undefined} */
  #believing(read) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.#damaged();
      return undefined;
    }
  }

  /** Of a program that has overwritten its own texts, and neither says so nor ends, more is broken: it may hang. */
  #lookOn() {
    const wasOverwritten = this.#wasOverwritten;
    this.#wasOverwritten = this.#isOverwritten;
    if (this.#isWhole() && wasOverwritten && !this.#report.begun && this.#trap === null) this.#damaged();
  }

  /** Looks whether what stands in memory can be believed; if not, ends the run. */
  #isWhole() {
    this.#believing(() => {
      if ((this.#block && !this.#block.words) || !this.trace.recording_.isWhole_) throw new Damaged();
    });
    return !this.#isDamaged;
  }

  /** The program has written over what it was to be read by. @param {string} [text] see damageText */
  #damaged(text) {
    if (this.#isDamaged) return;
    this.#isDamaged = true;
    if (this.#kept) this.#output?.salvage(new KeptOutput(this.#kept), (fd, bytes) => this.#print(fd, bytes));
    this.#output = this.#input = null;
    this.#crashed(text ?? this.#damageText);
  }

  /**
   * The program could not say itself, in its own way, what stopped it.
   * @param {string} what
   */
  #crashed(what) {
    this.#verdict ??= what;
    void this.#life.end({ exitCode: 2 });
  }

  /** Nothing more comes of the program: what it has not said of its end is said now. @param {number} exitCode */
  #lastWords(exitCode) {
    if (this.#report.whole) return;
    const isOver = this.#isOverwritten;
    const isDead = exitCode !== 0 && this.callable && (this.#report.begun || this.#trap !== null
      || (isOver && this.#memory !== null && isNullWritten(this.#memory)));
    if (this.#verdict === null && !isDead) return;
    const part = this.#report.text(isOver);
    if (part) {
      this.#stdio.add(2, part);
      this.#stdio.say(2, UNLISTED);
    } else {
      this.#say(this.#verdict ?? (isOver || this.#trap === null ? this.#damageText : this.#trap));
    }
  }

  /** @param {string} what */
  #say(what) {
    this.#stdio.say(2, `fatal error: ${what}\n${UNLISTED}`);
  }

  /** @param {import('./life.mjs').Outcome} outcome */
  async #cleanUp(outcome) {
    clearTimeout(this.#reportTimer);
    clearInterval(this.#watch);
    const endedItself = !(outcome instanceof Error) && !outcome.stopped;
    // Timers may be late: an engine can hand over all messages that wait before it looks at one.
    if (!endedItself) this.#cutOff = performance.now() + WORKERS_MS;
    try {
      this.#services.close();
      await this.#life.within(WORKERS_MS, this.#workers.end());
      this.#drain(); // shared memory outlives the workers
      if (!(outcome instanceof Error) && !outcome.stopped) this.#lastWords(outcome.exitCode);
      await this.#life.within(RECEIVERS_MS, this.#stdio.finish(), endedItself);
    } finally {
      this.#stdio.close();
      this.trace.recording_.end_();
      for (const answer of this.#asking) answer('');
      for (const answer of this.#turning.values()) answer(null);
      for (const answer of this.#looking.values()) answer({ value: null });
      this.#calls.end();
      this.sim?.end_();
      this.#over();
    }
  }
}
