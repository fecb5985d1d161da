/**
 * The viewer's sentences about a trace: status line, notices, labels of a span.
 */
import { ON, RUNNABLE, STATES, STOPPED, SYSCALL, SYSCALL_NO_P, WAITING } from '../view/states.mjs';
import { count, plural, sizeOf } from '../view/numbers.mjs';
import { exactTime, shortTime } from '../view/time.mjs';

/** @typedef {import('../trace/types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('../trace/types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('../trace/types.mjs').Site} Site */

/**
 * Whether more of the trace is coming right now.
 * @param {TraceInfo | null} info @param {import('./live.mjs').Doing | null} doing
 */
export const isComing = (info, doing) => info?.state === 'live' && !doing?.held && doing?.tracing !== false;

/**
 * The line above the lanes, in parts: what does not fit is cut from the end.
 * @param {TraceInfo | null} info
 * @param {boolean} [attached] a program's, which the page names; nothing of it may have been read yet
 * @param {import('./live.mjs').Doing | null} [doing] what that program does
 * @returns {string[]}
 */
export function statusParts(info, attached = false, doing = null) {
  if (!info || info.state === 'empty') return [attached ? 'Reading the trace…' : 'No trace yet'];
  /** @type {string[]} */
  const parts = [];
  const coming = isComing(info, doing);
  if (info.state === 'live') parts.push(coming ? 'Live' : doing?.held ? 'Held' : 'Not traced now');
  else if (attached && info.state === 'done') parts.push('Ended');
  if (info.name && !attached) parts.push(info.name);
  if (info.state === 'loading') {
    const share = shareRead(info);
    parts.push(share === null ? 'reading' : `reading ${Math.floor(100 * share)}%`);
  }
  parts.push(shortTime(info.t1 - info.t0), plural(info.events, 'event'));
  if (coming) parts.push(`${count(info.eventsPerSecond)} events/s`);
  parts.push(plural(info.goroutines, 'goroutine'), sizeOf(info.bytes));
  if (info.version && info.state !== 'live') parts.push(formatWords(info.version));
  return parts;
}

/**
 * How much of a trace has been read: by its time, where that is known before, since bytes come faster than they are
 * read. null: nobody knows, as before anything of it has been. @param {TraceInfo} info
 */
export function shareRead({ t1, expectedT1, generations, bytes, totalBytes }) {
  if (expectedT1) return Math.min(1, t1 / expectedT1);
  return totalBytes && generations ? bytes / totalBytes : null;
}

/** The version in a trace's header is its format's, which newer Gos write too. @param {string} version "go 1.26" */
const formatWords = (version) => `trace format of ${version.replace(/^go/, 'Go')}`;

/**
 * Things the user must know about what is drawn. @param {TraceInfo} info
 * @returns {string[]}
 */
export function notices(info) {
  const list = [];
  if (info.full) {
    const nothing = info.knownFrom ? `before ${exactTime(info.knownFrom)} nothing is left, ` : '';
    list.push(`The memory set aside for this trace is full: ${nothing}before ${
      exactTime(info.detailFrom ?? 0)} only a summary is left, and only what follows can be saved.`);
  }
  if (info.lost > 0) {
    const pieces = info.lost === 1 ? 'One piece (generation) of the trace is'
      : `${count(info.lost)} pieces (generations) of the trace are`;
    list.push(`${pieces} missing: the program wrote faster than the viewer could read, so the lanes have gaps.`);
  }
  if (info.lanesDenied > 0) list.push(`${plural(info.lanesDenied, 'more P')} ran than the viewer keeps lanes for.`);
  return list;
}

/** @param {number} state */
export function stateName(state) {
  return STATES[state]?.word ?? 'unknown';
}

/** @param {Site | null | undefined} site */
export function siteText(site) {
  if (!site) return '';
  const file = site.file ? `${site.file.slice(site.file.lastIndexOf('/') + 1)}:${site.line}` : '';
  return [site.func, file].filter(Boolean).join('  ');
}

/** The innermost frame that is not the runtime's or sync's own, else the innermost. @template {{func: string}} T
 * @param {ReadonlyArray<T>} stack @returns {T | undefined} */
export function ownFrame(stack) {
  return stack.find(({ func }) => !/^(runtime|sync|internal)[./]/.test(func)) ?? stack[0];
}

/** What a span says of itself first: its state, or what kind of stretch it is. @param {SpanDetail} span */
function whatOf(span) {
  const what = { gc: 'GC mark phase', task: 'task', region: 'region', range: 'work for the GC' };
  return what[/** @type {keyof typeof what} */ (span.kind)] ?? stateName(span.state);
}

/** What the reason for a span's begin is called. @param {SpanDetail} span */
function reasonTerm(span) {
  if (span.state === STOPPED || span.state === WAITING || span.state === RUNNABLE) return 'Reason';
  return 'Came from';
}

/**
 * A duration that may be below what the clock can tell; finer steps than 1 µs nobody needs to be told of.
 * @param {number} ns @param {number} stepNs
 */
export const durationWords = (ns, stepNs) => (ns < stepNs && stepNs >= 1000
  ? `less than ${shortTime(stepNs)}, a step of the clock` : exactTime(ns));

/** @param {SpanDetail} span @returns {Array<[string, string]>} what the details panel and the tooltip list */
export function spanRows(span) {
  /** @type {Array<[string, string]>} */
  const rows = [
    [span.state === ON ? 'What' : 'State', span.open && !span.over ? `${whatOf(span)} (still)` : whatOf(span)],
    ['Start', exactTime(span.start)],
    ['End', !span.open ? exactTime(span.end) : span.over ? 'not in this trace' : 'not yet'],
    ['Duration', durationWords(span.end - span.start, span.clockStepNs ?? 0)],
  ];
  if (span.name) rows.splice(1, 0, ['Name', span.name]);
  if (span.startReason && span.state !== SYSCALL && span.state !== SYSCALL_NO_P)
    rows.push([reasonTerm(span), span.startReason]);
  if (span.endReason && !span.open) rows.push(['Ended by', span.endReason]);
  if (span.site) rows.push(['Call site', siteText(span.site)]);
  return rows;
}

/** What the one did that made the span's goroutine go on. @param {SpanDetail} span */
export function wakeWord(span) {
  if (span.state === STOPPED) return 'Stopped by';
  if (span.startReason === 'created') return 'Created by';
  return span.startReason === 'coroutine switch' ? 'Resumed by' : 'Unblocked by';
}

/** @param {(Site & {goid: number}) | null | undefined} who */
export function byWhom(who) {
  if (!who) return '';
  const site = siteText(who);
  const goroutine = who.goid > 0 ? `G${who.goid}` : 'outside any goroutine';
  return site ? `${goroutine} at ${site}` : goroutine;
}
