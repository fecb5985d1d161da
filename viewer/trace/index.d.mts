// Types of the package's `goroscope/trace` (index.mjs).

/** One frame of a stack, the innermost first. */
export interface Frame {
  func: string;
  file: string;
  line: number;
  /** "0x…" */
  pc: string;
}

export type GStatus = 'runnable' | 'running' | 'syscall' | 'waiting' | 'bad';
export type PStatus = 'running' | 'idle' | 'syscall' | 'abandoned' | 'bad';

/**
 * What each event carries beside its context. Names and arguments are those of the trace format
 * (runtime/format/trace_events.h); ids of strings and stacks are resolved, sequence numbers left out since events
 * come in order; arguments named g, m or p are called of_g, of_m, of_p. Ids above 2^53 lose digits. Events of the
 * AllocFree experiment carry addresses and types as far as the trace tells them.
 */
export interface EventArguments {
  /** A generation begins; the last one ends the trace. */
  Sync: { n: number };
  CPUSample: { stack?: Frame[] };
  ProcsChange: { procs: number; stack?: Frame[] };
  ProcStart: { of_p: number | null };
  ProcStop: object;
  ProcSteal: { of_p: number | null; of_m: number | null };
  ProcStatus: { of_p: number | null; pstatus: PStatus };
  GoCreate: { new_g: number | null; new_stack?: Frame[]; stack?: Frame[] };
  GoCreateSyscall: { new_g: number | null };
  GoStart: { of_g: number | null };
  GoDestroy: object;
  GoDestroySyscall: object;
  GoStop: { reason: string; stack?: Frame[] };
  GoBlock: { reason: string; stack?: Frame[] };
  GoUnblock: { of_g: number | null; stack?: Frame[] };
  GoSyscallBegin: { stack?: Frame[] };
  GoSyscallEnd: object;
  GoSyscallEndBlocked: object;
  GoStatus: { of_g: number | null; of_m: number | null; gstatus: GStatus };
  STWBegin: { kind: string; stack?: Frame[] };
  STWEnd: { kind: string };
  GCActive: { gc_seq: number };
  GCBegin: { gc_seq: number; stack?: Frame[] };
  GCEnd: { gc_seq: number };
  GCSweepActive: { of_p: number | null };
  GCSweepBegin: { stack?: Frame[] };
  GCSweepEnd: { swept: number; reclaimed: number };
  GCMarkAssistActive: { of_g: number | null };
  GCMarkAssistBegin: { stack?: Frame[] };
  GCMarkAssistEnd: object;
  HeapAlloc: { heapalloc: number };
  HeapGoal: { heapgoal: number };
  GoLabel: { label: string };
  UserTaskBegin: { task: number | null; parent_task: number | null; name: string; stack?: Frame[] };
  UserTaskEnd: { task: number | null; stack?: Frame[] };
  UserRegionBegin: { task: number | null; name: string; stack?: Frame[] };
  UserRegionEnd: { task: number | null; name: string; stack?: Frame[] };
  UserLog: { task: number | null; key: string; value: string; stack?: Frame[] };
  GoSwitch: { of_g: number | null };
  GoSwitchDestroy: { of_g: number | null };
  GoCreateBlocked: { new_g: number | null; new_stack?: Frame[]; stack?: Frame[] };
  GoStatusStack: { of_g: number | null; of_m: number | null; gstatus: GStatus; stack?: Frame[] };
  Span: { id: number; npages: number; kindclass: number; address?: string };
  SpanAlloc: { id: number; npages: number; kindclass: number; address?: string };
  SpanFree: { id: number; address?: string };
  HeapObject: { id: number; type: number; address?: string; type_name?: string; type_bytes?: number };
  HeapObjectAlloc: { id: number; type: number; address?: string; type_name?: string; type_bytes?: number };
  HeapObjectFree: { id: number; address?: string };
  GoroutineStack: { id: number; order: number; address?: string; bytes: number };
  GoroutineStackAlloc: { id: number; order: number; address?: string; bytes: number };
  GoroutineStackFree: { id: number; address?: string };
}

export type EventName = keyof EventArguments;

/** What every event has. */
export interface EventContext<Name extends EventName> {
  event: Name;
  /** Nanoseconds since the first event of the trace; strictly growing. */
  time: number;
  /** The thread, P and goroutine it happened on, as they were before it. */
  m: number | null;
  p: number | null;
  g: number | null;
}

/** An event; `switch (ev.event)` narrows to its arguments. */
export type TraceEvent = { [Name in EventName]: EventContext<Name> & EventArguments[Name] }[EventName];

/** Bytes, all at once or as they come. */
export type TraceSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

export interface ReadTraceOptions {
  /** Apply the rules of Go's trace validator too. */
  validate?: boolean;
  /** Where reader.wasm is, when it does not stand where the package has it. */
  reader?: string | URL;
}

/** What is wrong with a trace. */
export interface TraceFault {
  message: string;
  /** The rule that was broken, one word. */
  rule: string;
  /** Bytes from the start of the trace. */
  offset: number;
  generation: number;
  m: number | null;
  event: string | null;
}

/** Thrown at damage, after all events before it. */
export class TraceError extends Error {
  constructor(fault: TraceFault);
  readonly fault: TraceFault;
}

/**
 * The events of a Go execution trace (go 1.22, 1.23, 1.25, 1.26), in the order of Go's own reader. Those of a
 * generation come as soon as its last byte has.
 *
 *     for await (const ev of readTrace(file.stream())) {
 *       if (ev.event === 'GoBlock') console.log(ev.time, ev.g, ev.reason);
 *     }
 */
export function readTrace(source: TraceSource, options?: ReadTraceOptions): AsyncGenerator<TraceEvent, void, void>;
