// <goroscope-playground>: edit C, compile it in the page, run it, watch it. api.d.mts is its manual and its types.
//
// Where there is no HTMLElement (a server) this module defines nothing. What is set stands in the attributes, what the
// program is in its sources, how a run stands in the runner.
import '../../viewer/app/element.mjs';
import { makePalette } from '../../viewer/view/color.mjs';
import { ATTRIBUTES, complainOnce, reflect, valuesOf } from './attributes.mjs';
import { Banner } from './banner.mjs';
import { compile, warm } from './compiler.mjs';
import { Draft } from './draft.mjs';
import { differ } from './expect.mjs';
import { bytesOf, mustBeFiles, mustBeOrigins } from './given.mjs';
import { GoroutinesPane } from './goroutines.mjs';
import { readInside } from './inside.mjs';
import { linkButton, setUpSettings, showBuild, showCheckHint, showEdited, showInputHint, showLinked, showMode, showRun,
  showSettings, showTheme } from './look.mjs';
import { Limits, memoryOption } from './limits.mjs';
import { linesText } from './locked.mjs';
import { answerMessages } from './messages.mjs';
import { setUpOffers } from './offers.mjs';
import { OutputPane } from './output.mjs';
import { buildParts } from './parts.mjs';
import { Picture } from './picture.mjs';
import { failureIn, fileOf, findPlaces, marksOf, unknownOf } from './places.mjs';
import { PlainText } from './plain.mjs';
import { showProblems } from './problems.mjs';
import { cutOffWords, isCutOff } from './reach.mjs';
import { Refusal } from './refusal.mjs';
import { Runner, fetchProgram, prepareRun } from './runner.mjs';
import { linkFor } from './share.mjs';
import { fetchSource } from './source-file.mjs';
import { SOURCE, Sources } from './sources.mjs';
import { setUpTabs } from './tabs.mjs';
import { Transcript } from './transcript.mjs';
import { splitArgs } from './typed.mjs';
import { errorsIn, failureWords, goalAhead, goalView } from './words.mjs';

/** @typedef {import('../../viewer/app/element.mjs').GoroscopeViewer} Viewer */
/** @typedef {import('../../wasm/cc/client.mjs').Diagnostic} Diagnostic */
/** @typedef {import('./runner.mjs').RunStatus} RunStatus */
/** @typedef {'idle' | 'compiling' | 'running' | 'done' | 'failed'} State */
/** @typedef {Record<string, string | Uint8Array>} Files */
/**
 * What is put in the program's place.
 * @typedef {{ source?: unknown, name?: unknown, files?: unknown, isLinked?: boolean, locked?: string }} Texts isLinked:
 *   by a link; locked: its read-only lines
 */

/** Attributes that are the page's to say, not a stranger's whose settings are taken: what is fetched, who is let in. */
const GIVEN = ['src', 'wasm', 'messages'];

/** On a server there is no such class; what is then made of the one below is never used. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class GoroscopePlayground extends Base {
  static observedAttributes = Object.keys(ATTRIBUTES);

  #sources = new Sources();
  /** What was written before a reload. @type {Draft | null} */
  #draft = null;
  /** A draft has come back: somebody is at it, so nothing runs by itself. */
  #isDraft = false;
  /** What has been put in the program's place before it had come. @type {Texts} */
  #early = {};
  /** How far the page's program is; lost: it cannot be had. @type {'coming' | 'there' | 'lost'} */
  #texting = 'coming';
  /** What the embedder passes besides. @type {Files} */
  #given = {};
  /** Of the tag. @type {Files} */
  #inside = {};
  /** Origins that a program may reach. @type {string[]} */
  #origins = [];
  /** The texts are there; rejects with a sentence if they cannot be had. @type {Promise<void>} */
  #ready = Promise.resolve();
  /** Why the page's program cannot be had. */
  #lost = '';
  /** Counts readings of the sources: one that comes late is dropped. */
  #reading = 0;
  #begun = false;
  /** @type {import('./editor.mjs').Editor | PlainText | null} */
  #editor = null;
  /** @type {import('./attributes.mjs').Values} */
  #values = valuesOf(this, () => {});
  /** @type {State} */
  #state = 'idle';
  /** @type {Diagnostic[]} */
  #diagnostics = [];
  #transcript = new Transcript();
  /** What was built last, and of what. @type {{ of: string, built: Awaited<ReturnType<typeof compile>> } | null} */
  #built = null;
  #limits = new Limits();
  /** It has not printed what it was to. */
  #isMissed = false;
  /** It has read its standard input, in which there is nothing. */
  #isInputMissed = false;
  /** For so many seconds the program has let nobody else run. */
  #silent = 0;
  /** The texts that were run last. @type {ReadonlyMap<string, string> | null} */
  #ran = null;
  #complain = complainOnce();
  /** What can be done about the failure that comes. @type {import('./banner.mjs').Action | null} */
  #action = null;
  #palette = makePalette(false, [0, 0, 0]);
  /** Ends the listening to messages. */
  #unanswer = () => {};
  /** @type {AbortController | null} ends what listens outside the shadow tree */
  #listening = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    this.parts = buildParts(root);
    const { lower, viewer } = this.parts;
    /** The timeline. */
    this.viewer = /** @type {Viewer} */ (/** @type {unknown} */ (viewer));
    this.pane = new OutputPane(lower.output, lower.outputNote, (line) => this.#linked(line));
    this.refusal = new Refusal(this.parts.refusal);
    this.banner = new Banner(this.parts);
    this.picture = new Picture(lower.picture, lower.canvas);
    this.goroutines = new GoroutinesPane(lower.goroutines, ({ file, line }) => this.reach(file, line),
      (list) => this.#mark(list), (seconds) => {
        this.#silent = seconds;
        this.#showStatus(this.runner.status);
      });
    this.runner = new Runner({
      onStatus: (status) => this.#onStatus(status),
      onOutput: (stream, text) => this.#onOutput(stream, text),
      onMore: (stream, piece) => this.pane.more(stream, piece),
      onLoaded: (rt) => {
        this.viewer.attach(rt, { name: this.#sources.main.replace(/\.\w+$/, '') });
        this.picture.start(rt);
        this.goroutines.watch(rt);
      },
    });
    this.#listen();
  }

  /** What is inside the shadow tree tells. */
  #listen() {
    const { parts } = this;
    parts.run.addEventListener('click', () => this.#runByHand());
    parts.stop.addEventListener('click', () => this.stop());
    parts.reset.addEventListener('click', () => {
      this.reset();
      parts.run.focus(); // the button has gone
    });
    parts.cancel.addEventListener('click', () => this.stop());
    parts.lower.input.addEventListener('input', () => this.setAttribute('input', parts.lower.input.value));
    setUpSettings(parts.settings, this);
    setUpTabs(parts.lower.tabList, (id) => {
      if (id === 'goroutines') void this.goroutines.ask();
    });
    this.viewer.addEventListener('select', (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail?.site) this.reach(detail.site.file, detail.site.line, { focus: false });
    });
    // Its number of Ps is what the viewer's controls have made it.
    this.viewer.addEventListener('livechange', () => showMode(parts.mode, this.#values.mode, this.runtime));
    // Whoever comes near may be about to run it.
    for (const type of ['pointerenter', 'focusin'])
      this.addEventListener(type, () => prepareRun(this.#jobSettings()), { once: true, passive: true });
    setUpOffers(this, () => this.#embedded(), (sentence) => this.banner.say(sentence));
  }

  connectedCallback() {
    const listening = new AbortController();
    this.#listening = listening;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#setTheme(),
      { signal: listening.signal });
    // A link that is put into the address of a page that is there loads nothing by itself.
    addEventListener('hashchange', () => void this.#openLink(), { signal: listening.signal });
    if (this.#begun) {
      this.#answer();
      return this.#apply();
    }
    this.#begun = true;
    // While the page is still being read what stands inside may not be there. Who runs it before waits for that.
    if (document.readyState !== 'loading') return this.#begin();
    this.#apply();
    this.#ready = new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => {
      this.#begin();
      resolve(this.#ready);
    }, { once: true }));
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#unanswer();
    // One that only moves is in the page again by then.
    queueMicrotask(() => this.isConnected || this.runner.abandon());
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (!this.#begun) return;
    this.#apply();
    if (name === 'src') this.#read();
    if (name === 'messages') this.#answer();
    if (name === 'readonly') this.#lock();
    if (name === 'expect' && before !== now) this.#aim();
  }

  #begin() {
    // Set before the element was what it is: they hide the real ones.
    for (const name of ['fetch', 'files', 'source', 'settings', ...Object.keys(ATTRIBUTES)]) {
      const self = /** @type {any} */ (this), early = self[name];
      if (Object.hasOwn(this, name) && delete self[name]) self[name] = early;
    }
    this.#apply();
    this.#aim();
    this.#read();
    void this.#loadEditor();
    this.#answer();
    if (this.runner.busy) return void this.#openLink(); // it has been run already
    this.#tell('idle');
    void this.#openLink().then((isLink) => { if (!isLink) void this.#runItself(); });
  }

  /** A stranger's program waits for a click, and so does one that somebody is at. */
  async #runItself() {
    if (!this.#values.autorun) return;
    await this.#ready.catch(() => {}); // who runs it is told
    if (!this.#isDraft && !this.runner.busy) this.#runByHand();
  }

  /**
   * Takes what a link holds for this one. It brings no other program where that is read-only.
   * @returns {Promise<boolean>} whether there is such a link, be it a bad one
   */
  async #openLink() {
    try {
      const shared = await linkFor(this);
      if (!shared) return false;
      const { source, name, files, ...attributes } = shared.settings;
      this.#setAttributes({ ...this.settings, ...attributes }, [...GIVEN, 'readonly']);
      if (this.#values.readonly !== 'all' && (source ?? name ?? files) !== undefined)
        this.#take({ source, name, files, isLinked: true, locked: shared.locked });
      if (shared.view) this.viewer.state = /** @type {any} */ (shared.view);
    } catch (error) {
      this.banner.say(/** @type {Error} */ (error).message);
    }
    return true;
  }

  /** Listens to pages of the origins in `messages`. */
  #answer() {
    this.#unanswer();
    const { messages } = this.#values;
    if (messages === null || !this.isConnected) return;
    try {
      this.#unanswer = answerMessages(this, messages);
    } catch (error) {
      console.warn(`<goroscope-playground>: ${/** @type {Error} */ (error).message}`);
    }
  }

  // ---- sources ----

  /** Takes the program anew from `src` or from inside the tag. */
  #read() {
    const turn = ++this.#reading;
    const isLate = () => turn !== this.#reading;
    this.#texting = 'coming';
    // Who waits for a reading that comes late waits for the newest.
    this.#ready = this.#readSources().then((program) => (isLate() ? this.#ready : this.#arrive(program)), (error) => {
      if (isLate()) return this.#ready;
      this.#texting = 'lost';
      if (!this.#standIn(this.#early)) throw error;
    });
    this.#ready.catch((error) => isLate() || this.#lose(error.message));
  }

  /** The page's program cannot be had. What runs is another matter. @param {string} sentence */
  #lose(sentence) {
    this.#lost = sentence;
    if (this.runner.busy) this.banner.say(sentence);
    else this.#fail(sentence);
  }

  /** A program is there, so what was said of one that was lost holds no longer. */
  #found() {
    const lost = this.#lost, isSaid = lost && ['', lost].includes(this.banner.sentence);
    this.#lost = '';
    if (!isSaid) return;
    this.banner.say('');
    if (!this.runner.busy) this.#tell(this.#ran ? 'done' : 'idle');
  }

  /** The page's program has come. @param {import('./inside.mjs').File} program */
  #arrive(program) {
    this.#sources.arrive(program, { ...this.#inside, ...this.#given });
    this.#texting = 'there';
    this.#found();
    this.#lock();
    const early = this.#early, changed = typeof early.source === 'string' ? [] : this.#takeDraft();
    this.#early = {};
    this.#showFiles();
    for (const [name, text] of changed) this.#onChange(name, text);
    this.#take(early);
  }

  /** What was written before a reload. @returns {[name: string, text: string][]} texts that are others by it */
  #takeDraft() {
    if (this.#values.readonly === 'all') return [];
    this.#draft ??= new Draft(this);
    const draft = this.#draft.take(this.#sources);
    this.#isDraft ||= draft !== null;
    return draft ? this.#sources.become(draft) : [];
  }

  /** Where the page's program is lost another one does for it. @param {Texts} texts @returns {boolean} it does */
  #standIn({ source }) {
    if (this.#texting !== 'lost' || typeof source !== 'string') return false;
    this.#ready = Promise.resolve();
    this.#arrive({ name: this.#sources.main, text: '' });
    return true;
  }

  /** Puts texts in the place of those that there are, once those are there. @param {Texts} texts */
  #take(texts) {
    const given = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
    if (this.#texting !== 'there') {
      this.#early = { ...this.#early, ...given };
      return void this.#standIn(this.#early);
    }
    const { source, name, isLinked } = texts, sources = this.#sources;
    const files = Object.entries(texts.files ?? {}).filter(([, text]) => typeof text === 'string');
    sources.isLinked ||= isLinked === true;
    sources.isFromLink = isLinked === true;
    const isRenamed = typeof name === 'string' && SOURCE.test(name) && name !== sources.main;
    if (isRenamed) sources.rename(name);
    const news = files.filter(([other]) => !sources.texts.has(other));
    for (const [other] of news) sources.set(other, '');
    if (isRenamed || news.length) this.#showFiles();
    for (const [other, text] of files) this.#put(other, text);
    if (typeof source !== 'string' || source === sources.text) return;
    this.#put(sources.main, source);
    this.#lock();
    if (isLinked && sources.lockLinked(texts.locked)) this.#editor?.rule(this.#rules());
  }

  /** @returns {Promise<import('./inside.mjs').File>} what the page has as the program */
  async #readSources() {
    this.#inside = {};
    const { program, files } = readInside(this);
    this.#inside = Object.fromEntries(files.map(({ name, text }) => [name, text]));
    const { src } = this.#values;
    if (!src) return program ?? { name: 'prog.c', text: '' };
    return fetchSource(src);
  }

  #showFiles() {
    const names = [...this.#sources.names()], { fileTabs } = this.parts;
    this.#editor?.open(this.#sources.texts, this.#rules());
    fileTabs.hidden = names.length < 2;
    fileTabs.replaceChildren(...names.map((name) => {
      const tab = document.createElement('button');
      tab.type = 'button';
      tab.textContent = name;
      tab.addEventListener('click', () => this.#showFile(name));
      return tab;
    }));
    this.#showFile(this.#sources.main);
    this.#onSources();
  }

  /** @param {string} name */
  #showFile(name) {
    this.#editor?.show(name);
    for (const tab of this.parts.fileTabs.children)
      tab.setAttribute('aria-pressed', String(tab.textContent === name));
  }

  async #loadEditor() {
    // Made by build.sh, with no types of its own.
    // @ts-ignore
    const loading = /** @type {Promise<any>} */ (import('../../build/editor.mjs'));
    const module = /** @type {typeof import('./editor.mjs') | null} */ (await loading.catch(() => null));
    const { parts } = this, root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const onChange = (/** @type {string} */ name, /** @type {string} */ text) => this.#onChange(name, text);
    this.#editor = !module ? new PlainText(parts.editor, onChange) : new module.Editor(root, parts.editor, {
      onChange,
      onRun: () => this.#runByHand(),
      onLeave: () => parts.run.focus(),
      onRefuse: (sentence) => this.refusal.say(sentence),
      onAccept: () => this.refusal.clear(),
    });
    // Who begins to write will want to compile.
    parts.editor.addEventListener('focusin', () => void this.#warm(), { once: true });
    this.#showFiles();
  }

  async #warm() {
    await this.#ready.catch(() => {});
    if (this.#values.readonly !== 'all' || !this.#values.wasm) warm().catch(() => {}); // who runs it is told
  }

  /** What the attribute says holds for the text that is there now. */
  #lock() {
    const { readonly } = this.#values;
    this.#sources.lock(readonly === 'all' ? [] : readonly);
    this.#editor?.rule(this.#rules());
    this.#onSources();
  }

  #rules() {
    return { locked: this.#sources.locked, isReadOnly: this.#values.readonly === 'all' };
  }

  /** Names or texts of the sources are others, or what is read-only. */
  #onSources() {
    const isFixed = this.#values.readonly === 'all';
    this.parts.reset.hidden = !this.#sources.canRestore || isFixed;
    showLinked(this.parts, this.#sources.isFromLink && !this.#sources.isOriginal);
    showEdited(this.parts, this.#ran !== null && !this.#sources.are(this.#ran));
    if (!isFixed && this.#texting === 'there') this.#draft?.keep(this.#sources);
  }

  /** @param {string} name @param {string} text */
  #onChange(name, text) {
    this.#sources.set(name, text);
    if (this.#editor && name === this.#sources.main) this.#sources.locked = this.#editor.locked;
    this.#onSources();
    this.dispatchEvent(new CustomEvent('sourcechange', { detail: { name, source: text } }));
  }

  /** At another goal. */
  #aim() {
    this.#isMissed = false;
    goalAhead(this.parts.lower.goal, this.#values.expect);
    this.#showStatus(this.runner.status);
  }

  /** Leads to a line in the editor. @param {string} path @param {number} line @param {{ focus?: boolean }} [how] */
  reach(path, line, { focus = true } = {}) {
    const file = fileOf(path, this.#sources.names());
    if (!file) return;
    this.#showFile(file);
    this.#editor?.reach(file, line, focus);
  }

  /** @param {string} line of stderr */
  #linked(line) {
    return findPlaces(line, this.#sources.names()).map(({ text, place }) => (place ? this.#link(text, place) : text));
  }

  /** @param {string} text @param {import('./places.mjs').Place} place */
  #link = (text, { file, line }) => linkButton(text, () => this.reach(file, line));

  /** @param {import('../goroscope.d.mts').Goroutine[]} list */
  #mark(list) {
    for (const [name, marks] of marksOf(list, this.#sources.names(), this.#palette)) this.#editor?.mark(name, marks);
  }

  // ---- the API ----

  get source() {
    return typeof this.#early.source === 'string' ? this.#early.source : this.#sources.text;
  }

  set source(text) {
    this.#take({ source: String(text) });
  }

  /** @param {string} name @param {string} text */
  #put(name, text) {
    if (this.#sources.texts.get(name) === text) return;
    if (this.#editor && this.#sources.texts.has(name)) this.#editor.replace(name, text);
    else this.#onChange(name, text);
  }

  /** @returns {Files} */
  get files() {
    return { ...this.#inside, ...this.#given, ...this.#sources.others() };
  }

  set files(files) {
    mustBeFiles(files);
    this.#given = { ...files };
    if (this.#begun) this.#read();
  }

  get fetch() {
    return [...this.#origins];
  }

  set fetch(origins) {
    mustBeOrigins(origins);
    this.#origins = [...origins];
  }

  get state() {
    return this.#state;
  }

  get output() {
    return this.#transcript.text;
  }

  get diagnostics() {
    return [...this.#diagnostics];
  }

  get message() {
    return this.banner.sentence;
  }

  get runtime() {
    return this.runner.status.rt;
  }

  get settings() {
    /** @type {Record<string, unknown>} */
    const settings = this.#texting === 'there' ? { source: this.source, name: this.#sources.main } : { ...this.#early };
    for (const name of ['isLinked', 'locked']) delete settings[name];
    const files = this.#sources.others();
    if (this.#texting === 'there' && Object.keys(files).length) settings.files = files;
    for (const name of Object.keys(ATTRIBUTES)) {
      const value = /** @type {any} */ (this)[name];
      if (value !== null && value !== false) settings[name] = value;
    }
    if (this.#texting !== 'there' || this.#values.readonly === 'all') return settings;
    const { readonly: _, ...rest } = settings;
    return this.#sources.locked.length ? { ...rest, readonly: linesText(this.#sources.locked) } : rest;
  }

  set settings(settings) {
    const { source, name, files } = settings;
    this.#take({ source, name, files });
    this.#setAttributes(settings); // its read-only lines are those of its source
  }

  /** @param {Record<string, unknown>} settings @param {string[]} [but] those that stay */
  #setAttributes(settings, but = GIVEN) {
    for (const name of Object.keys(ATTRIBUTES)) {
      if (!but.includes(name)) /** @type {any} */ (this)[name] = settings[name] ?? null;
    }
  }

  /** @returns {Promise<{ exitCode: number, stopped?: boolean }>} */
  async run() {
    if (!this.#begun) {
      this.#begun = true; // it is in no page yet
      this.#begin();
    }
    this.#clear();
    const status = await this.runner.start(this.#job());
    if (status.state === 'failed') throw new Error(status.error);
    return { exitCode: status.exitCode ?? 130, ...(status.stopped ? { stopped: true } : {}) };
  }

  stop() {
    this.runner.stop();
  }

  reset() {
    this.#early = {};
    if (this.#texting !== 'there') return (this.#draft ??= new Draft(this)).forget();
    const changed = this.#sources.restore();
    this.#showFiles();
    for (const [name, text] of changed) this.#onChange(name, text);
  }

  // ---- a run ----

  /** Whoever pressed a key is told by the message. */
  #runByHand() {
    this.run().catch(() => {});
  }

  /** What shows of the run before goes. */
  #clear() {
    const { parts } = this;
    this.banner.say('');
    this.#action = null;
    this.#limits.clear();
    this.#isMissed = this.#isInputMissed = false;
    this.#silent = 0;
    this.#ran = null;
    showEdited(parts, false);
    showInputHint(parts, false);
    this.#transcript = new Transcript();
    this.pane.clear();
    this.picture.clear();
    goalAhead(parts.lower.goal, this.#values.expect);
    this.#setDiagnostics([]);
  }

  /** @returns {import('./runner.mjs').Job} */
  #job() {
    const v = this.#values;
    /** @type {import('./runner.mjs').Job['allowed']} */
    const allowed = { stdin: v.input || (() => this.#noInput()), ...memoryOption(v.memory) };
    return {
      title: this.#sources.main, args: splitArgs(v.args), allowed,
      settings: this.#jobSettings(),
      program: async (signal) => {
        await this.#ready;
        this.#ran = this.#sources.copy();
        // Which program it is shows now. What the page allows its own holds for no stranger's.
        allowed.fetch = this.#sources.isOwn ? this.#origins : [];
        return this.#program(signal);
      },
      files: async () => {
        await this.#ready;
        return bytesOf(this.files);
      },
    };
  }

  /** Is asked for when the program reads it. */
  #noInput() {
    this.#isInputMissed = true;
    return new Blob().stream();
  }

  #jobSettings() {
    const { procs, mode, seed, clock } = this.#values;
    return { procs: procs ?? undefined, mode, seed, clock };
  }

  /** The program as wasm: as it came, as it was built before, or built now. @param {AbortSignal} signal */
  async #program(signal) {
    const { wasm, check } = this.#values;
    if (wasm && !check && this.#sources.isOriginal)
      return fetchProgram(new URL(wasm, document.baseURI), signal, () => {});
    if (!this.source.trim()) throw new Error('There is no program yet: write one, beginning with int gr_main.');
    const files = Object.fromEntries(this.#sources.texts), of = JSON.stringify([files, check]);
    const built = this.#built?.of === of ? this.#built.built : await this.#compile(files, signal);
    signal.throwIfAborted();
    this.#setDiagnostics(built.diagnostics, built.text); // what was warned of still holds when nothing is built
    if (!built.wasm) throw new Error(failureWords(built.diagnostics));
    this.#built = { of, built };
    return /** @type {Uint8Array<ArrayBuffer>} */ (built.wasm);
  }

  /** @param {Record<string, string>} files @param {AbortSignal} signal */
  async #compile(files, signal) {
    const { parts } = this, { wasm, check } = this.#values;
    try {
      return await compile(files, { check, warnings: ['all'] }, {
        signal, onProgress: (progress) => showBuild(parts, progress),
      });
    } catch (error) {
      signal.throwIfAborted();
      const why = /** @type {Error} */ (error).message.split('\n')[0].replace(/\.$/, '');
      if (wasm) this.#action = { word: 'Run it as it came', act: () => this.#runAsItCame() };
      throw new Error(`What is written here cannot be run: ${why}.`, { cause: error });
    } finally {
      parts.fetching.hidden = true;
    }
  }

  #runChecked() {
    this.setAttribute('check', '');
    this.#runByHand();
  }

  #runAsItCame() {
    this.reset();
    this.removeAttribute('check');
    this.#runByHand();
  }

  /** @param {RunStatus} status */
  #onStatus(status) {
    const { parts, runner } = this;
    parts.stop.disabled = !runner.busy || status.state === 'stopping';
    this.#showStatus(status);
    if (status.state === 'loading') return this.#tell('compiling');
    if (status.state === 'stopping') return;
    this.#limits.end();
    if (status.state === 'running') {
      this.#limits.watch(this.#values.timeout, () => this.stop());
      return this.#tell('running');
    }
    this.#onEnd(status);
  }

  /** The run has ended, in whatever way. @param {RunStatus} status */
  #onEnd(status) {
    this.picture.stop();
    this.goroutines.end();
    if (status.rt) this.picture.show(status.rt.image()); // the last strokes came after the last frame
    this.pane.flush();
    if (!status.rt) this.#emptyOut();
    showInputHint(this.parts, this.#isInputMissed);
    if (status.state === 'failed') return this.#onFailure(status.error);
    this.#limits.lookAtMemory(this.#values.memory, status, this.#transcript.stderr);
    this.#findFailure(status);
    if (this.#limits.reached) return this.#fail(this.#limits.reached);
    this.#compare(status);
    this.#tell('done');
  }

  /** It was not built, or not started. @param {string} sentence */
  #onFailure(sentence) {
    if (errorsIn(this.#diagnostics)) return this.#fail(sentence, !this.parts.program.hidden);
    this.#fail(sentence);
    const { status } = this.runner;
    void isCutOff().then((isSo) => {
      if (isSo && status === this.runner.status && this.banner.sentence === sentence) this.#fail(cutOffWords(sentence));
    });
  }

  /** It has not come to a run: what shows of the one before is not to be taken for its own. */
  #emptyOut() {
    if (this.viewer.session?.attached) this.viewer.close();
    this.picture.clear();
    this.goroutines.clear();
  }

  /** Shows at its line how the program failed. @param {RunStatus} status */
  #findFailure({ exitCode, stopped }) {
    if (!exitCode || stopped) return;
    const { stderr } = this.#transcript, failure = failureIn(stderr, this.#sources.names());
    if (failure) this.#setDiagnostics([...this.#diagnostics, { ...failure, column: 0, severity: 'error' }]);
    const unknown = unknownOf(stderr);
    if (unknown && !this.#values.check) showCheckHint(this.parts, unknown, () => this.#runChecked());
  }

  /** With what it was to print. @param {RunStatus} status */
  #compare({ exitCode, stopped }) {
    const { expect } = this.#values;
    if (expect === null || stopped) return;
    const diff = differ(expect, this.#transcript.stdout);
    goalView(this.parts.lower.goal, diff, exitCode ?? 0);
    this.#isMissed = diff !== null;
    this.#showStatus(this.runner.status);
    this.dispatchEvent(new CustomEvent('expect', { detail: { passed: !diff && exitCode === 0 } }));
  }

  /** @param {'stdout' | 'stderr'} stream @param {string} text */
  #onOutput(stream, text) {
    this.#transcript.add(stream, text);
    this.pane.write(stream, text);
    this.dispatchEvent(new CustomEvent('output', { detail: { stream, text } }));
  }

  /** The settings as another page can have them. */
  #embedded() {
    const { src, wasm, ...rest } = this.settings;
    if (!this.#sources.isOriginal) return rest;
    const absolute = (/** @type {unknown} */ address) => new URL(String(address), document.baseURI).href;
    return { ...rest, ...(src ? { src: absolute(src) } : {}), ...(wasm ? { wasm: absolute(wasm) } : {}) };
  }

  // ---- what shows ----

  /** @param {Diagnostic[]} list @param {string} [text] of the compiler, with what it does not know */
  #setDiagnostics(list, text = '') {
    const { problems } = this.parts;
    if (!list.length && !text && problems.hidden) return;
    this.#diagnostics = list;
    const names = [...this.#sources.names()];
    for (const name of names)
      this.#editor?.complain(name, list.filter((d) => d.line > 0 && fileOf(d.file, names) === name));
    showProblems(problems, list, text, names, this.#link);
    this.dispatchEvent(new CustomEvent('diagnostics', { detail: this.diagnostics }));
  }

  /** @param {State} state */
  #tell(state) {
    this.parts.frame.dataset.state = state;
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent('statechange', { detail: { state } }));
  }

  /** @param {string} sentence @param {boolean} [isListed] what the compiler says shows already */
  #fail(sentence, isListed = false) {
    this.banner.say(sentence, this.#action, isListed);
    this.#tell('failed');
  }

  /** @param {RunStatus} status */
  #showStatus(status) {
    showRun(this.parts, status, { isLimited: this.#limits.reached !== '', isMissed: this.#isMissed,
      errors: errorsIn(this.#diagnostics), silent: this.#silent });
    showMode(this.parts.mode, this.#values.mode, status.rt);
  }

  #setTheme() {
    const dark = showTheme(this.viewer, this.#values.theme);
    this.#palette = makePalette(dark, [0, 0, 0]);
    this.goroutines.setTheme(dark);
  }

  /** Follows the attributes. */
  #apply() {
    this.#values = valuesOf(this, this.#complain);
    showSettings(this.parts, this, this.#values);
    this.#setTheme();
    this.#showStatus(this.runner.status);
  }
}
reflect(GoroscopePlayground.prototype);

if (globalThis.customElements && !customElements.get('goroscope-playground'))
  customElements.define('goroscope-playground', GoroscopePlayground);
