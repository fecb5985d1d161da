/**
 * Which lanes show and how: groups, filter, pins, overlay; the rows made of them, and what the arrows point at.
 */
import { freshArrangement, isOpen, rowsOf, subgroupOf } from '../view/groups.mjs';
import { KINDS } from '../view/kinds.mjs';

/** @typedef {import('../view/groups.mjs').Row} Row */
/** @typedef {import('../view/groups.mjs').Arrangement} Arrangement */
/** @typedef {import('../trace/types.mjs').Lane} Lane */
/** @typedef {import('../trace/types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('./lanelist.mjs').LaneList} LaneList */

/** Arrows to whom a span woke: more than this is a tangle. */
const ARROWS = 60;

/** Of a view that was kept. */
const MOST_KEYS = 2000;
const LONGEST_KEY = 500;

/** @type {ReadonlyArray<import('../view/groups.mjs').GoOrder>} */
const ORDERS = ['fn', 'family', 'none'];

/** @param {unknown} value @returns {value is string} */
const isKey = (value) => typeof value === 'string' && value.length <= LONGEST_KEY;

/** @param {unknown} value @returns {string[]} */
const keysIn = (value) => [...new Set(Array.isArray(value) ? value.filter(isKey).slice(0, MOST_KEYS) : [])];

export class LanesView {
  /** @param {() => void} onChange the rows are others now */
  constructor(onChange) {
    this.onChange = onChange;
    /** The same, for who keeps the arrangement. */
    this.onArranged = () => {};
    /** A lane that `only` hides is to show. */
    this.onHidden = () => {};
    this.arrangement = freshArrangement();
    this.overlay = true;
    /** Lanes that are to show at all; null: all. @type {((lane: Lane) => boolean) | null} */
    this.only = null;
    /** Counts changes of the arrangement. */
    this.version = 0;
    /** @type {{list: LaneList | null, of: number, version: number, rows: Row[]}} */
    this.made = { list: null, of: -1, version: -1, rows: [] };
    /** @type {Map<number, number> | null} lane → row */
    this.places = null;
    /** @type {Map<string, number>} key of a lane, a group or a subgroup → its row */
    this.keys = new Map();
  }

  /** What can be kept, in a URL for example: what is not as at first. @returns {Record<string, unknown>} */
  get state() {
    /** @type {Record<string, unknown>} */
    const state = {};
    const fresh = { ...freshArrangement(), overlay: true };
    for (const [key, value] of Object.entries({ ...this.arrangement, overlay: this.overlay }))
      if (JSON.stringify(value) !== JSON.stringify(/** @type {any} */ (fresh)[key])) state[key] = value;
    return state;
  }

  /** What is missing is as at first, and so is what makes no sense: a stranger's link may say anything. */
  set state(state) {
    const { overlay, toggled, pinned, hidden, moved, filter } = state;
    this.overlay = overlay !== false;
    this.arrangement = {
      toggled: keysIn(toggled), pinned: keysIn(pinned), hidden: keysIn(hidden),
      moved: Object.fromEntries(Object.entries(typeof moved === 'object' && moved ? moved : {})
        .filter(([key, n]) => isKey(key) && Number.isInteger(n)).slice(0, MOST_KEYS)),
      filter: isKey(filter) ? filter : '',
      by: ORDERS.find((by) => by === state.by) ?? 'fn',
    };
    this.changed();
  }

  changed() {
    this.version++;
    this.onChange();
    this.onArranged();
  }

  /** @param {LaneList | null} list @returns {Row[]} */
  rows(list) {
    const { made } = this;
    if (list && made.list === list && made.of === list.version && made.version === this.version) return made.rows;
    const lanes = list?.all ?? [];
    const rows = rowsOf(this.only ? lanes.filter(this.only) : lanes, this.arrangement,
      (key) => list?.byKey(key) ?? null);
    this.made = { list, of: list?.version ?? -1, version: this.version, rows };
    this.places = null;
    return rows;
  }

  /** The row of a lane, -1 = it does not show. @param {number} lane */
  rowOf(lane) {
    return this.findPlaces().get(lane) ?? -1;
  }

  /** The row of a lane or heading by its key, -1 = it does not show. @param {string} key */
  rowOfKey(key) {
    this.findPlaces();
    return this.keys.get(key) ?? -1;
  }

  findPlaces() {
    if (this.places) return this.places;
    /** @type {Map<number, number>} */
    const places = new Map();
    this.keys = new Map();
    this.made.rows.forEach(({ index, key }, row) => {
      this.keys.set(key, row);
      if (index >= 0 && !places.has(index)) places.set(index, row);
    });
    this.places = places;
    return places;
  }

  /** The row of a lane, or the heading it is folded into; -1 = hidden. @param {LaneList} list @param {number} lane */
  placeOf(list, lane) {
    const row = this.rowOf(lane);
    const info = row < 0 ? list.byIndex(lane) : null;
    if (!info) return row;
    const { group } = KINDS[info.kind];
    const sub = this.keys.get(subgroupOf(info, (key) => list.byKey(key) ?? null) ?? '');
    return sub ?? this.keys.get(group) ?? -1;
  }

  /** Opens or closes a group or subgroup. @param {string} key */
  toggle(key) {
    this.toggleAll([key]);
  }

  /** @param {string[]} keys of groups and subgroups; the rows are made anew once */
  toggleAll(keys) {
    const toggled = new Set(this.arrangement.toggled);
    for (const key of keys) if (!toggled.delete(key)) toggled.add(key);
    this.arrangement.toggled = [...toggled];
    this.changed();
  }

  /** All subgroups of goroutines open; if they are, all close. */
  toggleSubgroups() {
    if (!this.isOpen('go')) this.toggle('go');
    const subs = this.rows(this.made.list).filter((row) => row.kind === 'head' && row.key.startsWith('go/'));
    const some = subs.filter((row) => !row.open);
    this.toggleAll((some.length ? some : subs).map(({ key }) => key));
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
    if (this.only && !this.only(lane)) this.onHidden();
    const { arrangement: a } = this;
    const { group } = KINDS[lane.kind];
    a.hidden = a.hidden.filter((key) => key !== lane.key);
    if (!isOpen(a, group)) this.toggle(group);
    this.changed();
    const sub = subgroupOf(lane, (key) => this.made.list?.byKey(key) ?? null);
    const closed = this.rows(this.made.list).find((row) => row.kind === 'head' && row.key === sub && !row.open);
    if (sub && closed) this.toggle(sub);
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
    /** @type {import('../view/arrows.mjs').Arrow[]} */
    const arrows = (told.woke ?? []).slice(0, ARROWS).map((w) =>
      ({ t: w.time, from: here, to: this.placeOf(list, w.lane), created: w.created }));
    if (by?.lane !== undefined && by.time !== undefined) {
      const created = told.startReason === 'created', until = twin ? span.start : by.time;
      arrows.push({ t: by.time, until, from: this.placeOf(list, by.lane), to: here, created });
    }
    return arrows;
  }
}
