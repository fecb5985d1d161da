// Messages between a page and a playground in a frame of it, version 1. docs/messages.md is the manual.

export interface Diagnostic {
  /** '' when it is about no file. */
  file: string;
  /** From 1; 0 when it is about no line. */
  line: number;
  /** In bytes, from 1; 0: the line as a whole. */
  column: number;
  severity: 'error' | 'warning' | 'note';
  text: string;
}

export type State = 'idle' | 'compiling' | 'running' | 'done' | 'failed';

/** What a page sends to the frame's window. */
export type Request = {
  goroscope: 1;
  /** Stands in the answer too. */
  id: string | number;
  /** `id` of the element, where the frame has several; else the first that this page may speak to is meant. */
  to?: string;
} & (
  /** The playground's events come from now on, until the frame goes. Value: Status. */
  | { ask: 'hello' }
  /** Puts another program into the editor; of several at once the last. Value: null. */
  | { ask: 'load'; source: string }
  /** Those named get new values, others stay. Value: null. */
  | { ask: 'set'; settings: Settings }
  /** Value: Settings. */
  | { ask: 'get' }
  /** Builds and runs the program; answered when it has ended. Value: Ended. */
  | { ask: 'run' }
  /** Value: null. */
  | { ask: 'stop' }
  /** All that it has printed in this run. Value: string. */
  | { ask: 'output' }
  /** The trace as a file. Value: ArrayBuffer, which is yours. */
  | { ask: 'trace' }
);

/** Plain JSON; as the element's attributes, whose manual tells what they mean. */
export interface Settings {
  source?: string;
  /** Further files of the program, name -> text. */
  files?: Record<string, string>;
  [name: string]: unknown;
}

export interface Status {
  version: 1;
  state: State;
  diagnostics: Diagnostic[];
}

export interface Ended {
  exitCode: number;
  stopped: boolean;
}

/** What comes back for each request. */
export type Answer = {
  goroscope: 1;
  id: string | number;
  /** `id` of the element. */
  from: string;
} & (
  | { value: unknown }
  /** One sentence: what is wrong, and what would do. */
  | { error: string }
);

/** What comes by itself: 'ready' to the page around the frame, others to those who have said hello. */
export type Message = {
  goroscope: 1;
  /** `id` of the element. */
  from: string;
} & (
  | { event: 'ready' }
  | { event: 'statechange'; state: State }
  | { event: 'output'; stream: 'stdout' | 'stderr'; text: string }
  | { event: 'diagnostics'; diagnostics: Diagnostic[] }
  | { event: 'sourcechange'; source: string }
);
