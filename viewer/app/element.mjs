/**
 * <goroscope-viewer>: the timeline as a custom element.
 *
 *     const viewer = document.querySelector('goroscope-viewer');
 *     await viewer.open(file);      // a File, Blob, URL, stream or bytes of a Go trace
 *     viewer.attach(rt);            // or a program that load() gave: grows live and follows
 *
 * Attributes: theme="light" | "dark" (default: what the system prefers). Events: `info` (detail: what is known
 * about the trace, often while it grows) and `select` (detail: the span clicked, or null). Nothing runs while
 * nothing changes.
 */
import { commandById } from './commands.mjs';
import { listenToDrops, listenToKeys, listenToLanes, listenToOverview } from './input.mjs';
import { buildParts } from './parts.mjs';
import { LANES_UP_TO, Session } from './session.mjs';
import { resolveSource, sentenceOf } from './source.mjs';
import { Timeline } from './timeline.mjs';
import { showStatus } from './status.mjs';

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./words.mjs').SpanDetail} SpanDetail */

export class GoroscopeViewer extends HTMLElement {
  static observedAttributes = ['theme'];

  constructor() {
    super();
    this.parts = buildParts(this.attachShadow({ mode: 'open' }));
    this.timeline = new Timeline(this, this.parts,
      (span) => this.dispatchEvent(new CustomEvent('select', { detail: span })));
    /** @type {Session | null} what is drawn */
    this.session = null;
    /** @type {Session | null} what is being opened and has nothing to draw yet */
    this.pending = null;
    /** Counts open() and attach(): an older one that comes late is dropped. */
    this.turn = 0;
    this.shownError = '';
    /** @type {AbortController | null} ends all listeners outside the shadow tree */
    this.listening = null;
    this.actions = this.makeActions();
    this.wireButtons();
    this.showState();
  }

  connectedCallback() {
    const { parts, timeline } = this;
    const listening = new AbortController();
    this.listening = listening;
    const { signal } = listening;
    listenToLanes(parts.lanes, timeline.input, signal);
    listenToOverview(parts.overview, timeline.input, () => timeline.layout, signal);
    listenToKeys(this, timeline.input, this.actions, () => parts.help.open, signal);
    listenToDrops(this, (file) => void this.open(file), signal);
    const observer = new ResizeObserver(() => timeline.measure());
    observer.observe(parts.viewport);
    signal.addEventListener('abort', () => observer.disconnect());
    // Moving to a screen of other density, or zooming the page, changes the pixels but not always the size.
    window.addEventListener('resize', () => timeline.measure(), { signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => timeline.restyle(), { signal });
    const still = matchMedia('(prefers-reduced-motion: reduce)');
    timeline.view.setStill(still.matches);
    still.addEventListener('change', () => timeline.view.setStill(still.matches), { signal });
    timeline.restyle();
    timeline.measure();
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.timeline.stop();
  }

  attributeChangedCallback() {
    this.timeline.restyle();
  }

  /** What is known about the trace that is shown. @returns {TraceInfo | null} */
  get info() {
    return this.session?.info ?? null;
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
    try {
      const named = await resolveSource(what, name);
      if (turn !== this.turn) return false;
      const large = named.source instanceof Blob && named.source.size > LANES_UP_TO;
      const session = this.newSession({ lanes: lanes ?? !large });
      // A stream cannot be read twice.
      if (what instanceof ReadableStream) session.lean = false;
      this.timeline.lanesBar.onRead = () => void this.open(what, { name, lanes: true });
      this.pending = session;
      this.showState();
      await Promise.race([session.client.open(named.source, { name: named.name }), session.closed]);
      if (turn !== this.turn || this.shownError) return false;
      if (this.pending === session) this.promote(session, 'all');
      return true;
    } catch (error) {
      if (turn === this.turn) this.fail(this.pending ?? this.session, error);
      return false;
    }
  }

  /**
   * Shows a running program's trace as it grows, and follows it.
   * @param {import('./session.mjs').TracedProgram} rt what load() gave
   */
  attach(rt) {
    this.begin();
    const { region = null, readable = null } = rt.trace || {};
    if (!region && !readable) {
      this.say('This program runs without tracing, so there is nothing to draw: load it with the option trace.');
      return;
    }
    const session = this.newSession({ attached: true });
    this.promote(session, 'follow');
    if (region) session.client.attachRegion(region);
    else if (readable) {
      const opened = session.client.open(readable, { name: 'live' });
      opened.catch((/** @type {unknown} */ error) => this.fail(session, error));
    }
  }

  /** Every byte received so far, up to the last complete generation: a valid Go trace file. @returns {Promise<Blob>} */
  async save() {
    if (!this.session) throw new Error('There is no trace to save yet.');
    return this.session.client.save();
  }

  /** Forgets the trace and ends its worker. */
  close() {
    this.begin();
    this.session?.close();
    this.session = null;
    this.timeline.show(null, 'all');
    this.showState();
  }

  /** A new source is to be shown: whatever was still being opened is not wanted any more. @returns {number} */
  begin() {
    this.pending?.close();
    this.pending = null;
    this.say('');
    return ++this.turn;
  }

  /** @param {{attached?: boolean, lanes?: boolean}} [options] */
  newSession(options) {
    return new Session({
      onInfo: (session) => this.onInfo(session),
      onTiles: () => this.timeline.frames.request(),
      onError: (session, error) => this.fail(session, error),
    }, options);
  }

  /** This session is the one drawn from now on. @param {Session} session @param {'all' | 'follow'} mode */
  promote(session, mode) {
    if (this.pending === session) this.pending = null;
    if (this.session !== session) this.session?.close();
    this.session = session;
    this.showState();
    this.timeline.show(session, mode);
  }

  /** @param {Session} session */
  onInfo(session) {
    const { info } = session;
    if (!info) return;
    if (session === this.pending && session.hasLanes) this.promote(session, info.state === 'live' ? 'follow' : 'all');
    if (info.error) this.fail(session, session.hasLanes ? `${info.error}; what comes before is drawn.` : info.error);
    this.showState();
    if (session !== this.session) return;
    this.timeline.grow(info);
    this.dispatchEvent(new CustomEvent('info', { detail: info }));
  }

  /** Says what went wrong; what is drawn stays. @param {Session | null} session @param {unknown} error */
  fail(session, error) {
    if (session && session !== this.session && session !== this.pending) return;
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
  }

  showState() {
    showStatus(this.parts, {
      info: this.info,
      coming: this.pending?.info ?? null,
      waiting: this.pending !== null,
      attached: this.session?.attached ?? false,
    });
  }

  /** @returns {import('./commands.mjs').Actions} */
  makeActions() {
    const { parts, timeline } = this;
    return {
      fitSelection: () => timeline.fitSelection(),
      fitAll: () => timeline.fitAll(),
      follow: () => timeline.follow(),
      zoomStep: (direction) => timeline.zoomStep(direction),
      nextSpan: (direction) => void timeline.nextSpan(direction),
      nextLane: (direction) => void timeline.nextLane(direction),
      followWake: (direction) => void timeline.followWake(direction),
      overlay: () => timeline.lanesView.toggleOverlay(),
      findLane: () => timeline.lanesBar.focus(),
      openGroups: () => timeline.lanesView.toggleSubgroups(),
      arrange: (what) => timeline.arrange(what),
      clear: () => {
        this.say('');
        timeline.select(null);
      },
      help: () => parts.help.showModal(),
      chooseFile: () => {
        // Choosing the same file again must count as a change.
        parts.file.value = '';
        parts.file.click();
      },
    };
  }

  wireButtons() {
    const { parts } = this;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.shadowRoot?.querySelectorAll('[data-command]'))) {
      const command = commandById(button.dataset.command ?? '');
      button.addEventListener('click', () => command.run?.(this.actions));
    }
    parts.messageClose.addEventListener('click', () => this.say(''));
    parts.file.addEventListener('change', () => {
      const file = parts.file.files?.[0];
      if (file) void this.open(file);
    });
  }
}

if (!customElements.get('goroscope-viewer')) customElements.define('goroscope-viewer', GoroscopeViewer);
