/**
 * Which lanes show and how: groups, filter, pins, overlay; the rows made of them, and what the arrows point at.
 */
import { freshArrangement, isOpen, rowsOf } from '../view/groups.mjs';
import { KINDS } from '../view/kinds.mjs';

/** @typedef {import('../view/groups.mjs').Row} Row */
/** @typedef {import('../view/groups.mjs').Arrangement} Arrangement */
/** @typedef {import('../trace/types.mjs').Lane} Lane */
/** @typedef {import('../trace/types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('./lanelist.mjs').LaneList} LaneList */

/** Arrows to whom a span woke: more than this is a tangle. */
const ARROWS = 60;

export class LanesView {
  /** @param {() => void} onChange the rows are others now */
  constructor(onChange) {
    this.onChange = onChange;
    this.arrangement = freshArrangement();
    this.overlay = true;
    /** Counts changes of the arrangement. */
    this.version = 0;
    /** @type {{list: LaneList | null, of: number, version: number, rows: Row[]}} */
    this.made = { list: null, of: -1, version: -1, rows: [] };
    /** @type {Map<number, number> | null} lane → row */
    this.places = null;
    /** @type {Map<string, number>} group or subgroup → row of its heading */
    this.heads = new Map();
  }

  /** What can be kept, in a URL for example. */
  get state() {
    return { ...this.arrangement, overlay: this.overlay };
  }

  /** @param {Partial<Arrangement & {overlay: boolean}>} state what is missing is as at first */
  set state({ overlay = true, ...rest }) {
    this.overlay = overlay;
    this.arrangement = { ...freshArrangement(), ...rest };
    this.changed();
  }

  changed() {
    this.version++;
    this.onChange();
  }

  /** @param {LaneList | null} list @returns {Row[]} */
  rows(list) {
    const { made } = this;
    if (list && made.list === list && made.of === list.version && made.version === this.version) return made.rows;
    const rows = list ? rowsOf(list.all, this.arrangement) : [];
    this.made = { list, of: list?.version ?? -1, version: this.version, rows };
    this.places = null;
    return rows;
  }

  /** The row of a lane, -1 = it does not show. @param {number} lane */
  rowOf(lane) {
    if (!this.places) {
      this.places = new Map();
      this.heads = new Map();
      this.made.rows.forEach(({ index, kind, key }, row) => {
        if (kind === 'head') this.heads.set(key, row);
        else if (index >= 0 && !this.places?.has(index)) this.places?.set(index, row);
      });
    }
    return this.places.get(lane) ?? -1;
  }

  /** The row of a lane, or the heading it is folded into; -1 = hidden. @param {LaneList} list @param {number} lane */
  placeOf(list, lane) {
    const row = this.rowOf(lane);
    const info = row < 0 ? list.byIndex(lane) : null;
    if (!info) return row;
    const { group } = KINDS[info.kind];
    const sub = group === 'go' ? this.heads.get(`go/${info.fn ?? ''}`) : undefined;
    return sub ?? this.heads.get(group) ?? -1;
  }

  /** Opens or closes a group or subgroup. @param {string} key */
  toggle(key) {
    const { toggled } = this.arrangement;
    const at = toggled.indexOf(key);
    if (at < 0) toggled.push(key);
    else toggled.splice(at, 1);
    this.changed();
  }

  /** All subgroups of goroutines open; if they are, all close. */
  toggleSubgroups() {
    if (!this.isOpen('go')) this.toggle('go');
    const subs = this.rows(this.made.list).filter((row) => row.kind === 'head' && row.key.startsWith('go/'));
    const some = subs.filter((row) => !row.open);
    for (const { key } of some.length ? some : subs) this.toggle(key);
  }

  /** @param {string} group */
  isOpen(group) {
    return isOpen(this.arrangement, group);
  }

  /** @param {string} text */
  filter(text) {
    if (text === this.arrangement.filter) return;
    this.arrangement.filter = text;
    this.changed();
  }

  /** @param {import('../view/groups.mjs').GoOrder} by */
  groupBy(by) {
    this.arrangement.by = by;
    this.changed();
  }

  /** @param {string} key */
  pin(key) {
    const { pinned } = this.arrangement;
    const at = pinned.indexOf(key);
    if (at < 0) pinned.push(key);
    else pinned.splice(at, 1);
    this.changed();
  }

  /** @param {string} key */
  hide(key) {
    this.arrangement.hidden.push(key);
    this.changed();
  }

  showHidden() {
    this.arrangement.hidden = [];
    this.changed();
  }

  /** Among its neighbours. @param {string} key @param {1 | -1} direction 1 = down */
  move(key, direction) {
    const { pinned, moved } = this.arrangement;
    const at = pinned.indexOf(key);
    if (at >= 0) {
      const to = Math.min(pinned.length - 1, Math.max(0, at + direction));
      pinned.splice(to, 0, ...pinned.splice(at, 1));
    } else moved[key] = (moved[key] ?? 0) + direction;
    this.changed();
  }

  toggleOverlay() {
    this.overlay = !this.overlay;
    this.changed();
  }

  /** Makes a lane's row show: its group open, not hidden, found by the filter. @param {Lane} lane */
  uncover(lane) {
    const { arrangement: a } = this;
    const { group } = KINDS[lane.kind];
    a.hidden = a.hidden.filter((key) => key !== lane.key);
    if (!isOpen(a, group)) this.toggle(group);
    this.changed();
    const sub = `go/${lane.fn ?? ''}`;
    const closed = this.rows(this.made.list).find((row) => row.kind === 'head' && row.key === sub && !row.open);
    if (group === 'go' && closed) this.toggle(sub);
    this.rows(this.made.list);
    if (this.rowOf(lane.index) < 0 && a.filter) this.filter('');
  }

  /** Lanes whose spans lie over all others. @param {LaneList | null} list */
  overlays(list) {
    if (!this.overlay || !list) return [];
    const stw = list.byKey('stw:0');
    const gc = list.byKey('gc:0');
    return [
      ...(gc ? [{ index: gc.index, color: /** @type {const} */ ('gc') }] : []),
      ...(stw ? [{ index: stw.index, color: /** @type {const} */ ('stopped') }] : []),
    ];
  }

  /**
   * @param {LaneList} list @param {SpanDetail} span what is selected
   * @param {SpanDetail | null} twin the goroutine's own span then, if `span` is a P's or M's
   * @returns {import('../view/arrows.mjs').Arrow[]}
   */
  arrows(list, span, twin) {
    const told = twin ?? span;
    const here = this.rowOf(span.lane);
    if (here < 0) return [];
    const by = told.unblockedBy;
    const arrows = (told.woke ?? []).slice(0, ARROWS).map((w) =>
      ({ t: w.time, from: here, to: this.placeOf(list, w.lane), created: w.created }));
    if (by?.lane !== undefined && by.time !== undefined)
      arrows.push({ t: by.time, from: this.placeOf(list, by.lane), to: here, created: told.startReason === 'created' });
    return arrows;
  }
}
