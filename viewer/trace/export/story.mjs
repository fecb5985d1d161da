// story.mjs: the events of a trace to what other viewers draw: tracks with slices, instants, counters and arrows.
// It remembers what is open now and nothing else, so a trace may be as long as it likes.

/** @typedef {import('../index.mjs').TraceEvent} TraceEvent */
/** @typedef {import('../index.mjs').Frame} Frame */

/** Groups of tracks, in the order to show them. */
export const GROUPS = Object.freeze(['Ps', 'Goroutines', 'Regions', 'Tasks', 'GC and stopped world', 'Counters']);
const [PS, GOROUTINES, REGIONS, TASKS, GC, COUNTERS] = GROUPS.keys();

/**
 * @typedef {object} Track
 * @property {number} uuid a number of its own in the whole trace
 * @property {number} group index in GROUPS
 * @property {number} id of the P, the goroutine, …
 * @property {string} name
 * @property {'bytes' | 'count' | null} unit of a counter; null: it has slices
 * @property {number} open slices now
 * @property {boolean} used it has had slices
 */

/** @typedef {Record<string, string | number | Frame[] | undefined>} Args */

/**
 * What a format does with it. Slices of a track are nested; its times never fall. Only a track's first slice may
 * begin before what came last: a status may come late, and says what was from the beginning.
 * @typedef {object} Sink
 * @property {(track: Track) => void} track comes before all else of it
 * @property {(track: Track, t: number, name: string, state: string, args: Args, arrow: number) => void} begin
 *   arrow: number of the one that ends here, or 0
 * @property {(track: Track, t: number) => void} end of the innermost slice
 * @property {(track: Track, t: number, name: string, args: Args, arrow: number) => void} instant
 *   arrow: number of the one that begins here, or 0
 * @property {(track: Track, t: number, value: number) => void} counter
 * @property {(track: Track) => void} [gone] a goroutine's track gets nothing more
 */

/** @typedef {{track: Track, fn: string, state: string}} Goroutine */

/** @param {Frame[] | undefined} stack @returns {string} the function it began with */
const startOf = (stack) => stack?.at(-1)?.func ?? '';

export class Story {
  /** @param {Sink} sink */
  constructor(sink) {
    this.sink = sink;
    this.uuids = 0;
    this.arrows = 0;
    this.now = 0;
    /** Time of the first event; -1: there was none yet. */
    this.start = -1;
    /** @type {Map<number, Goroutine>} */ this.gs = new Map();
    /** @type {Map<string, Track>} all others */ this.tracks = new Map();
  }

  /**
   * @param {number} group @param {number} id @param {string} name @param {Track['unit']} [unit] @returns {Track}
   */
  #newTrack(group, id, name, unit = null) {
    const track = { uuid: ++this.uuids, group, id, name, unit, open: 0, used: false };
    this.sink.track(track);
    return track;
  }

  /**
   * @param {number} group @param {number} id @param {string} name @param {Track['unit']} [unit] @returns {Track}
   */
  #track(group, id, name, unit = null) {
    const key = `${group} ${id} ${unit ? name : ''}`;
    let track = this.tracks.get(key);
    if (!track) this.tracks.set(key, track = this.#newTrack(group, id, name, unit));
    return track;
  }

  /** Closes it for good. @param {number} group @param {number} id */
  #forget(group, id) {
    const key = `${group} ${id} `, track = this.tracks.get(key);
    if (track) this.#endAll(track);
    this.tracks.delete(key);
  }

  /** @param {Track} track @param {string} name @param {string} state @param {Args} args @param {number} [arrow]
   * @param {number} [at] */
  #begin(track, name, state, args, arrow = 0, at = this.now) {
    track.open++;
    track.used = true;
    this.sink.begin(track, at, name, state, args, arrow);
  }

  /** @param {Track} track */
  #end(track) {
    if (track.open === 0) return;
    track.open--;
    this.sink.end(track, this.now);
  }

  /** @param {Track} track */
  #endAll(track) {
    while (track.open > 0) this.#end(track);
  }

  /** @param {number} id @param {string} [fn] @returns {Goroutine} */
  #g(id, fn = '') {
    let g = this.gs.get(id);
    if (!g) {
      g = { track: this.#newTrack(GOROUTINES, id, `G ${id}${fn && ` ${fn}`}`), fn, state: '' };
      this.gs.set(id, g);
    }
    return g;
  }

  /** @param {number | null} id @param {string} state @param {string} name @param {Args} args @param {number} [arrow]
   * @param {number} [at] */
  #turn(id, state, name, args, arrow = 0, at = this.now) {
    if (id === null) return;
    const g = this.#g(id, startOf(/** @type {Frame[] | undefined} */ (args.stack)));
    this.#end(g.track);
    g.state = state;
    this.#begin(g.track, name || state, state, args, arrow, at);
  }

  /** @param {number | null} id */
  #goroutineEnds(id) {
    const g = id === null ? undefined : this.gs.get(id);
    if (!g || id === null) return;
    this.#endAll(g.track);
    this.sink.gone?.(g.track);
    this.gs.delete(id);
    this.#forget(REGIONS, id);
    this.#forget(GC, id);
  }

  /** @param {number} id */
  #p(id) { return this.#track(PS, id, `P ${id}`); }

  /**
   * The goroutine runs on the P from now on. @param {number | null} p @param {number | null} g
   * @param {number} [at]
   */
  #runs(p, g, at) {
    if (p === null || g === null) return;
    const track = this.#p(p);
    this.#endAll(track);
    this.#begin(track, `G ${g} ${this.gs.get(g)?.fn ?? ''}`.trim(), 'running', { g }, 0, at);
  }

  /** Nobody runs on the P. @param {number | null} p */
  #idle(p) {
    if (p !== null) this.#endAll(this.#p(p));
  }

  /**
   * An arrow from what happens now to whom it wakes or makes.
   * @param {TraceEvent} ev @param {string} name @param {number} to @param {Args} args @returns {number}
   */
  #arrow(ev, name, to, args) {
    const from = ev.g !== null ? this.#g(ev.g).track : ev.p !== null ? this.#p(ev.p) : null;
    if (!from) return 0;
    this.sink.instant(from, this.now, name, { ...args, goroutine: to }, ++this.arrows);
    return this.arrows;
  }

  /** One event more, in order. @param {TraceEvent} ev */
  event(ev) {
    this.now = ev.time;
    if (this.start < 0) this.start = ev.time;
    if (!this.#schedules(ev) && !this.#collects(ev)) this.#annotates(ev);
  }

  /** States of goroutines and Ps. @param {TraceEvent} ev */
  #schedules(ev) {
    switch (ev.event) {
      case 'ProcStatus': case 'ProcStart': if (ev.of_p !== null) this.#p(ev.of_p); break;
      case 'ProcStop': this.#idle(ev.p); break;
      case 'ProcSteal': this.#idle(ev.of_p); break;
      case 'GoCreate': case 'GoCreateBlocked': this.#created(ev); break;
      case 'GoCreateSyscall': this.#turn(ev.new_g, 'syscall', '', {}); break;
      case 'GoStart': this.#started(ev.of_g, ev.p); break;
      case 'GoStop': this.#left(ev, 'runnable', '', { reason: ev.reason, stack: ev.stack }); break;
      case 'GoBlock': this.#left(ev, 'waiting', ev.reason, { reason: ev.reason, stack: ev.stack }); break;
      case 'GoDestroy': case 'GoDestroySyscall': this.#idle(ev.p); this.#goroutineEnds(ev.g); break;
      case 'GoSwitch': case 'GoSwitchDestroy': this.#woken(ev, ev.of_g, undefined); break;
      case 'GoUnblock': this.#woken(ev, ev.of_g, ev.stack); break;
      case 'GoSyscallBegin':
        this.#turn(ev.g, 'syscall', '', { p: ev.p ?? undefined, stack: ev.stack });
        if (ev.p !== null) this.#begin(this.#p(ev.p), 'syscall', 'syscall', {});
        break;
      case 'GoSyscallEnd': this.#started(ev.g, ev.p); break;
      case 'GoSyscallEndBlocked': this.#turn(ev.g, 'runnable', '', { reason: 'syscall' }); break;
      case 'GoStatus': this.#said(ev, ev.of_g, ev.gstatus, undefined); break;
      case 'GoStatusStack': this.#said(ev, ev.of_g, ev.gstatus, ev.stack); break;
      default: return false;
    }
    return true;
  }

  /** @param {number | null} g @param {number | null} p */
  #started(g, p) {
    this.#turn(g, 'running', '', { p: p ?? undefined });
    this.#runs(p, g);
  }

  /** @param {TraceEvent} ev @param {string} state @param {string} name @param {Args} args */
  #left(ev, state, name, args) {
    this.#turn(ev.g, state, name, args);
    this.#idle(ev.p);
  }

  /** @param {Extract<TraceEvent, {event: 'GoCreate' | 'GoCreateBlocked'}>} ev */
  #created(ev) {
    if (ev.new_g === null) return;
    const fn = startOf(ev.new_stack), arrow = this.#arrow(ev, `go ${fn}`.trim(), ev.new_g, { stack: ev.stack });
    this.#g(ev.new_g, fn);
    this.#turn(ev.new_g, ev.event === 'GoCreate' ? 'runnable' : 'waiting', '',
      { 'created by': ev.g ?? undefined }, arrow);
  }

  /** @param {TraceEvent} ev @param {number | null} g @param {Frame[] | undefined} stack */
  #woken(ev, g, stack) {
    if (g === null) return;
    const arrow = this.#arrow(ev, 'unblock', g, { stack });
    this.#turn(g, 'runnable', '', { 'unblocked by': ev.g ?? undefined }, arrow);
  }

  /** A status: news only of who is not known. @param {TraceEvent} ev @param {number | null} id
   * @param {string} status @param {Frame[] | undefined} stack */
  #said(ev, id, status, stack) {
    if (id === null || this.gs.get(id)?.state === status) return;
    const isNew = !this.gs.has(id), p = ev.p === null ? null : this.#p(ev.p);
    this.#turn(id, status, '', { stack }, 0, isNew ? this.start : this.now);
    if (status === 'running') this.#runs(ev.p, id, isNew && !p?.used ? this.start : this.now);
  }

  /** The world stopped, the heap. @param {TraceEvent} ev */
  #collects(ev) {
    switch (ev.event) {
      case 'STWBegin': this.#begin(this.#track(GC, -1, 'Stopped world'), ev.kind || 'stopped', 'stopped',
        { stack: ev.stack, g: ev.g ?? undefined }); break;
      case 'STWEnd': this.#end(this.#track(GC, -1, 'Stopped world')); break;
      case 'GCActive': case 'GCBegin': this.#marking(); break;
      case 'GCEnd': this.#end(this.#track(GC, -2, 'GC')); break;
      case 'GCSweepActive': this.#sweeps(ev.of_p); break;
      case 'GCSweepBegin': this.#sweeps(ev.p); break;
      case 'GCSweepEnd': if (ev.p !== null) this.#end(this.#track(GC, -10 - ev.p, `Sweep, P ${ev.p}`)); break;
      case 'GCMarkAssistActive': this.#assists(ev.of_g); break;
      case 'GCMarkAssistBegin': this.#assists(ev.g); break;
      case 'GCMarkAssistEnd': if (ev.g !== null) this.#forget(GC, ev.g); break;
      case 'HeapAlloc':
        this.sink.counter(this.#track(COUNTERS, 1, 'Heap', 'bytes'), this.now, ev.heapalloc); break;
      case 'HeapGoal':
        this.sink.counter(this.#track(COUNTERS, 2, 'Heap goal', 'bytes'), this.now, ev.heapgoal); break;
      case 'ProcsChange':
        this.sink.counter(this.#track(COUNTERS, 3, 'GOMAXPROCS', 'count'), this.now, ev.procs); break;
      default: return false;
    }
    return true;
  }

  #marking() {
    const track = this.#track(GC, -2, 'GC');
    if (track.open === 0) this.#begin(track, 'marking', 'GC', {});
  }

  /** @param {number | null} p */
  #sweeps(p) {
    if (p === null) return;
    const track = this.#track(GC, -10 - p, `Sweep, P ${p}`);
    if (track.open === 0) this.#begin(track, 'sweep', 'GC', {});
  }

  /** @param {number | null} g */
  #assists(g) {
    if (g === null) return;
    const track = this.#track(GC, g, `Mark assist, G ${g}`);
    if (track.open === 0) this.#begin(track, 'mark assist', 'GC', {});
  }

  /** What the program says of itself, and samples. @param {TraceEvent} ev */
  #annotates(ev) {
    // A sample may come before the first status of its goroutine, which then begins in the past.
    const known = ev.g !== null ? this.gs.get(ev.g)?.track : undefined;
    const own = () => known ?? this.#track(GC, -3, 'Samples of goroutines not told of yet');
    switch (ev.event) {
      case 'UserTaskBegin':
        if (ev.task !== null) this.#begin(this.#track(TASKS, ev.task, `Task ${ev.task} ${ev.name}`),
          ev.name || 'task', 'task', { parent: ev.parent_task ?? undefined, stack: ev.stack });
        break;
      case 'UserTaskEnd': if (ev.task !== null) this.#forget(TASKS, ev.task); break;
      case 'UserRegionBegin':
        if (ev.g !== null) this.#begin(this.#track(REGIONS, ev.g, `Regions, G ${ev.g}`),
          ev.name || 'region', 'region', { task: ev.task ?? undefined, stack: ev.stack });
        break;
      case 'UserRegionEnd': if (ev.g !== null) this.#end(this.#track(REGIONS, ev.g, `Regions, G ${ev.g}`)); break;
      case 'UserLog': this.sink.instant(own(), this.now, ev.key || 'log',
        { value: ev.value, task: ev.task ?? undefined, stack: ev.stack }, 0); break;
      case 'GoLabel': this.sink.instant(own(), this.now, 'label', { label: ev.label }, 0); break;
      case 'CPUSample': this.sink.instant(own(), this.now, 'CPU sample', { stack: ev.stack }, 0);
    }
  }

  /** The trace is over: whatever is open ends with its last event. */
  finish() {
    for (const { track } of this.gs.values()) {
      this.#endAll(track);
      this.sink.gone?.(track);
    }
    for (const track of this.tracks.values()) this.#endAll(track);
  }
}
