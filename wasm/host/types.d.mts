// types.d.mts: what an embedding page or script sees of the package's main export (loader.mjs), described here only.

/** Bytes of their own, never in shared memory: Uint8Array<ArrayBuffer>, which TypeScript before 5.7 cannot say. */
export type Bytes = ReturnType<Uint8Array['slice']>;

/** How a program runs: goroutines on parallel workers, or one thread that simulates the Ps. */
export type Mode = 'threads' | 'sim';

/** load() rejects with a TypeError or a RangeError what is not as it is described here, unknown names included. */
export interface LoadOptions {
  /** 'auto' (default): threads where the host allows shared memory, else sim. */
  mode?: 'auto' | Mode;
  /** Number of Ps; default: the machine's cores. */
  procs?: number;
  /** The program's arguments behind argv[0]. */
  args?: string[];
  /** The program's environment: what getenv finds. No = in a name, no NUL. */
  env?: Record<string, string>;
  /** sim: decides every choice of the scheduler; 0 to 2^53-1, as a bigint to 2^64-1. Refused in mode 'threads'. */
  seed?: number | bigint;
  /**
   * sim: the host's time, or one where the same seed gives the same run byte for byte, which mode 'threads' refuses.
   */
  clock?: 'measured' | 'virtual';
  /** What takes what the program prints; default: node's stdout, as bytes; a page's console, as text. */
  stdout?: Output;
  stderr?: Output;
  /**
   * false: no tracing. 'stream' (default): the ring is read as it fills; what does not fit is lost. 'flight': the ring
   * keeps the newest, for snapshot(); nobody needs to read. ringBytes: 65,536 (more with over 24 Ps; twice that for
   * a flight recorder) to 2^30; rounded up to a power of two. version: of Go's format, 1.25 unless given; 1.26 says
   * where each generation ends, and Go 1.25's tools do not read it. begin: 'start' (default): with the program;
   * 'asked': the first trace begins by rt.trace.start() or gr_trace_start; until then all is as without a trace.
   * samples: false leaves the CPU samples out. stacks: 'full' has whole stacks also where a goroutine goes on (makes or
   * wakes another), of programs of `goroscope build`; 'site', the default, the call alone. allocFree: true tells of
   * memory for goroutines' stacks as well, as Go's GODEBUG=traceallocfree=1 does.
   */
  trace?: StreamTrace | FlightTrace | false;
  /**
   * Aborting it is the same as stop(), and ends load() too: whatever is fetched, compiled or started is given up,
   * and load() rejects.
   */
  signal?: AbortSignal;
  /**
   * The files there are when the program begins: fopen, opendir and gr_readfile find these and what the program
   * itself has written. Text becomes UTF-8. Two names must not be one path ('a' and './a'), nor a file be another
   * one's folder ('a' and 'a/b').
   */
  files?: Record<string, string | Uint8Array>;
  /**
   * What the runtime is to watch or tell: NAME=NUMBER,… as in GRDEBUG, such as 'leaks=1' (the goroutines that hang
   * when main has returned).
   */
  debug?: string;
  /**
   * What gr_await can call. The argument comes as text and as bytes; a rejection's message becomes the program's
   * error.
   */
  host?: Record<string, (text: string, bytes: Bytes) => HostValue | Promise<HostValue>>;
  /** What gr_stream_open can open: a WebSocketStream, the two sides of a worker, a file. */
  streams?: Record<string, (text: string) => HostStream | Promise<HostStream>>;
  /**
   * What gr_fetch may reach: everything the page may (true), these origins without redirections, or what the
   * function does. Default: nothing (false).
   */
  fetch?: boolean | string[] | ((url: string, init: RequestInit) => Promise<Response>);
  /**
   * The program's standard input; default: empty. A function is called at the first reading. Where memory cannot be
   * shared, WASI programs get all of it before they start.
   */
  stdin?: ReadableStream | string | BufferSource | (() => ReadableStream);
  /** Bytes to which a goroutine's stack may grow, 1 MiB unless given; 1,024 to 2^30. */
  stackBytes?: number;
  /**
   * Where the module is that the program's workers run, `goroscope/program-worker` or what a bundler made of it; only
   * needed where it does not lie beside the loader or is of another origin than the page. A blob: address will do; a
   * relative one is the page's; in node it is a file: or data: address or an absolute path.
   */
  worker?: string | URL;
  /** Upper limit of the program's memory in bytes. */
  maxMemory?: number;
}

interface TraceSettings {
  version?: '1.25' | '1.26';
  samples?: boolean;
  stacks?: 'site' | 'full';
  allocFree?: boolean;
}

export interface StreamTrace extends TraceSettings {
  mode?: 'stream';
  begin?: 'start' | 'asked';
  ringBytes?: number;
  bytes?: undefined;
  ms?: undefined;
}

/** Keeps the last `bytes` (the ring's size, also called ringBytes), and of these, if ms is given, those so many ms. */
export interface FlightTrace extends TraceSettings {
  mode: 'flight';
  begin?: 'start' | 'asked';
  bytes?: number;
  ms?: number;
  ringBytes?: number;
}

/**
 * Takes what a program prints: a function gets text, one or more whole lines (the last may lack its newline), where
 * NUL and byte order marks are kept and what is no UTF-8 becomes U+FFFD; an object's `bytes` gets the bytes as they
 * were written, as soon as they come. An object's `lines` gets text as a function does, and its `more` what there is of
 * a line whose end has not come yet, such as a prompt: piece by piece, and all of it again when `lines` gets the line.
 *
 * Each may return a promise. Until it resolves nothing more is handed over, from neither stream; a program in
 * shared memory waits when its ring of 256 KiB is full. If it throws or the promise rejects, the program is ended
 * and run() rejects with that error.
 */
export type Output = ((text: string) => unknown) | { bytes: (piece: Uint8Array) => unknown }
  | { lines: (text: string) => unknown; more: (piece: string) => unknown };

/** What a function of the host may give to gr_await: undefined is nothing, numbers become text. */
export type HostValue = string | number | bigint | boolean | ArrayBuffer | ArrayBufferView | null | undefined;

/** What gr_stream_open reads from and writes to; either side may be missing. */
export interface HostStream {
  readable?: ReadableStream;
  writable?: WritableStream;
}

/** The trace ring in the program's memory; it has one reader: whoever uses this, or `readable`. */
export interface TraceRegion {
  memory: WebAssembly.Memory;
  ptr: number;
}

/**
 * The bytes of a Go trace file, by whole generations. If it is read too slowly it ends, with `lost` > 0: what was
 * written over cannot be left out of a trace, since each generation goes on where the last one ended.
 */
export interface TraceStream extends ReadableStream<Bytes> {
  /** Generations that were written over before this stream came to them. */
  readonly lost: number;
  /** When it has ended early: another stream, a file of its own, from the oldest generation there is; else null. */
  rest(): TraceStream | null;
}

/** What the clock was like when it was first used for a trace. */
export interface TraceClock {
  /**
   * Its smallest step that was seen, rounded to two digits; 0: none was. Browsers have 5,000 in an isolated page,
   * 100,000 in others; what happens within a step has the same time. A virtual clock has 1.
   */
  stepNs: number;
  /** What reading it took; 0: no time, it is virtual. */
  readNs: number;
  /** Units of time a second in the trace. */
  perSecond: number;
}

/** Drives a simulated program. While it stands still nothing of it goes on: calls, too, are answered later. */
export interface SimControl {
  readonly paused: boolean;
  /** Infinity: as fast as it can; 0: it stands still. */
  readonly stepsPerSecond: number;
  /**
   * Stands still between two decisions of the scheduler; what has happened is in whole generations of the trace then.
   * Resolves when that is so; to false if the program had ended before.
   */
  pause(): Promise<boolean>;
  resume(): void;
  /**
   * So many decisions a second: a decision is that a P takes a goroutine and runs it until it stops, or until other
   * Ps come first. The trace shows what happened ten times a second.
   */
  slow(stepsPerSecond: number): void;
  /**
   * The next n decisions, of a program that is paused or slow; if all sleep it waits for that. Resolves when they have
   * been made and the trace shows it; to false if the program ended before. Rejects while the program runs.
   */
  step(n?: number): Promise<boolean>;
}

/** How a run ended. */
export interface Result {
  /** The program's; 130: it was stopped. */
  exitCode: number;
  /** By stop() or the signal. */
  stopped?: boolean;
}

export interface Image {
  width: number;
  height: number;
  /** 4 bytes for a pixel: red, green, blue, opacity. */
  data: ReturnType<Uint8ClampedArray['slice']>;
}

export interface CallSite {
  func: string;
  file: string;
  line: number;
}

export interface Goroutine {
  id: number;
  state: 'runnable' | 'running' | 'syscall' | 'waiting';
  /** What it waits for, in Go's words ('chan receive', 'sleep', …); '' unless it waits. */
  reason: string;
  /** For how long it has been in this state, in nanoseconds; may be 10 ms off. */
  sinceNs: number;
  /** The call it waits in, or last waited in; null while it runs and before its first. */
  site: CallSite | null;
  /** What it was started with. */
  name: string;
  /** The goroutine that started it; 0: the runtime or the host did. */
  creator: number;
  createSite: CallSite | null;
  /**
   * All its frames, innermost first, of programs of `goroscope build`; those of the runtime and libc are left out.
   * [] where they are not known: it runs, is in a system call, or has not begun.
   */
  stack: CallSite[];
}

export interface Runtime {
  readonly mode: Mode;
  /** Why that mode: a plain sentence. */
  readonly modeReason: string;
  /** Number of Ps, as load() and setProcs() have set it. */
  readonly procs: number;
  /** Of a program that is simulated on one thread, but WASI programs; else null. */
  readonly sim: SimControl | null;
  readonly trace: {
    /** The bytes of a Go trace file, as they come; of a flight recorder, when the program ends, what it then holds. */
    readonly readable: ReadableStream<Uint8Array>;
    /** null where the page cannot see the program's memory. */
    readonly region: TraceRegion | null;
    /**
     * Begins a trace while the program runs; any number of times, one after the other. Each is a trace of its own:
     * from then on `readable`, `region`, `lost` and the others are its. Stops the world for some microseconds.
     * Rejects if one is being written, as it is from the beginning unless the option `trace` is false or its `begin`
     * 'asked', and for WASI programs, which nobody can call. ringBytes as in the option. A program does the same by
     * gr_trace_start.
     */
    start(options?: { ringBytes?: number }): Promise<void>;
    /** Ends the trace that is being written; its `readable` then ends. Rejects if there is none. */
    stop(): Promise<void>;
    /** Generations dropped because nobody read the ring in time. */
    readonly lost: number;
    /** null before a trace has begun, and for WASI programs. */
    readonly clock: TraceClock | null;
    /** Its stepNs; null: not known. */
    readonly resolution: number | null;
    /**
     * The last part of the trace, a file of its own: the whole generations that the ring holds, read or not, up to now;
     * after the program's end those of its end. Disturbs neither the program nor any reader; may be called any number
     * of times at once. A program that is simulated answers between two slices. Rejects while no generation is whole,
     * without a trace, for WASI programs, and for one that was stopped where memory cannot be shared.
     */
    snapshot(): Promise<Bytes>;
    /**
     * A stream of the trace besides `readable`, which holds back nobody: a trace file from the next generation on
     * ('now', the default), or from the oldest that the ring holds. Throws without a trace and for WASI programs.
     */
    subscribe(options?: { from?: 'now' | 'start of ring' }): TraceStream;
  };
  /**
   * Runs the program to its end, once: a second call rejects. Resolves also when the program was stopped, when it
   * failed, and when it had ended before; rejects when a receiver of its output failed.
   */
  run(): Promise<Result>;
  /** Resolves when the program has ended, in whatever way, also without run(). Never rejects. */
  readonly ended: Promise<void>;
  /** False for WASI programs, which nobody can call while they run: what calls them rejects. */
  readonly callable: boolean;
  /**
   * Ends the program at once, one that never yields included; run(), called before or after, then resolves with
   * { exitCode: 130, stopped: true } within a second. Does nothing to a program that has ended, and nothing the
   * second time.
   */
  stop(): void;
  /**
   * The goroutines there are now, by id, also of a program that hangs; none when it has ended. Nothing is stopped
   * for it: each is shown as it is at some moment, not all at the same one. Rejects for WASI programs.
   */
  goroutines(): Promise<Goroutine[]>;
  /**
   * Calls a function that the program has made callable (GR_CALLABLE), in a goroutine of its own; resolves to its
   * answer. Rejects with what the program says (gr_call_fail), without such a function, for WASI programs, and when
   * the program ends first. May be called before run().
   */
  call(name: string, arg?: string | Uint8Array): Promise<string>;
  /** The same for functions that answer with bytes. */
  callBytes(name: string, arg?: string | Uint8Array): Promise<Uint8Array>;
  /**
   * As call(), while goroutine `goid` stands at a safe point; one that waits for something gets there when it goes
   * on.
   */
  debugCall(goid: number, name: string, arg?: string | Uint8Array): Promise<string>;
  /** The names of the functions that call() knows. Rejects as call() does. */
  callables(): Promise<string[]>;
  /**
   * So many Ps from now on, as gr_gomaxprocs sets them; resolves to how many there are then. Rejects as call() does.
   */
  setProcs(n: number): Promise<number>;
  /**
   * Goroutine `goid` is to give its P to others at its next safe point, if it runs. Resolves when that was asked for,
   * whether it runs or not. Rejects for WASI programs and when the program has ended.
   */
  preempt(goid: number): Promise<void>;
  /**
   * The files the program has left, by their paths without a slash in front, those it was given included; also when
   * it failed or was stopped. Throws before it has ended. Where memory cannot be shared, a program that was stopped
   * leaves what it was given; a WASI program that was, what it had closed.
   */
  files(): Record<string, Bytes>;
  /** A copy of the program's picture, or null when it has none. */
  image(): Image | null;
}

/**
 * Makes a program ready to run. Rejects, once nothing is left running: with an Error that says what failed; with
 * one named AbortError, whose cause is the signal's reason, when the signal was aborted before.
 */
export function load(
  program: string | URL | BufferSource | WebAssembly.Module, options?: LoadOptions,
): Promise<Runtime>;
