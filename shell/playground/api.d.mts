// The public API of <goroscope-playground>, `import 'goroscope/playground'`: edit C and C++, compile it in the page,
// run it, watch it.
//
//     <script type="module" src="…/goroscope/shell/playground/playground.mjs"></script>
//     <goroscope-playground src="sieve.c" procs="4"></goroscope-playground>
//
// The program is what `src` names, or stands inside the tag: as text (where & and < that are no part of #include <…>
// are written &amp; and &lt;), or, as it is, in <script type="text/x-c"> (text/x-c++ for C++). Further scripts with a
// name are further files: <script type="text/x-c" name="NAME.h">. All .c, .cpp, .cc and .cxx files are compiled.
//
// A program reaches nothing but its files and the origins in `fetch`, which are none unless the page says so. Nothing
// leaves the page.
//
// The button Share makes a link to the page with the program and its settings behind # of the address. In a page that
// is opened so the playground shows them that the link was made in (by its id, else its number among the page's;
// without either, the first), whoever made it: it then runs nothing by itself, `fetch` does not hold for that
// program, and where `readonly` is empty the page's own stays. Where `readonly` names lines and the link's program has
// the same ones, those stay locked where they are in it.
//
// What is written outlives a reload, and Back and Forward, in its tab: it stands in sessionStorage under
// "goroscope-draft", the page's path and query, and the playground's id (its number, if it has none; 1 if it is alone).
// It comes back while the page's own program and read-only lines are still the same ones, and then runs nothing by
// itself. A link, and a `source` that the page sets before its program has come, go before it; a link's program is not
// kept so, nor anything where `readonly` is empty, where the element is in a shadow tree, or where the browser keeps
// nothing.
//
// Attributes, each with a property of the same name (text, or null without it; autorun and check are true or false):
//   src        address of the program's source
//   wasm       address of the same program, built: runs at once, without the compiler, while the source is as it came
//   procs      number of Ps, 1 to 64; else as many as there are cores
//   mode       auto (threads where the page may share memory, else simulated), threads, sim. Simulated, one thread has
//              all Ps: a goroutine that computes without calling the runtime lets no other run
//   seed       0 to 2^53-1, 1 unless given: decides every choice of a simulated scheduler
//   clock      measured, or virtual: the same seed then gives the same run, byte for byte (simulated)
//   args       the program's arguments; "double quotes" keep spaces together
//   input      the program's standard input; its user may change it, and is told so after a run that found it empty
//   layout     split (program left, timeline right; one below the other where it is narrow), stack
//   height     CSS pixels, 200 to 10000, 560 unless given; where all stands below each other it is as high as it needs
//   show       some of: editor timeline output goroutines input settings share; else all
//   readonly   empty: the whole program; or lines that may not be changed, such as 1-5, 9
//   expect     what the program is to print to stdout: stands as the goal beside the output, and at the end whether
//              it did, else what differs. Spaces at the ends of lines and empty lines at the end make no difference.
//              The exit code must be 0.
//   theme      auto (as the system prefers), light, dark
//   memory     MiB of memory the program may have, 64 to 4096
//   timeout    seconds, from the program's start, after which it is ended; building takes what it takes
//   autorun    runs it when the page is there, unless the page's address holds another one
//   check      builds it with what finds undefined behaviour and misuse of malloc (goroscope build --check)
//   messages   origins whose pages may drive this one by messages: https://a.example https://b.example
// Nonsense in one is told on the console, and is as if it were not there.
//
// Parts to style: frame, bar, run, stop, reset, status, progress, message, origin, editor, diagnostics, timeline,
// output, goroutines, input, goal, hint, mode. Colours are the properties of <goroscope-viewer> (goroscope/viewer), to
// be set on the element, and:
//   --goroscope-mono                                         font of program and output
//   --goroscope-good                                         what went well
//   --goroscope-code-keyword -type -text -number -macro -function    of the program
//   --goroscope-code-reached                                 the line that a link led to
//
// Keys: Ctrl+Enter (Cmd+Enter) runs, F8 goes to the next complaint. Tab indents; Escape, then Tab or Shift+Tab, leaves
// the editor for what is behind or before it, Escape twice for the button Run.
//
// Builds, runs and shows under this content security policy: default-src 'none'; script-src 'self'
// 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'. 'self' is where the package and the
// compiler come from. connect-src needs the origins in `fetch` besides.
//
// In a server's JavaScript, where there is no HTMLElement, the import defines nothing and does no harm.
import type { GoroscopeViewer } from '../../viewer/app/api.d.mts';
import type { Runtime } from '../goroscope.d.mts';

/**
 * idle: nothing was run yet; compiling: it is built, or fetched, and started; done: it has ended, or was stopped by
 * hand; failed: it was not built, not started, ended by a limit, or there is none to run, since `src` could not be
 * fetched: `message` says why.
 */
export type PlaygroundState = 'idle' | 'compiling' | 'running' | 'done' | 'failed';

/** What the compiler says, or how the program failed. */
export interface PlaygroundDiagnostic {
  /** As in `files`; '' when it is about no file. */
  file: string;
  /** From 1; 0 when it is about no line. */
  line: number;
  /** In bytes, from 1; 0: the line as a whole. */
  column: number;
  severity: 'error' | 'warning' | 'note';
  text: string;
}

/** How a run ended. */
export interface PlaygroundResult {
  /** The program's; 130: it was stopped, by hand or by a limit. */
  exitCode: number;
  stopped?: boolean;
}

/** All attributes that are there, and the texts: plain JSON. */
export interface PlaygroundSettings {
  /** The program's text. */
  source?: string;
  /** Its file's name. */
  name?: string;
  /** The other sources. */
  files?: Record<string, string>;
  src?: string;
  wasm?: string;
  procs?: string;
  mode?: string;
  seed?: string;
  clock?: string;
  args?: string;
  input?: string;
  layout?: string;
  height?: string;
  show?: string;
  readonly?: string;
  expect?: string;
  theme?: string;
  memory?: string;
  timeout?: string;
  messages?: string;
  autorun?: boolean;
  check?: boolean;
}

export interface GoroscopePlaygroundApi {
  /** The program's text. Setting it is one step that undo takes back; lines that are read-only change too. */
  source: string;
  /**
   * Further files, by name: sources and headers (text; the editor shows them) are compiled with the program, and the
   * program finds all of them as files. Setting it brings the program back to what it was in the page; the contents
   * are not copied. Throws a TypeError for anything but an object of texts and Uint8Arrays. Setting `settings` puts
   * in texts alone.
   */
  get files(): Record<string, string | Uint8Array>;
  set files(files: Record<string, string | Uint8Array>);
  /**
   * Origins that gr_fetch may reach; default: none. They hold for the page's programs, edited or not, and for none that
   * a link has put in, until `src` or `files` is set; after reset() for the page's program as it came. Throws a
   * TypeError for anything but an array of texts.
   */
  fetch: string[];
  /**
   * Builds the program, unless it is as it was, and runs it; one that runs is ended first. Resolves when it has ended,
   * also by stop(), a limit, or another run(); rejects with a sentence if it could not be built or started. A page
   * may call it at any time.
   */
  run(): Promise<PlaygroundResult>;
  /** Ends whatever goes on: fetching the compiler, building, the program, one that never yields included. */
  stop(): void;
  /**
   * Brings the page's program back as it came, all its sources and its read-only lines, also in the place of one that a
   * link or a script has put in; undo in the editor brings the texts back that were there. Attributes stay, and so does
   * what runs. The button Reset does the same: it shows while the sources are others than the page's, where the page
   * has a program of its own that is not read-only as a whole.
   */
  reset(): void;
  readonly state: PlaygroundState;
  /** What the program has printed so far, of both streams; of more than four million characters the newest. */
  readonly output: string;
  readonly diagnostics: PlaygroundDiagnostic[];
  /**
   * Why it failed; '' if it did not. The element says it too, but for what the list of the compiler's complaints has.
   * Where `src` cannot be fetched while a program runs, it says that, and `state` goes on to tell of the run; it is ''
   * again when there is a program.
   */
  readonly message: string;
  /** The program of the last run, as load() of `goroscope` gave it; null before. */
  readonly runtime: Runtime | null;
  /** The timeline. */
  readonly viewer: GoroscopeViewer;
  /**
   * What a link or somebody else's page needs to show the same. Setting it takes all but `src`, `wasm` and `messages`:
   * what is fetched and who is let in is the page's to say, not that of a stranger's link. Attributes that are not in
   * it go.
   */
  get settings(): PlaygroundSettings;
  set settings(settings: PlaygroundSettings);

  src: string | null;
  wasm: string | null;
  get procs(): string | null;
  set procs(n: string | number | null);
  mode: string | null;
  get seed(): string | null;
  set seed(n: string | number | null);
  clock: string | null;
  args: string | null;
  input: string | null;
  layout: string | null;
  get height(): string | null;
  set height(n: string | number | null);
  show: string | null;
  readonly: string | null;
  expect: string | null;
  theme: string | null;
  get memory(): string | null;
  set memory(n: string | number | null);
  get timeout(): string | null;
  set timeout(n: string | number | null);
  messages: string | null;
  autorun: boolean;
  check: boolean;
}

export interface GoroscopePlaygroundEventMap extends HTMLElementEventMap {
  statechange: CustomEvent<{ state: PlaygroundState }>;
  /** The program has printed something: whole lines, or its last one. */
  output: CustomEvent<{ stream: 'stdout' | 'stderr'; text: string }>;
  diagnostics: CustomEvent<PlaygroundDiagnostic[]>;
  /** A file's text is another one, by hand or by `source`. */
  sourcechange: CustomEvent<{ name: string; source: string }>;
  /** A program with `expect` has ended by itself. */
  expect: CustomEvent<{ passed: boolean }>;
}

/**
 * Where the compiler's parts are fetched from: addresses, absolute or relative to the page. A page that keeps them
 * elsewhere changes them before anything is built; other origins must allow it (CORS). A build whose compiler has no
 * address there is one that failed, with a sentence.
 */
export const addresses: {
  /** bundle.js of npm's @yowasp/clang, its other files beside it. */
  clang: string;
  /** index.js of the npm package binaryen. */
  binaryen: string;
  /** Folder of the prebuilt runtime: build/kit of this package. */
  kit: string;
  /** Folder of goroscope.h: runtime/include of this package. */
  manual: string;
  /** wasm/cc/build-worker.mjs of this package, where it does not lie beside its other modules; blob: too. */
  worker?: string;
};

export interface GoroscopePlayground extends GoroscopePlaygroundApi {}

export class GoroscopePlayground extends HTMLElement {
  addEventListener<K extends keyof GoroscopePlaygroundEventMap>(
    type: K, listener: (this: GoroscopePlayground, event: GoroscopePlaygroundEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof GoroscopePlaygroundEventMap>(
    type: K, listener: (this: GoroscopePlayground, event: GoroscopePlaygroundEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions): void;
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'goroscope-playground': GoroscopePlayground;
  }
}
