/**
 * The lanes on the screen: which part of which trace shows, one frame after the other, and what the pointer and the
 * keys do to it.
 */
import { LanePainter } from '../view/lanes.mjs';
import { RULER_HEIGHT, laneAtY, laneTop, makeLayout, timeOfX, visibleLanes } from '../view/layout.mjs';
import { nameOf } from '../view/groups.mjs';
import { RUNNABLE } from '../view/states.mjs';
import { firstSpan, hitTest, itemNear } from '../view/hit.mjs';
import { OVERVIEW_HEIGHT, OverviewPainter } from '../view/overview.mjs';
import { makeTheme } from '../view/theme.mjs';
import { cssColor } from '../view/color.mjs';
import { exactTime, shortTime } from '../view/time.mjs';
import { busyPart } from './busy.mjs';
import { FrameScheduler } from './frame.mjs';
import { revealLane } from './lanekeys.mjs';
import { PanZoomKeys } from './panzoom.mjs';
import { LanesView } from './lanesview.mjs';
import { LanesBar } from './lanesbar.mjs';
import { fillCurveTip, fillDetails, fillTable, fillTip, growDetails, placeTip, refillDetails } from './panels.mjs';
import { fillPointTip, moreOf } from './spanmore.mjs';
import { ViewWindow } from './window.mjs';
import { siteText, stateName } from './words.mjs';

/** The table for screen readers is filled when the view has stood still this long. */
const TABLE_DELAY_MS = 400;
const HINT_MS = 1800;
const STEP_ZOOM = 1.6;
/** So many lanes of a group that opens are brought into view. */
const LANES_OF_GROUP = 3;

/** @typedef {import('./words.mjs').SpanDetail} SpanDetail */
/** @typedef {import('../view/hit.mjs').Hit} Hit */
/** @typedef {import('./session.mjs').Session} Session */

/** The same span, also if more is known of one by now. @param {SpanDetail | null} a @param {SpanDetail} b */
const isSame = (a, b) => a?.lane === b.lane && a.index === b.index && a.start === b.start;

export class Timeline {
  /**
   * @param {HTMLElement} element its computed style holds the colours
   * @param {import('./parts.mjs').Parts} parts
   * @param {(span: SpanDetail | null) => void} onSelect
   */
  constructor(element, parts, onSelect) {
    this.element = element;
    this.parts = parts;
    this.onSelect = onSelect;
    this.view = new ViewWindow();
    this.keys = new PanZoomKeys();
    this.painter = new LanePainter();
    this.overviewPainter = new OverviewPainter();
    this.frames = new FrameScheduler((now, dt) => this.drawFrame(now, dt));
    this.layout = makeLayout(0, 0, 1, 0);
    this.scrollY = 0;
    /** @type {import('../view/theme.mjs').Theme | null} made anew on demand */
    this.theme = null;
    /** @type {Session | null} */
    this.session = null;
    /** @type {{x: number, y: number} | null} */
    this.pointer = null;
    /** @type {Hit | null} what is under the pointer */
    this.hit = null;
    /** @type {SpanDetail | null} the same in full, once it is known */
    this.hitDetail = null;
    /** @type {SpanDetail | null} */
    this.selected = null;
    /** @type {SpanDetail | null} of a P's or M's span: the goroutine's own, with its stack and whom it woke */
    this.twin = null;
    /** Is asked whether the selected span has gone on; one that is closed never answers. @type {Session | null} */
    this.growing = null;
    /** The lane one has gone to, by its key: outlined, and what commands act on, until something else is meant.
     * @type {string | null} */
    this.pointed = null;
    this.lanesView = new LanesView(() => this.relayout());
    this.lanesBar = new LanesBar(parts.lanesBar, this.lanesView);
    this.lanesBar.onOpened = (group) => this.scrollToGroup(group);
    this.laidOut = { list: /** @type {unknown} */ (null), version: -1 };
    /**
     * More that is told about a selected span; null: nothing.
     * @type {Array<(span: SpanDetail) => HTMLElement | null>}
     */
    this.sections = [];
    this.tableTimer = 0;
    this.hintTimer = 0;
    /** Which items keep their colour. @type {import('../view/lanes.mjs').Scene['mask']} */
    this.mask = null;
    /**
     * Draws the user's own things over the lanes.
     * @type {((context: CanvasRenderingContext2D, scene: import('../view/lanes.mjs').Scene,
     *   theme: import('../view/theme.mjs').Theme) => void) | null}
     */
    this.annotate = null;
    /** After each frame; moving: the next one follows. @type {(moving: boolean) => void} */
    this.onFrame = () => {};
    /** What input.mjs calls. @type {import('./input.mjs').LaneView} */
    this.input = this.makeInput();
  }

  /** Draws this trace from now on. @param {Session | null} session @param {'all' | 'follow'} mode */
  show(session, mode) {
    this.session = session;
    this.select(null);
    this.hit = null;
    this.scrollY = 0;
    this.view.reset(mode);
    this.view.grow(Math.max(session?.info?.t1 ?? 0, session?.info?.expectedT1 ?? 0));
    const home = this.view.home();
    this.view.t0 = home.t0;
    this.view.t1 = home.t1;
    this.measure();
  }

  /** More is known about the trace that is shown. @param {import('./words.mjs').TraceInfo} info */
  grow(info) {
    this.parts.stops.hidden = !info.lanes.some((lane) => lane.kind === 'stw');
    // As long as the trace will be, where that is known: then nothing moves while it is read.
    this.view.grow(Math.max(info.t1, info.expectedT1 ?? 0));
    // The program ended and the user had not zoomed: the whole run is what one wants to see next.
    const ended = info.state === 'done' && this.view.mode === 'follow';
    if (ended) this.view.go(this.view.followWidth ? 'free' : 'all', performance.now());
    if (ended && this.session && this.view.mode === 'all') void this.showBusy(this.session);
    this.lanesBar.show(this.session?.lanes ?? null, this.session?.lean ?? false);
    this.relayout();
    void this.growSelected();
    this.frames.request();
  }

  /** Unless it has been moved meanwhile. @param {Session} session */
  async showBusy(session) {
    const part = await busyPart(session);
    if (!part || session !== this.session || this.view.mode !== 'all') return;
    this.view.fitPart(part, performance.now());
    this.frames.request();
  }

  /** The rows are others than the layout was made for. */
  relayout() {
    const list = this.session?.lanes ?? null;
    if (this.laidOut.list === list && this.laidOut.version === this.rowsVersion) return;
    this.measure();
    this.frames.request();
  }

  get rowsVersion() {
    return (this.session?.lanes.version ?? 0) + this.lanesView.version;
  }

  get rows() {
    return this.lanesView.rows(this.session?.lanes ?? null);
  }

  stop() {
    this.frames.cancel();
    clearTimeout(this.tableTimer);
    clearTimeout(this.hintTimer);
  }

  /* ---- drawing ---- */

  /** Draws one lane where nobody sees it: what a first frame takes longer for, fonts and code, is there then. */
  prepare() {
    const lane = { index: 0, kind: 'proc', id: 0, key: 'proc:0', name: 'P 0' };
    /** @type {import('../view/groups.mjs').Row} */
    const row = { ...lane, height: 'share', depth: 0, count: 0, open: true, lane };
    const canvas = document.createElement('canvas'), context = canvas.getContext('2d', { alpha: false });
    const layout = makeLayout(canvas.width, canvas.height, 1, [row]);
    const scene = { ...this.scene(), layout, lanes: [row], win: { t0: 0, t1: 1 }, dataEnd: 1 };
    if (context) this.painter.draw(context, scene, this.currentTheme());
  }

  restyle() {
    this.theme = null;
    this.frames.request();
  }

  /** @returns {import('../view/theme.mjs').Theme} */
  currentTheme() {
    if (!this.theme) {
      const style = getComputedStyle(this.element);
      this.theme = makeTheme(style.colorScheme === 'dark', (property) => style.getPropertyValue(property));
      const { palette } = this.theme;
      const stops = [1, 2, 3, 4].map((goid, i) => `${cssColor(palette, goid)} ${25 * i}% ${25 * (i + 1)}%`).join(', ');
      for (const swatch of [this.parts.running, this.parts.blocked])
        swatch.style.background = `linear-gradient(90deg, ${stops})`;
      if (this.selected) this.showDetails();
    }
    return this.theme;
  }

  measure() {
    this.measureOnly();
    // A resized canvas is blank: drawing in the same frame avoids a flash.
    if (this.element.isConnected) this.frames.flush();
  }

  /** Sizes follow the element, the screen's pixels and the rows. */
  measureOnly() {
    const { viewport, lanes, overview, legend } = this.parts;
    const dpr = window.devicePixelRatio || 1;
    this.laidOut = { list: this.session?.lanes ?? null, version: this.rowsVersion };
    this.lanesBar.show(this.session?.lanes ?? null, this.session?.lean ?? false);
    legend.classList.toggle('states', this.rows.some((row) => row.kind === 'go'));
    // In one line, on a narrow screen, it scrolls, by keys too.
    if (legend.scrollWidth > legend.clientWidth) legend.tabIndex = 0;
    else legend.removeAttribute('tabindex');
    const { rows } = this;
    const row = this.selected ? this.lanesView.rowOf(this.selected.lane) : -1;
    const wasSeen = this.isRowSeen(row);
    this.layout = makeLayout(viewport.clientWidth, viewport.clientHeight, dpr, rows);
    fitCanvas(lanes, this.layout.width, this.layout.height, dpr);
    fitCanvas(overview, this.layout.width, OVERVIEW_HEIGHT, dpr);
    lanes.classList.toggle('fits', this.layout.scrollMax === 0);
    this.scrollY = Math.min(this.scrollY, this.layout.scrollMax);
    // A panel that opens does not cover the lane that it tells of.
    if (wasSeen) this.scrollToRow(row);
  }

  /**
   * One frame: input first, then what it moved, then paint.
   * @param {number} now @param {number} dt @returns {boolean}
   */
  drawFrame(now, dt) {
    if (!this.element.isConnected || this.layout.width < 1) return false;
    const motion = this.keys.step(dt, this.view.still);
    if (motion.zoom !== 1) this.view.zoomAt(motion.zoom, this.zoomCentre());
    if (motion.pan) this.view.panBy(motion.pan * this.view.width);
    const moving = this.view.step(now, dt) || motion.moving;
    // New lanes were told of since the last frame.
    if (this.laidOut.version !== this.rowsVersion) this.measureOnly();
    this.askTiles(now);
    this.updateHit();
    this.paint();
    this.parts.follow.setAttribute('aria-pressed', String(this.view.mode === 'follow'));
    clearTimeout(this.tableTimer);
    if (!moving) this.tableTimer = window.setTimeout(() => this.showTable(), TABLE_DELAY_MS);
    this.onFrame(moving);
    return moving;
  }

  /** @param {number} now */
  askTiles(now) {
    const { session, layout, view } = this;
    if (!session?.info || !session.hasLanes) return;
    const [first, end] = visibleLanes(layout, this.scrollY);
    const near = this.rows.slice(Math.max(0, first - 2), end + 2).map((row) => row.index).filter((index) => index >= 0);
    const over = this.lanesView.overlays(session.lanes).map(({ index }) => index);
    session.source.update({
      t0: view.t0,
      t1: view.t1,
      px: Math.max(1, Math.round(layout.plot * layout.dpr)),
      extent: session.info.t1,
      lanes: [...new Set([...near, ...over])],
      all: session.info.lanes.map((lane) => lane.index),
      now,
      growing: session.growing,
    });
  }

  paint() {
    const lanes = this.parts.lanes.getContext('2d', { alpha: false });
    const overview = this.parts.overview.getContext('2d', { alpha: false });
    if (!lanes || !overview) return;
    const theme = this.currentTheme();
    const scene = this.scene();
    this.painter.draw(lanes, scene, theme);
    this.annotate?.(lanes, scene, theme);
    const lanesOfPs = this.session?.info?.lanes ?? [];
    this.overviewPainter.draw(overview, { ...scene, lanes: lanesOfPs, extent: this.stripEnd }, theme);
  }

  /** The strip above ends here. A live window reaches beyond what there is: the strip has that room too, or its box
   * would not say where the window is. */
  get stripEnd() {
    const { session, view } = this;
    if (session?.info?.state !== 'live') return view.extent;
    return Math.max(view.extent, view.mode === 'follow' ? view.home().t1 : view.t1);
  }

  /** @returns {import('../view/lanes.mjs').Scene} */
  scene() {
    const { session } = this;
    const dataEnd = session?.source.dataEnd ?? 0;
    return {
      layout: this.layout,
      win: { t0: this.view.t0, t1: this.view.t1 },
      scrollY: this.scrollY,
      lanes: this.rows.length === this.layout.lanes ? this.rows : this.rows.slice(0, this.layout.lanes),
      tiles: session?.source.tiles ?? null,
      overview: session?.source.overview ?? null,
      dataEnd,
      knownFrom: session?.info?.knownFrom ?? 0,
      more: { t0: session?.info?.lanesFrom ?? 0, t1: Math.min(session?.info?.lanesT1 ?? dataEnd, dataEnd) },
      live: session?.info?.state === 'live',
      hover: this.hit,
      selected: this.selected,
      mask: this.mask,
      gaps: session?.info?.gaps ?? [],
      overlay: this.lanesView.overlays(session?.lanes ?? null),
      arrows: session && this.selected ? this.lanesView.arrows(session.lanes, this.selected, this.twin) : [],
    };
  }

  showTable() {
    const { lanes, tiles, win } = this.scene();
    fillTable(this.parts.table, { win, tiles, lanes: lanes.slice(...visibleLanes(this.layout, this.scrollY)) });
  }

  /* ---- hover and selection ---- */

  /** What is under the resting pointer changes also when the view moves or the trace grows. */
  updateHit() {
    const { tip, lanes } = this.parts;
    const hit = this.pointer ? hitTest(this.scene(), this.pointer.x, this.pointer.y) : null;
    const was = this.hit;
    const same = hit && was && hit.lane === was.lane && hit.index === was.index && hit.start === was.start
      && hit.point?.index === was.point?.index;
    this.hit = hit;
    lanes.classList.toggle('over', hit !== null);
    if (!hit && this.pointer && fillCurveTip(tip, this.scene(), this.pointer)) {
      tip.hidden = false;
      placeTip(tip, this.parts.viewport, this.pointer.x, this.pointer.y);
      return;
    }
    // Of the selected span the panel already says everything.
    tip.hidden = !hit || (this.selected?.lane === hit.lane && this.selected.index === hit.index);
    if (!hit || !this.pointer) return;
    if (!same) {
      this.hitDetail = null;
      if (hit.point) void this.askPoint(hit);
      else if (hit.index >= 0) void this.askDetail(hit);
    }
    else if (hit.end !== was.end && this.hitDetail?.open) void this.askDetail(hit); // it goes on, or has ended
    if ((!same || hit.end !== was.end) && !hit.point) fillTip(tip, hit, this.hitDetail, this.currentTheme().palette);
    placeTip(tip, this.parts.viewport, this.pointer.x, this.pointer.y);
  }

  /** A log, label or sample under the pointer. @param {Hit} hit */
  async askPoint(hit) {
    const { session } = this;
    if (!session || !hit.point) return;
    const point = await session.client.point(hit.lane, hit.point.index).catch(() => null);
    if (!point || this.hit?.point?.index !== hit.point.index || this.hit.lane !== hit.lane) return;
    fillPointTip(this.parts.tip, point, hit.point.count);
    this.frames.request();
  }

  /** @param {Hit} hit */
  async askDetail(hit) {
    const detail = await this.detail(hit.lane, hit.index);
    if (!detail || !this.hit || this.hit.lane !== hit.lane || this.hit.index !== hit.index) return;
    this.hitDetail = detail;
    fillTip(this.parts.tip, hit, detail, this.currentTheme().palette);
    this.frames.request();
  }

  /** null: there is no such span, or another trace is shown by now. @param {number} lane @param {number} index */
  async detail(lane, index) {
    const { session } = this;
    if (!session || index < 0) return null;
    /** @type {SpanDetail | null} */
    const detail = await session.client.detail(lane, index).catch(() => null);
    const over = session.info?.state === 'done';
    return session === this.session && detail ? { ...detail, over, clockStepNs: session.clockStepNs } : null;
  }

  /** @param {number} lane @param {number} index @returns {Promise<SpanDetail | null>} */
  async selectSpan(lane, index) {
    const detail = await this.detail(lane, index);
    if (detail) this.select(detail);
    return detail;
  }

  /** @param {SpanDetail | null} span */
  select(span) {
    const changed = this.selected !== span;
    this.selected = span;
    this.pointed = null;
    if (changed) this.twin = null;
    this.showDetails();
    this.frames.request();
    if (!changed) return;
    if (span) {
      this.unhint();
      void this.askTwin(span);
      const place = [shortTime(span.end - span.start), `at ${exactTime(span.start)}`, siteText(span.site)]
        .filter(Boolean).join(', ');
      const who = span.goid ? `Goroutine ${span.goid}, ${span.fn}` : span.name || span.key || '';
      this.parts.spoken.textContent = `${who}, ${stateName(span.state)}, ${place}`;
    }
    this.onSelect(span);
  }

  /** The goroutine's own span at that time. @param {SpanDetail} span of a P or M */
  async askTwin(span) {
    const { session } = this;
    const lane = span.goid && (!span.kind || span.kind === 'm') ? session?.lanes.byKey(`go:${span.goid}`) : undefined;
    if (!session || !lane) return;
    const twin = await session.client.find(lane.index, (span.start + span.end) / 2).catch(() => null);
    if (!twin || !isSame(this.selected, span)) return;
    this.twin = twin;
    refillDetails(this.parts.details, () => this.showDetails());
    this.frames.request();
  }

  /** A span that had not ended when it was selected goes on, or has ended by now. One question at a time. */
  async growSelected() {
    const { selected: was, session } = this, t1 = session?.info?.t1;
    if (!was?.open || was.over || this.growing === session) return;
    this.growing = session;
    const now = await this.detail(was.lane, was.index);
    if (this.growing === session) this.growing = null;
    if (!now || this.selected !== was || !isSame(now, was)) return;
    const isNews = !now.open || now.end !== was.end || now.over !== was.over;
    if (isNews) this.selected = now;
    if (session?.info?.t1 !== t1) void this.growSelected(); // the last that is known may have come meanwhile
    if (!isNews) return;
    const { details } = this.parts;
    if (now.open) growDetails(details, now, this.laneName(now));
    else {
      refillDetails(details, () => this.showDetails());
      void this.askTwin(now); // what it did and why it ended is known of the goroutine's own span, too
    }
    this.frames.request();
  }

  /** @param {SpanDetail} span */
  laneName({ lane: index }) {
    const lane = this.session?.lanes.byIndex(index);
    return lane ? nameOf(lane) : '';
  }

  showDetails() {
    const { selected } = this;
    this.parts.details.hidden = !selected;
    if (!selected) return;
    fillDetails(this.parts.details, selected, this.laneName(selected), this.currentTheme().palette, {
      zoom: () => this.fitSelection(),
      close: () => this.select(null),
    });
    this.parts.details.append(...moreOf(selected, this.twin, {
      go: (to, t) => void this.goTo(to, t),
      lane: () => void this.goToGoroutine(selected),
      fn: (name) => this.lanesView.filter(name),
    }));
    for (const section of this.sections) this.parts.details.append(section(selected) ?? '');
  }

  /** @param {string} text */
  hint(text) {
    const { hint } = this.parts;
    hint.textContent = text;
    hint.hidden = false;
    clearTimeout(this.hintTimer);
    this.hintTimer = window.setTimeout(() => (hint.hidden = true), HINT_MS);
  }

  /** What it said is not so any more. */
  unhint() {
    clearTimeout(this.hintTimer);
    this.parts.hint.hidden = true;
  }

  /* ---- input ---- */

  /** @returns {import('./input.mjs').LaneView} */
  makeInput() {
    return {
      zoomAtX: (factor, x) => {
        this.view.zoomAt(factor, timeOfX(this.layout, this.view, Math.max(x, this.layout.gutter)));
        this.frames.request();
      },
      panPixels: (dx) => {
        if (dx) this.view.panBy((-dx / this.layout.plot) * this.view.width);
        this.frames.request();
      },
      scrollPixels: (dy) => this.scrollBy(dy),
      hover: (x, y) => {
        this.pointer = { x, y };
        this.frames.request();
      },
      leave: () => {
        this.pointer = null;
        this.frames.request();
      },
      click: (x, y) => {
        if (this.clickRow(x, y)) return;
        const hit = hitTest(this.scene(), x, y);
        if (!hit) this.select(null);
        else if (hit.index >= 0) void this.selectSpan(hit.lane, hit.index);
        else this.hint('Several spans lie here: zoom in to pick one');
      },
      doubleClick: (x, y) => {
        const hit = hitTest(this.scene(), x, y);
        if (hit) this.view.fit(hit.start, hit.end, performance.now());
        this.frames.request();
      },
      wheelHint: () => {
        if (this.session) this.hint('Ctrl or ⌘ + wheel zooms, Shift + wheel moves');
      },
      commanded: () => this.unhint(),
      hold: (code, axis, direction) => {
        this.keys.press(code, axis, direction);
        this.frames.request();
      },
      release: (code) => this.keys.release(code),
      releaseAll: () => this.keys.releaseAll(),
      overviewTo: (share) => {
        const { extent, width } = this.view, half = Math.min(width, extent) / 2;
        const middle = Math.min(extent - half, Math.max(half, share * this.stripEnd)); // nothing is beside the strip
        this.view.panBy(middle - (this.view.t0 + this.view.t1) / 2);
        this.frames.request();
      },
    };
  }

  /** Headings open and close; a lane's name opens its menu. @param {number} x @param {number} y */
  clickRow(x, y) {
    const row = this.rows[laneAtY(this.layout, this.scrollY, y)];
    if (row?.kind === 'head') this.lanesView.toggle(row.key);
    else if (row && x < this.layout.gutter) this.lanesBar.openMenu(this.parts.viewport, row, x, y);
    else return false;
    return true;
  }

  /** @param {number} dy @returns {boolean} false: nothing to scroll that way */
  scrollBy(dy) {
    const to = Math.min(this.layout.scrollMax, Math.max(0, this.scrollY + dy));
    const moved = to !== this.scrollY;
    this.scrollY = to;
    if (moved) this.frames.request();
    return moved;
  }

  /** Where keys zoom: at the pointer, else at the selection, else in the middle. */
  zoomCentre() {
    const { view, selected } = this;
    if (this.pointer) return timeOfX(this.layout, view, Math.max(this.pointer.x, this.layout.gutter));
    const middle = selected ? (selected.start + selected.end) / 2 : -1;
    return middle > view.t0 && middle < view.t1 ? middle : (view.t0 + view.t1) / 2;
  }

  /* ---- commands ---- */

  fitSelection() {
    const { selected } = this;
    if (selected) this.fit(selected.start, selected.end);
    else this.hint('Click a span first; then F zooms to it');
  }

  /** @param {number} t0 @param {number} t1 */
  fit(t0, t1) {
    this.view.fit(t0, t1, performance.now());
    this.frames.request();
  }

  fitAll() {
    this.view.go('all', performance.now());
    this.frames.request();
  }

  follow() {
    if (this.session?.info?.state === 'live') this.view.go('follow', performance.now());
    this.frames.request();
  }

  /** @param {1 | -1} direction */
  zoomStep(direction) {
    this.view.zoomAt(STEP_ZOOM ** -direction, this.zoomCentre());
    this.frames.request();
  }

  /** @param {1 | -1} direction */
  async nextSpan(direction) {
    const { selected } = this;
    const to = selected ? { lane: selected.lane, index: selected.index + direction } : firstSpan(this.scene());
    // Where a lane has nothing for a while, that is no span to stop at.
    const span = to ? await this.selectSpan(to.lane, to.index) ?? (selected && to.index >= 0
      ? await this.selectSpan(to.lane, to.index + direction) : null) : null;
    if (span) this.reveal(span);
    else if (!selected) this.hint('No single span in view: zoom in first');
  }

  /** @param {1 | -1} direction */
  async nextLane(direction) {
    const { selected } = this;
    if (!selected) {
      this.scrollBy(direction * this.layout.laneHeight);
      return;
    }
    const { lanes, tiles } = this.scene();
    const middle = (selected.start + selected.end) / 2;
    for (let at = this.lanesView.rowOf(selected.lane) + direction; lanes[at]; at += direction) {
      const hit = itemNear(tiles, lanes[at], middle, this.view.width);
      if (!hit) continue;
      if (hit.index < 0) this.hint('Several spans lie there: zoom in to pick one');
      const span = await this.selectSpan(hit.lane, hit.index);
      if (span) this.reveal(span);
      return;
    }
  }

  /** Along the arrows. @param {1 | -1} direction -1: to who woke it; 1: to the first whom it woke */
  async followWake(direction) {
    const { selected, session } = this;
    if (!selected || !session) {
      this.hint('Click a span first; then [ and ] follow who woke whom');
      return;
    }
    const told = this.twin ?? selected;
    const to = direction < 0 ? told.unblockedBy : told.woke?.[0];
    if (to?.lane === undefined || to.time === undefined) {
      this.hint(direction < 0 ? 'Nobody is known to have woken it' : 'It woke nobody');
      return;
    }
    // The waker ran up to that moment; who was woken is runnable from then on, and then runs.
    let span = await session.client.find(to.lane, to.time - (direction < 0 ? 1 : 0));
    if (span && direction > 0 && span.state === RUNNABLE)
      span = await this.detail(to.lane, span.index + 1) ?? span;
    if (span) await this.selectAndShow(span);
  }

  /** Selects what a lane does at t. @param {number} lane @param {number} t */
  async goTo(lane, t) {
    const span = await this.session?.client.find(lane, t);
    if (span) await this.selectAndShow(span);
  }

  /** From a span of a P or M to its goroutine's own lane. @param {SpanDetail} span */
  async goToGoroutine(span) {
    const lane = this.session?.lanes.byKey(`go:${span.goid}`);
    if (lane) await this.goTo(lane.index, (span.start + span.end) / 2);
  }

  /** @param {SpanDetail} span */
  async selectAndShow(span) {
    const { session } = this;
    const lane = session?.lanes.byIndex(span.lane);
    if (!session || !lane) return;
    this.select(span);
    this.reveal(span);
  }

  /** The lane that commands act on: the one gone to, the selected span's, or that under the pointer.
   * @returns {string | null} */
  laneKey() {
    const { pointed, selected, pointer } = this;
    const row = pointed ? this.lanesView.rowOfKey(pointed) : selected ? this.lanesView.rowOf(selected.lane)
      : pointer ? laneAtY(this.layout, this.scrollY, pointer.y) : -1;
    return this.rows[row]?.lane?.key ?? null;
  }

  /** @param {'pin' | 'hide' | 'up' | 'down'} what */
  arrange(what) {
    const key = this.laneKey();
    if (!key) this.hint('Click a span of the lane first, or point at it');
    else if (what === 'pin') this.lanesView.pin(key);
    else if (what === 'hide') this.lanesView.hide(key);
    else this.lanesView.move(key, what === 'down' ? 1 : -1);
  }

  /** Moves as little as needed so that the span shows, and not to where no trace is. @param {SpanDetail} span */
  reveal(span) {
    const { view } = this;
    const margin = 0.05 * view.width;
    let dt = 0;
    if (span.end < view.t0 + margin) dt = Math.min(0, Math.max(span.start - view.t0 - margin, -view.t0));
    else if (span.start > view.t1 - margin) {
      const most = Math.max(0, view.extent - view.t1);
      dt = Math.min(span.end - view.t1 + margin, span.start - view.t0 - margin, most);
    }
    if (dt) view.panBy(dt);
    const lane = this.session?.lanes.byIndex(span.lane);
    if (lane) revealLane(this, lane);
    this.frames.request();
  }

  /** Scrolls as little as needed so that the row shows. @param {number} row -1: none */
  revealRow(row) {
    // A panel that has just opened leaves the lanes less room than they were laid out for.
    if (this.parts.viewport.clientHeight !== this.layout.height) this.measure();
    this.scrollToRow(row);
  }

  /** Outlines a lane and brings it to the middle. @param {import('../trace/types.mjs').Lane} lane */
  pointAt(lane) {
    this.measure(); // its group may have just been opened
    const row = this.lanesView.rowOf(lane.index);
    if (row < 0 || row >= this.layout.lanes) return;
    const middle = (laneTop(this.layout, this.scrollY, row) + laneTop(this.layout, this.scrollY, row + 1)) / 2;
    this.scrollBy(middle - (RULER_HEIGHT + this.layout.height) / 2);
    this.pointed = lane.key;
    this.parts.spoken.textContent = `Lane ${[nameOf(lane), lane.fn].filter(Boolean).join(', ')}`;
    this.frames.request();
  }

  /** @param {number} row */
  scrollToRow(row) {
    if (row < 0 || row >= this.layout.lanes) return;
    const top = laneTop(this.layout, this.scrollY, row);
    const bottom = laneTop(this.layout, this.scrollY, row + 1);
    if (top < RULER_HEIGHT) this.scrollBy(top - RULER_HEIGHT);
    else if (bottom > this.layout.height) this.scrollBy(bottom - this.layout.height);
  }

  /** Its heading and the first lanes of it. @param {string} group */
  scrollToGroup(group) {
    this.measureOnly();
    const row = this.lanesView.rowOfKey(group);
    if (row < 0) return;
    const top = laneTop(this.layout, this.scrollY, row) - RULER_HEIGHT;
    const end = Math.min(this.layout.lanes, row + 1 + LANES_OF_GROUP);
    const hidden = laneTop(this.layout, this.scrollY, end) - this.layout.height;
    if (top < 0) this.scrollBy(top);
    else if (hidden > 0) this.scrollBy(Math.min(top, hidden));
  }

  /** All of it. @param {number} row */
  isRowSeen(row) {
    return row >= 0 && row < this.layout.lanes && laneTop(this.layout, this.scrollY, row) >= RULER_HEIGHT
      && laneTop(this.layout, this.scrollY, row + 1) <= this.layout.height;
  }
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height @param {number} dpr */
function fitCanvas(canvas, width, height, dpr) {
  const w = Math.max(1, Math.round(width * dpr));
  const h = Math.max(1, Math.round(height * dpr));
  if (canvas.width === w && canvas.height === h) return;
  canvas.width = w;
  canvas.height = h;
}
