/**
 * The running program that is attached: what it can be asked to do, by the row of controls and by commands. Each
 * control is there only if the program can do it; load()'s Runtime can do all of it, in the modes it says.
 */
import { plural } from '../view/numbers.mjs';
import { el } from './parts.mjs';
import { UNNAMED } from './session.mjs';
import { Steps } from './steps.mjs';
import { gapSentence, gapWords, meterWords, stepWords } from './live-words.mjs';
import { lookOn, overdueWords, stillWords } from './overdue.mjs';

/** @typedef {import('./session.mjs').Session} Session */
/** @typedef {import('./session.mjs').TracedProgram} TracedProgram */
/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./words.mjs').SpanDetail} SpanDetail */

/**
 * What the program that is attached is doing: is it traced, does it stand still, with how many Ps (null: not known).
 * @typedef {{tracing: boolean, held: boolean, procs: number | null}} Doing
 */

/**
 * What the element does for it.
 * @typedef {object} LiveHost
 * @property {import('./timeline.mjs').Timeline} timeline
 * @property {(rt: TracedProgram, name: string) => void} attach shows its newest trace
 * @property {(session: Session) => void} show this one again
 * @property {(bytes: Uint8Array<ArrayBuffer>, name: string) => Promise<boolean>} open
 * @property {() => Session | null} shown
 * @property {(doing: Doing | null) => void} changed the program does something else now
 */

/** The scale that shows a step of the clock is there when that is at least so wide, CSS pixels. */
const SCALE_LEAST = 24;
/** What it is stands in it from this width on, else beside it. */
const SCALE_WORDS = 110;
const RATE_MS = 1000;
/** A held program answers nothing but Hold, Step and its speed. */
const HELD = 'The program is held: Hold lets it go on.';

/** The program ended meanwhile: no fault, and the row says so already. @param {unknown} error */
const isOver = (error) => error instanceof Error && /^the program (has )?ended/.test(error.message);

export class Live {
  /** @param {import('./live-bar.mjs').LiveBar} bar @param {LiveHost} host */
  constructor(bar, host) {
    this.bar = bar;
    this.host = host;
    /** @type {TracedProgram | null} that runs */
    this.rt = null;
    /** @type {Session | null} of its newest trace */
    this.session = null;
    /** The session of its trace while a snapshot is shown instead: it goes on. @type {Session | null} */
    this.parked = null;
    this.name = UNNAMED;
    this.tracing = false;
    /** One of those at a time that the program answers when it goes on. */
    this.busy = false;
    /** @type {import('./live-words.mjs').Gap[]} */
    this.gaps = [];
    this.lost = 0;
    /** @type {Array<{at: number, bytes: number}>} over the last second */
    this.marks = [];
    /** @type {string[] | null} functions of the program's, once asked for */
    this.callables = null;
    /** What was told last. @type {Doing | null} */
    this.told = null;
    /** @type {number} the selected goroutine, 0: none */
    this.goid = 0;
    /** What is said is that the view stands since a rule came true. */
    this.isFrozen = false;
    this.steps = new Steps(host.timeline, (sentence) => this.say(sentence));
    this.wire();
  }

  /* ---- what is attached ---- */

  /** @param {TracedProgram} rt @param {Session | null} session null: it is not traced now @param {string} name */
  attach(rt, session, name) {
    if (rt !== this.rt) {
      this.detach();
      this.rt = rt;
      this.callables = null;
      void rt.ended?.then(() => this.rt === rt && this.ended());
    }
    if (this.parked !== session) this.unpark();
    this.session = session;
    this.name = name;
    this.tracing = session !== null;
    this.gaps = [];
    this.lost = 0;
    this.marks = [];
    this.say('');
    this.show();
  }

  /** Another trace is shown, not of this program. */
  detach() {
    this.unlook();
    this.unpark();
    this.rt = null;
    this.session = null;
    this.tracing = false;
    this.show();
  }

  ended() {
    this.unlook();
    this.rt = null;
    this.tracing = false;
    this.show();
  }

  /** Another session than this is shown now. @param {Session} session */
  shown(session) {
    if (session === this.session) this.parked = null;
    else if (!this.parked) this.detach();
    this.show();
  }

  unpark() {
    const { parked } = this;
    this.parked = null;
    if (parked && parked !== this.host.shown()) parked.close();
  }

  /** More is known of its trace. @param {Session} session */
  info(session) {
    const { info } = session;
    if (session !== this.session || !info) return;
    if (info.lost > this.lost)
      this.gaps.push({ from: this.gapAt ?? info.t1, to: null, lost: info.lost - this.lost });
    this.lost = info.lost;
    const last = this.gaps[this.gaps.length - 1];
    if (last && last.to === null && info.t1 > last.from) last.to = info.t1;
    this.gapAt = info.t1;
    if (info.state === 'done') this.tracing = false;
    this.show();
    if (!this.parked) this.steps.grown(info);
    this.meter(info);
  }

  /** Ends the looking on at who keeps the program from answering. */
  unlook = () => {};

  /** The trace was so long before the newest of it came. @type {number | null} */
  gapAt = null;

  /** @param {TraceInfo} info */
  meter(info) {
    const now = performance.now(), { marks, bar } = this;
    marks.push({ at: now, bytes: info.bytes });
    while (marks.length > 2 && marks[1].at <= now - RATE_MS) marks.shift();
    const seconds = Math.max(0.25, (now - marks[0].at) / 1000);
    const clock = this.rt?.trace?.clock ?? null;
    const { text, title } = meterWords(info.eventsPerSecond, (info.bytes - marks[0].bytes) / seconds, clock);
    bar.meter.textContent = this.tracing ? text : '';
    bar.meter.title = title;
  }

  /* ---- what it can do ---- */

  get can() {
    const { rt } = this, callable = rt !== null && rt.callable !== false;
    return {
      trace: callable && typeof rt?.trace?.start === 'function',
      snapshot: callable && this.tracing && typeof rt?.trace?.snapshot === 'function',
      procs: callable && typeof rt?.setProcs === 'function',
      sim: rt?.sim ?? null,
      preempt: callable && typeof rt?.preempt === 'function',
      call: callable && typeof rt?.debugCall === 'function' && typeof rt?.callables === 'function',
    };
  }

  /** Brings the row up to date. */
  show() {
    const { bar, rt, can } = this, held = can.sim?.paused ?? false, inert = held || this.busy;
    if (!held) this.steps.end();
    if (this.isFrozen && (rt === null || this.host.timeline.view.mode === 'follow')) this.say('');
    bar.bar.hidden = rt === null && !this.parked;
    bar.trace.hidden = !can.trace;
    bar.trace.setAttribute('aria-pressed', String(this.tracing));
    bar.trace.disabled = inert;
    bar.snapshot.hidden = !can.snapshot || this.parked !== null;
    bar.back.hidden = this.parked === null;
    bar.procsGroup.hidden = !can.procs;
    bar.procs.value = rt?.procs ? plural(rt.procs, 'P') : '';
    bar.fewer.disabled = inert || (rt?.procs ?? 1) <= 1;
    bar.more.disabled = inert;
    bar.simGroup.hidden = !can.sim;
    bar.stand.setAttribute('aria-pressed', String(held));
    const slow = can.sim ? can.sim.stepsPerSecond !== Infinity : false;
    bar.step.disabled = !slow;
    if (can.sim && !held) bar.pace.value = slow ? String(can.sim.stepsPerSecond) : '0';
    const growing = this.tracing && !this.parked;
    bar.scrub.hidden = !growing;
    const { view } = this.host.timeline;
    if (growing && bar.scrub.getRootNode() instanceof ShadowRoot
      && /** @type {ShadowRoot} */ (bar.scrub.getRootNode()).activeElement !== bar.scrub)
      bar.scrub.value = String(view.mode === 'follow' ? 1000 : Math.round(1000 * view.t1 / Math.max(view.own, 1)));
    const lost = gapWords(this.gaps);
    bar.gaps.hidden = lost === '';
    if (bar.gaps.textContent !== lost) bar.gaps.textContent = lost;
    if (!this.tracing) bar.meter.textContent = rt ? 'Not tracing' : '';
    bar.goroutine.hidden = !this.goid || (!can.preempt && !can.call) || this.parked !== null;
    bar.who.textContent = this.goid ? `G${this.goid}` : '';
    bar.preempt.hidden = !can.preempt;
    bar.callGroup.hidden = !can.call || !this.callables?.length;
    bar.call.disabled = inert || !this.callables?.length;
    this.tell();
  }

  tell() {
    const { rt, told } = this;
    const now = rt && { tracing: this.tracing, held: this.can.sim?.paused ?? false, procs: rt.procs ?? null };
    if (JSON.stringify(now) === JSON.stringify(told)) return;
    this.told = now;
    this.host.changed(now);
  }

  /** @param {string} sentence @param {boolean} [wrong] */
  say(sentence, wrong = false) {
    const { said } = this.bar;
    this.isFrozen = false;
    said.textContent = sentence;
    said.hidden = !sentence;
    said.classList.toggle('wrong', wrong);
  }

  /** The same again is nothing new to who hears it. @param {string} sentence @param {boolean} [wrong] */
  sayOnce(sentence, wrong) {
    if (this.bar.said.textContent !== sentence) this.say(sentence, wrong);
  }

  /**
   * Asks the program for something; what goes wrong is said, and why an answer does not come.
   * @param {() => Promise<string | void>} what resolves with what is to be said
   * @param {number} [goid] of the goroutine that is to be called
   */
  async ask(what, goid = 0) {
    const { rt } = this;
    if (this.busy || !rt) return;
    this.busy = true;
    this.unlook();
    this.show();
    const unlook = this.unlook = lookOn(rt, (list, ms) => {
      // As slow as it is to be it answers late, and nobody is to blame.
      const { sim } = this.can, isSlow = sim !== null && (sim.paused || sim.stepsPerSecond !== Infinity);
      const { sentence, wrong } = overdueWords(isSlow && list ? [] : list, ms, { isSim: sim !== null, goid });
      this.sayOnce(sentence, wrong);
    });
    try {
      const answer = await what() ?? '';
      unlook();
      this.say(answer);
    } catch (error) {
      unlook();
      if (isOver(error)) this.say('The program has ended.');
      else this.say(error instanceof Error ? error.message : String(error), true);
    } finally {
      this.busy = false;
      this.show();
    }
  }

  /** Begins or ends the trace. */
  trace() {
    const { rt, can } = this;
    if (!rt || !can.trace) return;
    if (can.sim?.paused) return this.say(HELD);
    void this.ask(async () => {
      if (this.tracing) {
        await rt.trace?.stop?.();
        this.tracing = false;
      } else {
        await rt.trace?.start?.();
        if (this.rt === rt) this.host.attach(rt, this.name);
      }
    });
  }

  /** The last part of its trace in a view of its own; the trace goes on behind it. */
  snapshot() {
    const { rt, session, can } = this;
    if (!rt || !session || !can.snapshot || this.parked) return;
    void this.ask(async () => {
      const bytes = await rt.trace?.snapshot?.();
      if (!bytes || this.session !== session) return;
      this.parked = session;
      const time = new Date().toTimeString().slice(0, 8);
      const opened = await this.host.open(bytes, `${this.name} snapshot ${time}`);
      if (!opened && this.host.shown() === session) this.parked = null;
    });
  }

  back() {
    if (this.parked) this.host.show(this.parked);
  }

  /** @param {number} by */
  procs(by) {
    const { rt, can } = this;
    if (!rt || !can.procs) return;
    if (can.sim?.paused) return this.say(HELD);
    void this.ask(async () => { await rt.setProcs?.((rt.procs ?? 1) + by); });
  }

  /** The simulated program stands still, or goes on at the speed that is chosen. */
  hold() {
    const { sim } = this.can;
    if (!sim) return;
    if (sim.paused) this.pace();
    else void sim.pause().then(() => this.show());
    this.show();
  }

  /** One decision of its scheduler; holds it first. */
  step() {
    const { sim } = this.can;
    if (!sim) return;
    if (sim.stepsPerSecond === Infinity) void sim.pause();
    if (sim.paused && this.session && !this.parked) this.steps.ask(this.session.info);
    void sim.step().then(() => this.show(), () => this.show()); // false: it has ended, which is seen
    this.show();
  }

  /** As fast as is chosen. */
  pace() {
    const { sim } = this.can, steps = Number(this.bar.pace.value);
    if (!sim) return;
    if (steps > 0) sim.slow(steps);
    else sim.resume();
    this.show();
  }

  /* ---- the view ---- */

  /** @param {number} share of the trace, 0 to 1 */
  scrub(share) {
    const { timeline } = this.host;
    if (share >= 0.999) return timeline.follow();
    const { view } = timeline;
    // Nothing is before the trace: there the window stays at its beginning.
    view.panBy(Math.max(share * view.own - view.t1, -view.t0));
    timeline.frames.request();
  }

  /** Shows where the last generations are missing. */
  gap() {
    const gap = this.gaps[this.gaps.length - 1];
    if (!gap || this.parked) return;
    const { timeline } = this.host;
    timeline.view.panBy(gap.from - (timeline.view.t0 + timeline.view.t1) / 2);
    timeline.frames.request();
    this.say(gapSentence(gap));
  }

  /** The view has stopped since a rule came true: a simulated program stands still there too. */
  frozen() {
    const { sim } = this.can;
    if (sim && !sim.paused) void sim.pause().then(() => this.show());
    this.say(sim ? 'Frozen: a span fits the query. The program is held; Hold lets it go on.'
      : 'Frozen: a span fits the query. The program goes on; Follow shows the newest again.');
    this.isFrozen = true;
    this.show();
  }

  /** A step of the clock, as wide as it is here: what lies within one is not known to be before or after. */
  scale() {
    const { view, layout } = this.host.timeline, { scale, scaleWords } = this.bar;
    const step = this.host.shown()?.clockStepNs ?? 0, width = (step / view.width) * layout.plot;
    scale.hidden = !(step >= 1000 && width >= SCALE_LEAST);
    if (scale.hidden) return;
    scale.style.width = `${Math.round(Math.min(width, layout.plot - 16))}px`;
    scale.classList.toggle('narrow', width <= SCALE_WORDS);
    scaleWords.textContent = stepWords(step);
  }

  /* ---- the selected goroutine ---- */

  /** @param {SpanDetail | null} span */
  select(span) {
    const goid = span && span.state !== 2 ? span.goid : 0;
    if (goid !== this.goid) this.goid = goid;
    if (goid && this.can.call && !this.callables) void this.askCallables();
    this.show();
  }

  async askCallables() {
    const { rt, bar } = this;
    if (!rt?.callables || this.can.sim?.paused) return;
    this.callables = [];
    const names = await rt.callables().catch(() => []);
    if (rt !== this.rt) return;
    this.callables = names;
    bar.callable.replaceChildren(...names.map((name) => el('option', { value: name }, [name])));
    this.show();
  }

  preempt() {
    const { rt, goid, can } = this;
    if (!rt?.preempt || !goid || !can.preempt) return;
    if (this.busy) return this.host.timeline.hint('The program has not answered yet what it was asked before');
    const asked = `G${goid} was asked to give its P to others at its next safe point, if it runs.`;
    void this.ask(async () => {
      await rt.preempt?.(goid);
      return asked;
    }).then(() => { if (!can.sim) this.watchGoing(rt, goid, asked); });
  }

  /**
   * Says it while a goroutine does not give way.
   * @param {TracedProgram} rt @param {number} goid @param {string} said what is said now
   */
  watchGoing(rt, goid, said) {
    this.unlook = lookOn(rt, (list, ms) => {
      const isNews = rt !== this.rt || this.bar.said.textContent !== said; // something else is said by now
      const sentence = isNews ? '' : stillWords(list, ms, goid);
      if (!sentence) this.unlook();
      if (!isNews && said !== sentence) this.say(said = sentence || `G${goid} has given way.`, sentence !== '');
    });
  }

  debugCall() {
    const { rt, goid, bar } = this, name = bar.callable.value;
    if (!rt?.debugCall || !goid || !name) return;
    void this.ask(async () => {
      const answer = await rt.debugCall?.(goid, name, bar.argument.value) ?? '';
      return `${name}, called while G${goid} stood still: ${answer === '' ? '(an empty answer)' : answer}`;
    }, goid);
  }

  wire() {
    const { bar } = this;
    bar.trace.addEventListener('click', () => this.trace());
    bar.snapshot.addEventListener('click', () => this.snapshot());
    bar.back.addEventListener('click', () => this.back());
    bar.fewer.addEventListener('click', () => this.procs(-1));
    bar.more.addEventListener('click', () => this.procs(1));
    bar.stand.addEventListener('click', () => this.hold());
    bar.step.addEventListener('click', () => this.step());
    bar.pace.addEventListener('change', () => this.pace());
    bar.scrub.addEventListener('input', () => this.scrub(Number(bar.scrub.value) / 1000));
    bar.gaps.addEventListener('click', () => this.gap());
    bar.preempt.addEventListener('click', () => this.preempt());
    bar.call.addEventListener('click', () => this.debugCall());
    bar.argument.addEventListener('keydown', (event) => { if (event.key === 'Enter') this.debugCall(); });
  }
}
