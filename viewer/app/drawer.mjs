/**
 * The drawer under the timeline: tables of an analysis, which reads the whole trace once when the drawer is opened,
 * in a worker of its own, for the whole trace or for a stretch of it.
 */
import { Analyst } from '../trace/analyst.mjs';
import { csv } from '../trace/csv.mjs';
import { exactTime, shortTime } from '../view/time.mjs';
import { makeDesk } from './desk.mjs';
import { drawerParts, signButton } from './drawer-parts.mjs';
import { DRAWER_STYLE } from './drawer-styles.mjs';
import { el } from './parts.mjs';
import { TABS } from './tables/registry.mjs';

/** @typedef {import('./tables/registry.mjs').Desk} Desk */
/** @typedef {import('./tables/registry.mjs').View} View */
/** @typedef {{t0: number, t1: number}} Span */

/**
 * What the drawer needs of the viewer.
 * @typedef {object} DrawerHost
 * @property {() => Promise<Blob>} bytes          the trace so far
 * @property {() => {name: string, growing: boolean, generations: number} | null} trace  null: there is none
 * @property {() => Span} view                    the time that shows
 * @property {(place: import('./tables/registry.mjs').Place) => void} navigate
 * @property {Desk['other']} other
 * @property {Desk['compare']} compare
 * @property {() => void} closed                  the drawer was closed: the focus goes back
 * @property {(open: boolean) => void} shows      it is there now, or is not
 */

export class Drawer {
  /** @param {ShadowRoot} root @param {DrawerHost} host */
  constructor(root, host) {
    this.host = host;
    this.analyst = new Analyst();
    /** @type {Desk | null} */
    this.desk = null;
    /** @type {Span | null} what is analysed; null: the whole trace */
    this.window = null;
    /** That was what the timeline showed, and what it shows is meant. */
    this.isOfView = false;
    /** What the user set, by table. @type {Map<string, Record<string, any>>} */
    this.kept = new Map();
    /** Counts analyses: an older one that comes late is dropped. */
    this.turn = 0;
    this.at = 'oddities';
    /** @type {number | undefined} */
    this.arg = undefined;
    /** @type {View | null} */
    this.view = null;
    /** From the page of one thing to its table. @type {HTMLElement | null} */
    this.back = null;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(DRAWER_STYLE);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.parts = drawerParts({
      show: (tab) => this.show(tab),
      close: () => this.close(),
      again: () => void this.read(this.window),
      ofView: () => this.readView(),
      saveCsv: () => this.saveCsv(),
      scope: () => this.chooseScope(),
      filter: () => this.view?.filter?.(this.parts.filter.value),
      walk: (event) => this.walkTabs(event),
      resize: (dy) => this.resize(dy),
    });
    this.node = this.parts.node;
    this.reading = false;
    /** The first generation is awaited. */
    this.waiting = false;
    /** What was read was not the end yet. */
    this.early = false;
  }

  /** @param {number} dy px, upwards */
  resize(dy) {
    const room = this.node.parentElement?.clientHeight ?? 400;
    const height = Math.max(120, Math.min(room - 120, this.node.clientHeight + dy));
    this.node.style.height = `${height}px`;
    this.parts.splitter.say(height / room);
  }

  get open() {
    return !this.node.hidden;
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.node.hidden = !open;
    this.host.shows(open);
  }

  toggle() {
    if (this.open) this.close();
    else this.show(this.at, this.arg);
  }

  close() {
    if (!this.open) return;
    this.setOpen(false);
    this.view?.close?.();
    if (this.reading) this.cancel();
    this.host.closed();
  }

  /** Another trace is shown, or none. */
  reset() {
    this.turn++;
    this.analyst.close();
    this.view?.close?.();
    this.view = null;
    this.desk = null;
    this.window = null;
    this.isOfView = false;
    this.reading = false;
    this.kept.clear();
    this.arg = undefined;
    if (this.parentOf(this.at)) this.at = /** @type {string} */ (this.parentOf(this.at));
    this.parts.body.replaceChildren();
    if (this.open && this.host.trace()) void this.read(null);
    else this.setOpen(false);
  }

  /**
   * The tables of a stretch of time only.
   * @param {Span | null} window null: of the whole trace @param {string} [tab]
   */
  showWindow(window, tab = this.at) {
    this.at = tab;
    this.isOfView = false;
    this.setOpen(true);
    void this.read(window);
  }

  /**
   * The view has come to rest. Tables of what it showed do not follow: a row that is opened moves the view, and would
   * be gone with its table. They say that they are of another view, and offer to read this one.
   */
  moved() {
    const { window, isOfView, parts } = this, { t0, t1 } = this.viewed();
    parts.moved.hidden = !isOfView || !window || (window.t0 === t0 && window.t1 === t1);
    parts.scope.value = !window ? 'whole' : isOfView && parts.moved.hidden ? 'view' : 'kept';
  }

  /** What the timeline shows, of the trace. @returns {Span} */
  viewed() {
    const { t0, t1 } = this.host.view();
    return { t0: Math.max(0, Math.floor(t0)), t1: Math.ceil(t1) };
  }

  readView() {
    this.isOfView = true;
    void this.read(this.viewed());
  }

  /** More of the trace is known: what waited for it is read, and what was read too early once more at the end. */
  grown() {
    const trace = this.host.trace();
    if (!this.open || !trace || this.reading) return;
    if ((this.waiting && trace.generations > 0) || (this.early && !trace.growing)) void this.read(this.window);
  }

  /** @param {string} id */
  parentOf(id) {
    return TABS.find((tab) => tab.id === id)?.parent;
  }

  /** Opens a table. @param {string} id @param {number} [arg] of which thing @param {string} [filter] */
  show(id, arg, filter = '') {
    const was = this.open;
    const had = this.node.contains(/** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement);
    this.at = id;
    this.arg = arg;
    this.setOpen(true);
    this.parts.filter.value = filter;
    if (!this.desk) {
      if (!this.reading) void this.read(null);
    } else {
      this.make();
      this.grown(); // it may have ended while this was closed
    }
    // What had the focus may be gone with the table that was there.
    const inside = this.node.contains(/** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement);
    if (!was) this.parts.tabs.get(this.parentOf(id) ?? id)?.focus();
    else if (had && !inside) (this.back ?? this.parts.tabs.get(id))?.focus();
  }

  /** @param {Span | null} window */
  async read(window) {
    const { host } = this;
    const turn = ++this.turn;
    const trace = host.trace();
    this.early = Boolean(trace?.growing);
    this.waiting = this.early && trace?.generations === 0;
    if (!trace || this.waiting) {
      this.say(trace ? 'The trace has just begun: the first part of it is awaited.'
        : 'There is no trace yet: open one first.');
      return;
    }
    this.window = window;
    this.reading = true;
    this.view?.close?.();
    this.desk = null;
    this.marks();
    this.parts.progress.value = 0;
    this.parts.when.textContent = this.parts.when.title = '';
    const stop = signButton('Cancel', 'Stop reading', () => this.cancel());
    this.parts.body.replaceChildren(
      el('div', { class: 'wait' }, ['Reading the whole trace … ', this.parts.progress, stop]));
    try {
      const blob = await host.bytes();
      if (turn !== this.turn) return;
      const onProgress = (/** @type {{share: number}} */ { share }) => { this.parts.progress.value = share; };
      const tables = await this.analyst.read(blob, { window, onProgress });
      if (turn !== this.turn) return;
      if (tables.error && tables.events < 2) throw new Error(tables.error); // there is nothing to tell of
      this.desk = makeDesk(tables, {
        analyst: this.analyst,
        navigate: (place) => host.navigate(place),
        other: () => host.other(),
        compare: () => host.compare(),
        kept: (table) => this.keptOf(table),
        show: (id, arg, filter) => this.show(id, arg, filter),
      });
      this.arg = this.parentOf(this.at) ? this.arg : undefined;
      const growing = host.trace()?.growing;
      const time = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
      this.parts.when.textContent = growing ? `as of ${time}` : tables.error ? 'up to the damage' : '';
      this.parts.when.title = tables.error ?? '';
      this.reading = false;
      this.make();
      this.grown(); // it may have ended meanwhile
    } catch (error) {
      if (turn !== this.turn) return;
      this.reading = false;
      this.say(error instanceof Error ? error.message : String(error));
      this.grown();
    }
  }

  /** @param {string} table */
  keptOf(table) {
    let kept = this.kept.get(table);
    if (!kept) this.kept.set(table, kept = {});
    return kept;
  }

  cancel() {
    this.turn++;
    this.reading = this.early = this.waiting = false;
    this.analyst.close();
    this.say('This was cancelled; ↻ reads the trace again.');
  }

  /** @param {string} sentence */
  say(sentence) {
    this.marks();
    this.view?.close?.();
    this.view = null;
    this.parts.body.replaceChildren(el('p', { class: 'note', role: 'status' }, [sentence]));
  }

  /** Makes the table that is chosen. */
  make() {
    const tab = TABS.find(({ id }) => id === this.at) ?? TABS[0];
    if (!this.desk) return;
    this.view?.close?.();
    this.view = tab.make(this.desk, this.arg);
    this.back = tab.parent ? this.backTo(tab.parent) : null;
    this.parts.body.replaceChildren(...(this.back ? [this.back] : []), this.view.node);
    this.parts.body.scrollTop = 0;
    this.parts.tools.replaceChildren(...(this.view.tools ?? []));
    this.view.filter?.(this.parts.filter.value);
    this.marks();
  }

  /** @param {string} parent */
  backTo(parent) {
    const title = TABS.find(({ id }) => id === parent)?.title ?? '';
    const button = signButton(`‹ ${title}`, `Back to ${title}`, () => this.show(parent));
    button.classList.add('back');
    return button;
  }

  /** Which tab and which part are chosen, what can be done. */
  marks() {
    const at = this.parentOf(this.at) ?? this.at;
    for (const [id, button] of this.parts.tabs) {
      button.setAttribute('aria-selected', String(id === at));
      button.tabIndex = id === at ? 0 : -1;
      if (id === at) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    this.parts.body.setAttribute('aria-labelledby', `tab-${at}`);
    this.parts.filter.hidden = !this.view?.filter;
    const flames = this.at === 'blocking' || this.parentOf(this.at) !== undefined;
    this.parts.filter.placeholder = flames ? 'Find a function' : 'Filter';
    this.parts.filter.setAttribute('aria-label', flames ? 'Find a function in the flame graph' : 'Filter the rows');
    this.parts.save.hidden = !this.view?.csv;
    this.parts.tools.hidden = !this.desk;
    const { window } = this;
    const options = [['whole', 'Whole trace'], ['view', 'What the timeline shows'],
      ...(window ? [['kept', `${exactTime(window.t0)} – ${exactTime(window.t1)} (${shortTime(window.t1 - window.t0)})`]]
        : [])];
    this.parts.scope.replaceChildren(...options.map(([value, text]) => el('option', { value }, [text])));
    this.moved();
  }

  chooseScope() {
    if (this.parts.scope.value === 'kept') return;
    if (this.parts.scope.value === 'view') return this.readView();
    this.isOfView = false;
    void this.read(null);
  }

  saveCsv() {
    const table = this.view?.csv?.();
    if (!table || !this.desk) return;
    const name = (this.host.trace()?.name ?? 'trace').replace(/[^\w.-]+/g, '_');
    this.desk.download(new Blob([csv(table.heads, table.rows)], { type: 'text/csv' }), `${name}-${this.at}.csv`);
  }

  /** @param {KeyboardEvent} event */
  walkTabs(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const ids = [...this.parts.tabs.keys()];
    const at = ids.indexOf(this.parentOf(this.at) ?? this.at);
    const to = ids[(at + step + ids.length) % ids.length];
    event.preventDefault();
    event.stopPropagation();
    this.show(to);
    this.parts.tabs.get(to)?.focus();
  }
}
