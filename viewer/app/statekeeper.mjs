/**
 * Reads the view into a state and puts a state into the view; tells when the view has changed.
 */
import { RULER_HEIGHT } from '../view/layout.mjs';
import { boxOf, keysOf, laneOfIndex, laneOfKey, placeAt, shownRows } from './lanekeys.mjs';
import { UNNAMED } from './session.mjs';
import { STATE_VERSION, checkState } from './state.mjs';

/** @typedef {import('./state.mjs').ViewState} ViewState */
/** @typedef {{lane: string, at: number} | {t0: number, t1: number, lanes?: string[]} | null} Selecting */

/** Digits of times in a state: hundredths of a nanosecond. */
const round = (/** @type {number} */ t) => Math.round(t * 100) / 100;

export class StateKeeper {
  /** @param {import('./element.mjs').GoroscopeViewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** Waits for its trace. @type {ViewState | null} */
    this.waiting = null;
    /** Is being put in: its selection is asked for. @type {ViewState | null} */
    this.coming = null;
    this.telling = false;
  }

  /** The view has changed; told once for all that changes in one go. */
  changed() {
    if (this.telling) return;
    this.telling = true;
    queueMicrotask(() => {
      this.telling = false;
      this.tell(false);
    });
  }

  /** The view is about to leave for another place, all at once: `state` is still of the one that it leaves. */
  jumps() {
    this.tell(true);
  }

  /** @param {boolean} jump */
  tell(jump) {
    this.viewer.dispatchEvent(new CustomEvent('viewchange', { detail: { jump } }));
  }

  /** @returns {ViewState} */
  read() {
    const { timeline, area, marks, find, info, session, chosen } = this.viewer;
    // What waits for its trace, or for an answer, is still what the view is to be.
    if (this.waiting ?? this.coming) return /** @type {ViewState} */ (this.waiting ?? this.coming);
    const { view, selected, layout, scrollY } = timeline;
    /** @type {ViewState} */
    const state = { version: STATE_VERSION };
    if (info?.name) state.trace = info.name;
    if (session?.attached) state.program = true;
    if (info) {
      state.mode = view.mode;
      if (view.mode === 'free') Object.assign(state, { t0: round(view.t0), t1: round(view.t1) });
    }
    const top = scrollY > 0 ? shownRows(timeline)[placeAt(timeline, RULER_HEIGHT)] : null;
    const box = top && layout.lanes ? boxOf(timeline, top.key) : null;
    if (top && box) state.scroll = { lane: top.key, y: Math.round(RULER_HEIGHT - box.top) };
    const lane = selected && laneOfIndex(timeline, selected.lane);
    if (selected && lane)
      state.selection = { lane: lane.key, at: round((selected.start + selected.end) / 2) };
    if (area.area) {
      // An area on all lanes names none: there may be thousands.
      const all = area.area.lanes.length === keysOf(shownRows(timeline)).length;
      state.area = { t0: round(area.area.t0), t1: round(area.area.t1), lanes: all ? [] : [...area.area.lanes] };
    }
    const kept = marks.list.filter((mark) => mark.kept);
    if (kept.length) state.marks = kept.map(({ t0, t1, text, color }) => ({
      t0: round(t0), ...(t1 > t0 ? { t1: round(t1) } : {}), ...(text ? { text } : {}), color,
    }));
    if (find.query) state.query = find.query.text;
    if (find.onlyFitting) state.onlyFitting = true;
    const lanes = timeline.lanesView.state;
    if (Object.keys(lanes).length) state.lanes = lanes;
    state.settings = { ...chosen };
    return state;
  }

  /** @param {unknown} value @throws {TypeError} one sentence */
  write(value) {
    const state = checkState(value);
    if (state.settings) this.viewer.settings = { ...this.viewer.chosen, ...state.settings };
    this.waiting = state;
    this.grown();
  }

  /** Another trace is shown: a state that names one is not for it. */
  opened() {
    if (this.waiting && !this.fits(this.waiting)) this.waiting = null;
  }

  /** Whether the state may be of the trace that is shown. @param {ViewState} state */
  fits({ trace }) {
    const { info, session } = this.viewer;
    // Programs had no names when some links were made.
    return !trace || !info?.name || trace === info.name || (trace === UNNAMED && Boolean(session?.attached));
  }

  /**
   * Some lane that the state names is not known, and may be soon.
   * @param {ViewState} state @param {import('./session.mjs').Session} session
   */
  lanesComing({ selection, scroll, area }, { lanes }) {
    const named = [selection?.lane, scroll?.lane, ...area?.lanes ?? []].filter((key) => key?.includes(':'));
    if (named.every((key) => lanes.byKey(key ?? ''))) return false;
    return lanes.coming;
  }

  /** More of the trace is known: what waited for it may come true. */
  grown() {
    const { waiting } = this;
    const { info, session } = this.viewer;
    if (!waiting || !info || !session?.hasLanes) return;
    if (!this.fits(waiting)) {
      if (info.state === 'done') this.waiting = null;
      return;
    }
    const needed = Math.max(waiting.t1 ?? 0, waiting.area?.t1 ?? 0, waiting.selection?.at ?? 0,
      ...(waiting.marks ?? []).map((mark) => mark.t1 ?? mark.t0));
    if (info.state !== 'done' && info.t1 < needed) return;
    if (this.lanesComing(waiting, session)) return;
    this.waiting = null;
    this.coming = waiting;
    void this.apply(waiting).finally(() => {
      if (this.coming === waiting) this.coming = null;
    });
  }

  /** @param {ViewState} state */
  async apply(state) {
    const { viewer } = this;
    const { timeline, area, marks, find } = viewer;
    const { view } = timeline;
    const extent = viewer.info?.t1 ?? 0;
    timeline.lanesView.state = state.lanes ?? {};
    find.setOnly(state.onlyFitting ?? false);
    find.put(state.query ?? '');
    find.show(Boolean(state.query));
    marks.put((state.marks ?? []).map((mark) => ({
      t0: mark.t0, t1: mark.t1 ?? mark.t0, text: mark.text ?? '', color: mark.color ?? 1, kept: true,
    })));
    view.glide = null;
    if (state.t0 !== undefined && state.t1 !== undefined && (state.mode ?? 'free') === 'free') {
      view.mode = 'free';
      view.set(state.t0, state.t1);
    } else if (state.mode !== 'follow' || viewer.info?.state === 'live') {
      view.mode = state.mode === 'follow' ? 'follow' : 'all';
      Object.assign(view, view.home());
    }
    timeline.measure();
    const box = state.scroll ? boxOf(timeline, state.scroll.lane) : null;
    if (state.scroll && box) timeline.scrollBy(box.top - RULER_HEIGHT + state.scroll.y);
    const { area: wanted } = state;
    const lanes = wanted?.lanes.length ? wanted.lanes.filter((key) => laneOfKey(timeline, key))
      : keysOf(shownRows(timeline));
    area.set(wanted && wanted.t0 < extent && lanes.length
      ? { t0: Math.max(0, wanted.t0), t1: Math.min(extent, wanted.t1), lanes } : null);
    if (state.selection) await this.select(state.selection);
    else timeline.select(null);
    timeline.frames.request();
  }

  /** @param {Selecting} what @returns {Promise<import('./words.mjs').SpanDetail | null>} */
  async select(what) {
    const { timeline, area, session } = this.viewer;
    if (!what) {
      timeline.select(null);
      area.set(null);
      return null;
    }
    if (!isSelecting(what)) {
      throw new TypeError('select() takes the span of a lane at a moment, {lane: "go:17", at: 5e6}, an area, ' +
        '{t0: 0, t1: 5e6}, or null.');
    }
    if ('t0' in what) {
      timeline.select(null); // its details would hide what is summed up
      const all = keysOf(shownRows(timeline));
      area.set({ t0: what.t0, t1: what.t1, lanes: what.lanes?.length ? [...what.lanes] : all });
      return null;
    }
    const lane = await session?.lanes.find(what.lane);
    if (!session || !lane || session !== this.viewer.session) return null;
    const index = await spanAt(session.client, lane.index, what.at);
    return index < 0 || session !== this.viewer.session ? null : timeline.selectSpan(lane.index, index);
  }
}

/** @param {any} what */
const isSelecting = (what) => ('t0' in Object(what)
  ? Number.isFinite(what.t0) && what.t1 >= what.t0 && (what.lanes === undefined || Array.isArray(what.lanes))
  : typeof what.lane === 'string' && Number.isFinite(what.at));

/**
 * @param {import('../trace/client.mjs').TraceClient} client @param {number} lane @param {number} at
 * @returns {Promise<number>} the span's place in its lane; -1: none
 */
async function spanAt(client, lane, at) {
  // A window this narrow holds no span narrower than its buckets.
  const tiles = await client.query({ t0: at, t1: at + 1, px: 64, lanes: [lane], patient: true });
  const items = tiles?.lanes[0];
  if (!items) return -1;
  for (let i = 0; i < items.n; i++)
    if (items.index[i] >= 0 && items.start[i] <= at + 1 && items.end[i] >= at) return items.index[i];
  return -1;
}
