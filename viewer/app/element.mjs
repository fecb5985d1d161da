/**
 * <goroscope-viewer>: the timeline as a custom element. api.d.mts is its manual and its types.
 *
 *     const viewer = document.querySelector('goroscope-viewer');
 *     await viewer.open(file);      // a File, Blob, URL, stream or bytes of a Go trace
 *     viewer.attach(rt);            // or a program that load() gave: grows live and follows
 *
 * Nothing runs while nothing changes. Where there is no HTMLElement (a server) this module defines nothing.
 */
import { place, prepareSession } from '../trace/workers.mjs';
import { drawAnnotations } from '../view/annotations.mjs';
import { makeActions } from './actions.mjs';
import { AreaPanel } from './areapanel.mjs';
import { commandById } from './commands.mjs';
import { Comparison } from './compare.mjs';
import { Drawn } from './drawn.mjs';
import { FindBar } from './find.mjs';
import { FreezeRule } from './freeze.mjs';
import { PlaceHistory } from './history.mjs';
import { makeDrawer, makeLive } from './hosts.mjs';
import { listen } from './listening.mjs';
import { AreaTool } from './area.mjs';
import { Marks } from './marks.mjs';
import { makeMenu } from './menu.mjs';
import { Palette } from './palette.mjs';
import { buildParts } from './parts.mjs';
import { SAVERS } from './savers.mjs';
import { LANES_UP_TO, Session, UNNAMED } from './session.mjs';
import { DEFAULTS, checkSettings, keptBytes } from './settings.mjs';
import { resolveSource, sentenceOf } from './source.mjs';
import { StateKeeper } from './statekeeper.mjs';
import { Timeline } from './timeline.mjs';
import { showStatus } from './status.mjs';

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./words.mjs').SpanDetail} SpanDetail */
/** @typedef {import('./api.d.mts').GoroscopeViewerApi} Api */

/** On a server there is no such class; what is then made of the one below is never used. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** @implements {Api} */
export class GoroscopeViewer extends Base {
  static observedAttributes = ['theme', 'empty'];

  /** Where what all viewers of a page load is. @param {import('../trace/workers.mjs').Places} places */
  static loadFrom(places) {
    place(places);
  }

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    this.parts = buildParts(root);
    this.timeline = new Timeline(this, this.parts, (span) => {
      this.live.select(span);
      this.dispatchEvent(new CustomEvent('select', { detail: span }));
      this.keeper.changed();
    });
    /** @type {Session | null} what is drawn */
    this.session = null;
    /** @type {Session | null} what is being opened and has nothing to draw yet */
    this.pending = null;
    /** Counts open() and attach(): an older one that comes late is dropped. */
    this.turn = 0;
    this.shownError = '';
    /** The turn of open() whose trace is being fetched or read, 0: none. */
    this.opening = 0;
    /** A trace was asked for, and nothing of it has come. */
    this.fetching = false;
    /** The turn whose trace could not be read to its end. */
    this.failed = 0;
    /** @type {AbortController | null} ends all listeners outside the shadow tree */
    this.listening = null;
    /** @type {import('./settings.mjs').Settings} */
    this.chosen = { ...DEFAULTS };
    this.places = new PlaceHistory();
    this.palette = new Palette();
    this.marks = new Marks((list) => this.drawn.changed(list));
    this.drawn = new Drawn(this);
    this.area = new AreaTool(this.timeline, (done) => this.onArea(done));
    this.find = new FindBar(this.timeline, { onQuery: () => this.onQuery(), onOpen: () => this.timeline.measure() });
    this.freezing = new FreezeRule((match) => void this.onFreeze(match));
    this.areaPanel = new AreaPanel(this);
    this.keeper = new StateKeeper(this);
    this.drawer = makeDrawer(this, root);
    /** @type {Comparison | null} */
    this.compared = null;
    /** What the tables compare this trace with where the page shows no other one. @type {File | null} */
    this.against = null;
    /** The file that is being chosen is to be compared with, not to be opened. */
    this.comparing = false;
    /** The program that runs, and what it can be asked to do. */
    this.live = makeLive(this, root);
    this.actions = makeActions(this);
    this.build();
    this.showState();
  }

  /** Puts together what the constructor made. */
  build() {
    const { parts, timeline, find } = this;
    timeline.mask = (tiles, items) => find.mask(tiles, items);
    timeline.annotate = (context, scene, theme) => drawAnnotations(context, scene, theme, this.drawn.annotations());
    timeline.lanesBar.onRead = () => this.readLanes();
    timeline.lanesView.onArranged = () => this.keeper.changed();
    timeline.lanesView.onHidden = () => {
      find.setOnly(false);
      timeline.hint('All lanes show again: the one to go to has nothing that fits the query');
    };
    timeline.onFrame = (moving) => this.onFrame(moving);
    parts.findHolder.append(find.node);
    const saves = SAVERS.map(({ id, title, can }) => ({ title, can, run: () => this.actions.save(id) }));
    parts.saveHolder.append(makeMenu('Save', 'Save the trace or a picture of it', saves).node);
    this.shadowRoot?.append(this.palette.dialog);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.shadowRoot?.querySelectorAll('[data-command]'))) {
      const command = commandById(button.dataset.command ?? '');
      button.addEventListener('click', () => command.run?.(this.actions));
    }
    parts.messageClose.addEventListener('click', () => this.say(''));
    parts.file.addEventListener('change', () => {
      const file = parts.file.files?.[0];
      parts.file.value = ''; // the same one may be chosen again: it may have been written anew
      if (file && this.comparing) this.compareFile(file);
      else if (file) void this.open(file);
    });
  }

  connectedCallback() {
    this.listening = listen(this);
    this.setMotion();
    this.restyle();
    this.timeline.measure();
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.timeline.stop();
    // Put back, one would stand in the page's flow and be modal no more.
    for (const dialog of this.shadowRoot?.querySelectorAll('dialog') ?? []) dialog.close();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (name === 'empty') this.showState();
    else this.restyle();
  }

  restyle() {
    this.drawn.colors.clear();
    this.timeline.restyle();
  }

  setMotion() {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.timeline.view.setStill(still || this.chosen.motion === 'reduce');
  }

  /** What is known about the trace that is shown. @returns {TraceInfo | null} */
  get info() {
    return this.session?.info ?? null;
  }

  /** The view as JSON: what an address holds. @returns {import('./state.mjs').ViewState} */
  get state() {
    return this.keeper.read();
  }

  set state(state) {
    this.keeper.write(state);
  }

  /** @returns {import('./settings.mjs').Settings} */
  get settings() {
    return { ...this.chosen };
  }

  set settings(settings) {
    const before = this.chosen;
    this.chosen = checkSettings(settings, before);
    if (this.chosen.theme !== before.theme) {
      // The attribute `theme` is the page's; the user's choice stands above it.
      if (this.chosen.theme === 'auto') this.removeAttribute('data-theme');
      else this.setAttribute('data-theme', this.chosen.theme);
      this.restyle();
    }
    if (this.isConnected) this.setMotion();
    if (this.chosen.memory !== before.memory) {
      for (const session of [this.session, this.pending, this.live.parked])
        session?.client.limit(keptBytes(this.chosen));
    }
    if (JSON.stringify(before) === JSON.stringify(this.chosen)) return;
    this.dispatchEvent(new CustomEvent('settings', { detail: this.settings }));
  }

  /**
   * Shows a recorded trace. What was shown stays until the new one has something to draw, and stays if it cannot be
   * read.
   * @param {import('./source.mjs').TraceSource} what
   * @param {{name?: string, lanes?: boolean}} [options] lanes: of goroutines, threads and tasks, too; left out: unless
   *   the file is large
   * @returns {Promise<boolean>} false: it could not be read to its end; the element says why
   */
  async open(what, { name, lanes } = {}) {
    const turn = this.begin();
    this.opening = turn;
    /** @type {Session | null} */
    let session = null;
    try {
      this.fetching = true;
      this.showState();
      prepareSession(); // while the bytes are fetched
      const named = await resolveSource(what, name);
      if (turn !== this.turn) return false;
      this.fetching = false;
      const file = named.source instanceof Blob ? named.source : null;
      session = this.newSession({ lanes: lanes ?? !(file && file.size > LANES_UP_TO), file });
      this.pending = session;
      this.showState();
      await Promise.race([session.client.open(named.source, { name: named.name }), session.closed]);
      if (turn !== this.turn || this.failed === turn) return false;
      if (this.pending === session) { // it has no lanes: nothing has shown it yet
        this.promote(session, 'all');
        this.onInfo(session);
      }
      return true;
    } catch (error) {
      if (turn !== this.turn) return false;
      this.fetching = false;
      this.fail(session, error);
      return false;
    } finally {
      if (this.opening === turn) this.opening = 0;
    }
  }

  /** Reads the lanes of goroutines, threads and tasks of a large trace, too, which open() left out. */
  readLanes() {
    const { session } = this;
    if (!session?.lean) return;
    session.lean = false;
    this.timeline.measure();
    session.client.readLanes().catch((error) => this.fail(session, error));
  }

  /**
   * Shows a running program's trace as it grows, and follows it.
   * @param {import('./session.mjs').TracedProgram} rt what load() gave
   * @param {{name?: string}} [options] of the program, for files that are saved
   */
  attach(rt, { name = UNNAMED } = {}) {
    if (!('trace' in Object(rt))) {
      this.say('attach() takes a program that load() of goroscope gave, and this is none.');
      return;
    }
    this.begin();
    const { region = null, readable = null } = rt.trace || {};
    if (!region && !readable) {
      this.say('This program runs without tracing, so there is nothing to draw: load it with the option trace.');
      return;
    }
    if (rt.trace?.clock === null && rt.callable) return this.live.attach(rt, null, name); // its trace comes later
    const session = this.newSession({ attached: true, clockStepNs: rt.trace?.clock?.stepNs ?? 0 });
    void rt.ended?.then(() => { session.over = true; });
    this.live.attach(rt, session, name);
    this.promote(session, 'follow');
    if (region) session.client.attachRegion(region, { name });
    else if (readable) {
      const opened = session.client.open(readable, { name });
      opened.catch((/** @type {unknown} */ error) => this.fail(session, error));
    }
  }

  /**
   * Every byte received so far, up to the last complete generation: a valid Go trace file. Of a program that has ended
   * it is all of them.
   * @returns {Promise<Blob>}
   */
  async save() {
    const { session } = this;
    if (!session) throw new Error('There is no trace to save yet.');
    if (session.over) await session.read;
    return session.client.save();
  }

  /**
   * Selects a span (`{lane, at}`: the one at that moment), an area (`{t0, t1, lanes}`), or nothing (null).
   * @param {import('./statekeeper.mjs').Selecting} what
   * @returns {Promise<SpanDetail | null>} the span, when one was found
   */
  select(what) {
    return this.keeper.select(what);
  }

  /** Forgets the trace and ends its worker. */
  close() {
    this.begin();
    this.live.detach();
    this.session?.close();
    this.session = null;
    this.forget();
    this.find.close();
    this.drawer.reset();
    this.timeline.show(null, 'all');
    this.showState();
  }

  /** Stops reading: what was shown before stays; of a trace that is half read nothing does. */
  cancel() {
    if (this.fetching || this.pending || !this.session) {
      const turn = this.begin();
      this.showState();
      if (turn) this.timeline.hint('Cancelled');
    } else if (this.info?.state === 'loading') {
      if (this.info.generations > 0) { // what was read stays, and that is said; tables are of it, too
        this.session.file = null;
        return this.session.client.halt();
      }
      this.close();
      this.timeline.hint('Cancelled');
    }
  }

  /** A new source is to be shown: whatever was still being opened is not wanted any more. @returns {number} */
  begin() {
    this.pending?.close();
    this.pending = null;
    this.fetching = false;
    this.say('');
    return ++this.turn;
  }

  /** @param {ConstructorParameters<typeof Session>[1]} [options] */
  newSession(options) {
    return new Session({
      onInfo: (session) => this.onInfo(session),
      onTiles: () => this.timeline.frames.request(),
      onError: (session, error) => this.fail(session, error),
    }, { maxBytes: keptBytes(this.chosen), ...options });
  }

  /** Nothing that was drawn over the last trace belongs to the next one. */
  forget() {
    this.places.clear();
    this.area.set(null);
    this.marks.put([]);
    this.drawn.show(false);
    this.find.stop();
  }

  /** This session is the one drawn from now on. @param {Session} session @param {'all' | 'follow'} mode */
  promote(session, mode) {
    if (this.pending === session) this.pending = null;
    const other = this.session !== session;
    if (other && this.session !== this.live.parked) this.session?.close();
    this.session = session;
    this.live.shown(session);
    this.forget();
    if (other) this.drawer.reset();
    this.showState();
    this.timeline.show(session, mode);
    this.find.restart();
    this.keeper.opened();
    this.dispatchEvent(new CustomEvent('open', { detail: { live: session.attached } }));
  }

  /** @param {Session} session */
  onInfo(session) {
    const { info } = session;
    if (!info) return;
    if (session === this.pending && session.hasLanes) this.promote(session, info.state === 'live' ? 'follow' : 'all');
    if (info.error) this.fail(session, session.hasLanes ? `${info.error}; what comes before is drawn.` : info.error);
    this.showState();
    if (session === this.session) this.timeline.grow(info);
    this.live.info(session);
    if (session === this.session) this.drawer.grown();
    if (session !== this.session) return;
    this.keeper.grown();
    void this.freezing.look(session, performance.now());
    this.find.refresh(session);
    this.dispatchEvent(new CustomEvent('info', { detail: info }));
  }

  /** Says what went wrong; what is drawn stays. @param {Session | null} session @param {unknown} error */
  fail(session, error) {
    if (session && session !== this.session && session !== this.pending) return;
    this.failed = this.turn;
    const name = session?.info?.name;
    const sentence = sentenceOf(error);
    this.say(name && !sentence.includes(name) ? `${name}: ${sentence}` : sentence);
    if (session && session === this.pending && !session.hasLanes) {
      session.close();
      this.pending = null;
    }
    this.showState();
  }

  /** @param {string} sentence '' clears it */
  say(sentence) {
    if (sentence === this.shownError) return;
    this.shownError = sentence;
    this.parts.messageText.textContent = sentence;
    this.parts.message.hidden = !sentence;
    if (sentence) this.dispatchEvent(new ErrorEvent('error', { message: sentence }));
  }

  showState() {
    showStatus(this.parts, {
      info: this.info,
      coming: this.pending?.info ?? null,
      waiting: this.fetching || this.pending !== null,
      attached: this.session?.attached ?? false,
      doing: this.live.told,
      ownWords: this.getAttribute('empty'),
    });
    this.find.freeze.hidden = this.info?.state !== 'live';
  }

  /* ---- what the parts tell ---- */

  /** @param {boolean} moving */
  onFrame(moving) {
    this.compared?.moved();
    this.live.scale();
    const { view, scrollY, session } = this.timeline;
    if (session) {
      // Lanes may have come that a state names, or a query looks through.
      this.keeper.grown();
      this.find.refresh(session);
    }
    if (moving || view.glide || !session?.hasLanes) return;
    const { t0, t1, mode } = view;
    if (!this.places.rest({ t0, t1, scrollY, mode })) return;
    this.keeper.changed();
    this.drawer.moved();
  }

  /** @param {1 | -1} direction */
  undo(direction) {
    const { timeline } = this;
    const place = this.places.back(direction);
    if (!place) timeline.hint(direction > 0 ? 'Nothing to undo' : 'Nothing to do again');
    else {
      if (place.mode === 'free') timeline.view.glideTo(place.t0, place.t1, performance.now());
      else timeline.view.go(place.mode, performance.now());
      timeline.scrollBy(place.scrollY - timeline.scrollY);
      timeline.frames.request();
    }
  }

  onQuery() {
    const { find, timeline, freezing, session } = this;
    freezing.set(find.freeze.getAttribute('aria-pressed') === 'true' ? find.query : null, session);
    timeline.frames.request();
    this.keeper.changed();
    if (this.area.area) this.areaPanel.update(true);
  }

  /** @param {import('../trace/query/scan.mjs').Match} match */
  async onFreeze(match) {
    const { timeline, find } = this;
    find.freeze.setAttribute('aria-pressed', 'false');
    timeline.view.go('free', performance.now());
    const span = await timeline.selectSpan(match.lane, match.index);
    if (span) timeline.reveal(span);
    this.live.frozen(); // says it, and covers no lane
  }

  /** @param {boolean} done */
  onArea(done) {
    // The details of a span would hide what a drag sums up.
    if (!done && this.area.area && this.timeline.selected) this.timeline.select(null);
    this.areaPanel.update(done);
    if (!done) return;
    this.keeper.changed();
    const { area } = this.area;
    this.dispatchEvent(new CustomEvent('areachange', { detail: area ? { ...area, lanes: [...area.lanes] } : null }));
  }

  /** Pages that have room show it beside this one; on others the tables alone tell what differs. @param {File} file */
  compareFile(file) {
    const event = new CustomEvent('compare', { detail: { file }, cancelable: true });
    if (!this.dispatchEvent(event)) return;
    this.compareWith(null);
    this.against = file;
    this.drawer.show('compared');
  }

  /**
   * From now on both show the same stretch of time, and this one's tables have what differs.
   * @param {GoroscopeViewer | null} other null: no more
   */
  compareWith(other) {
    const ended = [this.compared, other?.compared].flatMap((both) => both ?? []);
    const before = ended.flatMap((both) => [both.viewer, both.other]);
    for (const viewer of before) viewer.compared = null;
    for (const both of new Set(ended)) both.end();
    this.against = null;
    this.compared = other && new Comparison(this, other);
    if (other) other.compared = this.compared;
    for (const { drawer } of new Set([this, ...before]))
      if (drawer.open && drawer.at === 'compared') drawer.make();
  }

}

if (globalThis.customElements && !customElements.get('goroscope-viewer'))
  customElements.define('goroscope-viewer', GoroscopeViewer);
