// The public API of <goroscope-viewer>, `import 'goroscope/viewer'`. Times are nanoseconds since the first event of the
// trace. Lanes are named "KIND:ID": "proc:3", "go:17", "stw:0".
//
//     import 'goroscope/viewer';
//     const viewer = document.querySelector('goroscope-viewer');
//     await viewer.open(file);
//     viewer.addEventListener('select', (event) => console.log(event.detail?.goid));
//
// Attributes: theme="light" | "dark"; without it, as the system prefers. empty="a sentence": stands where there is
// no trace, in place of the viewer's own words and the button that chooses a file. keys="focus": keys are the
// viewer's only while it has the focus; without it the only viewer of a page (of several the one that was used
// last) also takes those that nothing else on the page has the focus for, W/A/S/D and / among them, while it is in
// sight. The element sets data-tables while its tables show: a page may give it more room then.
//
// Colours are CSS custom properties, to be set on the element:
//   --goroscope-ground         behind everything, and where the trace has no data
//   --goroscope-panel          bars and panels
//   --goroscope-track          an idle lane
//   --goroscope-hatch          lines over an idle lane
//   --goroscope-grid           lines of the time ruler
//   --goroscope-line           borders
//   --goroscope-ink            text
//   --goroscope-faint          secondary text
//   --goroscope-span-ink       text on a span
//   --goroscope-accent         selection, area, live edge, focus
//   --goroscope-alarm          text of errors
//   --goroscope-alarm-ground   behind it
//   --goroscope-mark-1 … -6    marks
//   --goroscope-running        states of goroutines: it runs
//   --goroscope-runnable       it could, and has no P
//   --goroscope-waiting        it waits
//   --goroscope-syscall        it is in a system call
//   --goroscope-no-p           … whose P was taken away
//   --goroscope-on             a thread that runs a goroutine
//   --goroscope-p-only         a thread that has a P and no goroutine
//   --goroscope-stopped        the world is stopped
//   --goroscope-gc             the collector works
//   --goroscope-pattern        lines that tell states apart without colours
//
// In a server's JavaScript, where there is no HTMLElement, the import defines nothing and does no harm.

/** A Go trace: what fetch() gives, an address, a file, bytes, or a stream of them. May be gzipped. */
export type TraceSource = Blob | ReadableStream<Uint8Array> | Uint8Array | ArrayBuffer | Response | string | URL;

/** The parts of a running program the viewer looks at; what load() of `goroscope` gives fits. */
export interface TracedProgram {
  trace: {
    region: { memory: WebAssembly.Memory; ptr: number } | null;
    readable: ReadableStream<Uint8Array> | null;
  } | null;
}

export interface Lane {
  index: number;
  kind: string;
  id: number;
  name: string;
  spans: number;
}

/** What is known about the trace that is shown. */
export interface TraceInfo {
  state: 'empty' | 'loading' | 'live' | 'done';
  name: string;
  /** "go 1.25", or "" before the header was read. */
  version: string;
  events: number;
  /** Read so far. */
  bytes: number;
  totalBytes: number | null;
  generations: number;
  /** Generations the program had to drop because the ring was full. */
  lost: number;
  t0: number;
  t1: number;
  /** Absolute time of t = 0, a whole number of nanoseconds. */
  baseNs: string;
  eventsPerSecond: number;
  lanes: Lane[];
  goroutines: number;
  /** One sentence; what was read before it stays. */
  error: string | null;
}

export interface Site {
  func: string;
  file: string;
  line: number;
}

/** One span in full. One that still runs ends at the trace's end for now. */
export interface Span {
  lane: number;
  index: number;
  goid: number;
  /** Start function of the goroutine, "" = unknown. */
  fn: string;
  start: number;
  end: number;
  open: boolean;
  /** 0 running, 1 in a system call, 2 the world is stopped, 3 runnable, 4 waiting, 5 in a system call without a P,
   * 6 on (a region, task, range or GC), 7 a thread with a P and no goroutine. */
  state: number;
  /** Why it had not been running before, and why it ended: Go's words; "" = unknown. */
  startReason: string;
  endReason: string;
  site: Site | null;
  createdBy: Actor | null;
  unblockedBy: Actor | null;
  /** Of lanes that are no P's and no STW's: what the lane is, what it is called (`go:17`), and a region's, range's or
   * task's name. */
  kind?: string;
  key?: string;
  name?: string;
  /** All frames, the innermost first; of a running goroutine: where it stopped. */
  stack?: Site[];
  /** The P and the thread it ran on. */
  p?: number;
  m?: number;
  /** Whom it woke or created, in order of time, 500 at most. */
  woke?: Array<{ goid: number; lane: number; time: number; created: boolean }>;
}

/** Who did something to a goroutine, where; its lane and when, ns, where lanes of goroutines were read. */
export type Actor = Site & { goid: number; lane?: number; time?: number };

/** A stretch of time on some lanes. */
export interface Area {
  t0: number;
  t1: number;
  /** From the top; none: all that show. */
  lanes: string[];
}

export interface Mark {
  t0: number;
  /** The end, for a stretch of time. */
  t1?: number;
  text?: string;
  /** 1 to 6. */
  color?: number;
}

export interface Settings {
  /** What dragging the mouse does; with Shift the other. */
  drag: 'select' | 'pan';
  /** auto: the attribute `theme`, else the system. */
  theme: 'auto' | 'light' | 'dark';
  motion: 'auto' | 'reduce';
  /** MB of memory for a live trace, at most; the oldest is given up. */
  memory: '300' | '600' | '1200' | '2400';
}

/**
 * The view as plain JSON. Give back what you got; all parts but the version may be left out. What makes no sense is
 * left out too, since it may come from a stranger's link.
 */
export interface ViewState {
  /** 1. */
  version: number;
  /** Name of the trace this was seen in: it is not put into another one. */
  trace?: string;
  /** That trace was a running program's. */
  program?: boolean;
  mode?: 'free' | 'all' | 'follow';
  /** The window, when the mode is free. */
  t0?: number;
  t1?: number;
  /** The lane at the top, and how many CSS pixels of it are above. */
  scroll?: { lane: string; y: number };
  /** A moment of the selected span. */
  selection?: { lane: string; at: number };
  area?: Area;
  marks?: Mark[];
  query?: string;
  /** Lanes without anything that fits the query are hidden. */
  onlyFitting?: boolean;
  /** Pinned, hidden, collapsed lanes: keep it as it is. */
  lanes?: Record<string, unknown>;
  settings?: Partial<Settings>;
}

/** The span of a lane at a moment, an area, or nothing. */
export type Selecting = { lane: string; at: number } | { t0: number; t1: number; lanes?: string[] } | null;

/** Relative addresses are the page's. What nobody named lies where the package has it. */
export interface Places {
  /** Of `goroscope/viewer-worker`, or of what a bundler made of it; of the page's origin or blob:. */
  worker?: string | URL;
  /** Of `goroscope/reader.wasm`; data: too, which needs no `connect-src`. */
  reader?: string | URL;
  /**
   * Of `goroscope/viewer.html`, which Save puts the trace in so that both are one file to mail; fetched when that is
   * asked for. Without it Save does not offer that.
   */
  page?: string | URL;
}

export interface GoroscopeViewerApi {
  /** What is known about the trace that is shown. */
  readonly info: TraceInfo | null;

  /** The view; setting it waits for the trace it is about. Throws a TypeError for what is no state. */
  get state(): ViewState;
  set state(state: ViewState);

  get settings(): Settings;
  set settings(settings: Partial<Settings>);

  /**
   * Shows a recorded trace. What was shown stays until the new one has something to draw, and stays if it cannot be
   * read. Resolves to false when it could not be read to its end: the element says why, and the event `error` does.
   */
  open(what: TraceSource, options?: { name?: string }): Promise<boolean>;

  /** Shows a running program's trace as it grows, and follows it. Files that are saved are named after `name`. */
  attach(rt: TracedProgram, options?: { name?: string }): void;

  /**
   * Every byte received so far, up to the last complete generation: a valid Go trace file. Of a program that has ended
   * it is all of them.
   */
  save(): Promise<Blob>;

  /**
   * Selects the span of a lane at a moment (resolves to it, or to null when there is none), an area, or nothing.
   * Rejects with a TypeError for what is none of these.
   */
  select(what: Selecting): Promise<Span | null>;

  /**
   * From now on both show the same stretch of time, and this one's tables have what differs, by start function and
   * state. null: no more.
   */
  compareWith(other: GoroscopeViewer | null): void;

  /** Stops reading the trace that is being opened. */
  cancel(): void;

  /** Forgets the trace and ends its worker. */
  close(): void;
}

export interface GoroscopeViewerEventMap extends HTMLElementEventMap {
  /** More is known about the trace; often while it grows. */
  info: CustomEvent<TraceInfo>;
  /** Another trace is shown: it has something to draw. */
  open: CustomEvent<{ live: boolean }>;
  /** What went wrong, in `message`, as the element says it. */
  error: ErrorEvent;
  /** A span was selected, or none is any more. */
  select: CustomEvent<Span | null>;
  /** An area was selected, or none is any more. */
  areachange: CustomEvent<Area | null>;
  /**
   * `state` is another one: the view came to rest elsewhere, or selection, marks or query changed. jump: it is about to
   * leave for another place at once (that of a table's row, of a mark), and `state` is still of the one that it leaves.
   */
  viewchange: CustomEvent<{ jump: boolean }>;
  /** The program that is attached is held, traced or given other Ps; null: none is attached, or it has ended. */
  livechange: CustomEvent<{ tracing: boolean; held: boolean; procs: number | null } | null>;
  /**
   * The user chose a trace to compare with this one. Whoever shows it beside (`compareWith()`) calls preventDefault();
   * else this one's tables tell what differs.
   */
  compare: CustomEvent<{ file: File }>;
  /** The user changed a setting; the element keeps none beyond its life. */
  settings: CustomEvent<Settings>;
}

export interface GoroscopeViewer extends GoroscopeViewerApi {}

export class GoroscopeViewer extends HTMLElement {
  /**
   * Where what the viewers of this page load is, for hosts where it cannot lie where the package has it; to be called
   * before the first trace. Throws a TypeError for what is no address.
   */
  static loadFrom(places: Places): void;
  addEventListener<K extends keyof GoroscopeViewerEventMap>(
    type: K, listener: (this: GoroscopeViewer, event: GoroscopeViewerEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof GoroscopeViewerEventMap>(
    type: K, listener: (this: GoroscopeViewer, event: GoroscopeViewerEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions): void;
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'goroscope-viewer': GoroscopeViewer;
  }
}
