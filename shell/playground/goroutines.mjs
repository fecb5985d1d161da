// The goroutines of the program that runs, as they are now: what each does or waits for, where,
// since when, who started it.
// Asked for again and again while the list shows; nobody is stopped for it, so a program that hangs answers too.
import { cssColor, makePalette } from '../../viewer/view/color.mjs';
import { count, plural } from '../../viewer/view/numbers.mjs';
import { shortTime } from '../../viewer/view/time.mjs';

/** @typedef {import('../goroscope.d.mts').Goroutine} Goroutine */
/** @typedef {import('../goroscope.d.mts').CallSite} CallSite */
/** @typedef {import('../goroscope.d.mts').Runtime} Runtime */

/** From an answer to the next question; longer when an answer takes long. */
const ASK_MS = 300;
const PATIENCE_MS = 1500;
/** A program on one thread that has not answered for so long is in a loop, as like as not. */
const SILENT_MS = 5000;
/** Of a million nobody reads more. */
const MAX_ROWS = 200;
const NOTHING = 'While a program runs, its goroutines are listed here.';

/** What it does, in the words of Go's own dump. @param {Goroutine} g */
export function doing(g) {
  return g.reason || g.state;
}

/**
 * What the list can be narrowed to: states, and below "waiting" the reasons, with how many there are.
 * @param {Goroutine[]} list @returns {Map<string, number>} by the filter's name
 */
export function tally(list) {
  const counts = new Map([['all', list.length], ['running', 0], ['runnable', 0], ['syscall', 0], ['waiting', 0]]);
  for (const g of list) {
    counts.set(g.state, (counts.get(g.state) ?? 0) + 1);
    if (g.reason) counts.set(`waiting: ${g.reason}`, (counts.get(`waiting: ${g.reason}`) ?? 0) + 1);
  }
  return counts;
}

/** @param {Goroutine} g @param {string} filter a name from tally */
export function passes(g, filter) {
  return filter === 'all' || filter === g.state || filter === `waiting: ${g.reason}`;
}

/** @param {CallSite} site */
function place(site) {
  return `${site.func} ${site.file.slice(site.file.lastIndexOf('/') + 1)}:${site.line}`;
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} [className] */
function make(tag, className = '') {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}

/**
 * Sets a text only if it differs: what stands stays selectable, and costs nothing.
 * @param {Element} node @param {string} text
 */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export class GoroutinesPane {
  /** @type {Runtime | null} */ #rt = null;
  /** What was answered last, since when it has been that, and whether it was said. */
  #still = { print: '', since: 0, told: false };
  #asking = false;
  #timer = 0;
  /** @type {Goroutine[]} the last answer */ #list = [];
  /** @type {Map<number, ReturnType<GoroutinesPane['row']>>} */ #rows = new Map();
  /** @type {Map<string, HTMLOptionElement>} */ #options = new Map();
  #palette = makePalette(false, [0, 0, 0]);

  /**
   * @param {{pane: HTMLElement, filter: HTMLSelectElement, freeze: HTMLButtonElement, note: HTMLElement,
   *   list: HTMLElement}} parts
   * @param {(site: CallSite) => void} onSite somebody wants to see a call in the source
   * @param {(list: Goroutine[]) => void} [onList] is told each answer, also while the list does not show; [] at the end
   * @param {(seconds: number) => void} [onSilent] the program has not answered for so long; 0: it answers again
   */
  constructor(parts, onSite, onList, onSilent = () => {}) {
    this.parts = parts;
    this.onSite = onSite;
    this.onList = onList;
    this.onSilent = onSilent;
    parts.filter.addEventListener('change', () => this.#draw());
    parts.freeze.addEventListener('click', () => {
      parts.freeze.setAttribute('aria-pressed', String(!this.#frozen));
      this.#draw();
      void this.ask();
    });
    this.clear();
  }

  get #frozen() {
    return this.parts.freeze.getAttribute('aria-pressed') === 'true';
  }

  /** @param {boolean} dark the colours are the timeline's */
  setTheme(dark) {
    this.#palette = makePalette(dark, [0, 0, 0]);
    for (const [id, row] of this.#rows) row.swatch.style.background = cssColor(this.#palette, id);
  }

  clear() {
    this.#rt = null;
    this.#list = [];
    this.parts.freeze.setAttribute('aria-pressed', 'false');
    this.#draw();
  }

  /** A program runs from now on. @param {Runtime} rt */
  watch(rt) {
    this.clear();
    this.#rt = rt;
    void this.ask();
  }

  /** It has ended: what was seen last stays. */
  end() {
    this.#rt = null;
    clearTimeout(this.#timer);
    this.onList?.([]);
    this.#draw();
  }

  /** Asks if anybody looks, and again after a while. */
  async ask() {
    const rt = this.#rt;
    clearTimeout(this.#timer);
    if (!rt || this.#asking || this.#frozen || (this.parts.pane.hidden && !this.onList)) return;
    this.#asking = true;
    const asked = performance.now();
    const late = window.setTimeout(() => rt === this.#rt && put(this.parts.note,
      'The program has not answered yet: on one thread it answers between two slices.'), PATIENCE_MS);
    let isSilent = false;
    const silent = window.setTimeout(() => (isSilent = rt === this.#rt) && this.onSilent(SILENT_MS / 1000), SILENT_MS);
    try {
      const list = document.hidden ? null : await rt.goroutines();
      if (rt === this.#rt && list?.length && !this.#frozen) {
        if (rt.mode === 'sim') this.#lookOn(list);
        this.#list = list;
        this.onList?.(list);
        if (!this.parts.pane.hidden) this.#draw();
      }
    } catch (e) {
      if (rt === this.#rt) put(this.parts.note, /** @type {Error} */ (e).message);
      return;
    } finally {
      clearTimeout(late);
      clearTimeout(silent);
      if (isSilent && rt === this.#rt) this.onSilent(0);
      this.#asking = false;
    }
    this.#timer = window.setTimeout(() => void this.ask(), Math.max(ASK_MS, 4 * (performance.now() - asked)));
  }

  /** On one thread who looks on is answered, and nobody else goes on: then nothing changes.
   * @param {Goroutine[]} list */
  #lookOn(list) {
    const now = performance.now(), print = list.map(({ id, state, sinceNs }) => `${id} ${state} ${sinceNs}`).join();
    const isSame = print === this.#still.print && list.some(({ state }) => state === 'running');
    if (!isSame && this.#still.told) this.onSilent(0);
    if (!isSame) this.#still = { print, since: now, told: false };
    else if (!this.#still.told && now - this.#still.since >= SILENT_MS) {
      this.#still.told = true;
      this.onSilent(SILENT_MS / 1000);
    }
  }

  #draw() {
    const { parts } = this;
    parts.filter.disabled = parts.freeze.disabled = this.#list.length === 0;
    this.#drawOptions();
    const chosen = this.#list.filter((g) => passes(g, parts.filter.value));
    put(parts.note, this.#words(chosen.length));
    const shown = chosen.slice(0, MAX_ROWS);
    const ids = new Set(shown.map((g) => g.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    let at = parts.list.firstElementChild;
    for (const g of shown) {
      const row = this.#rows.get(g.id) ?? this.row(g.id);
      this.#rows.set(g.id, row);
      if (row.item === at) at = at.nextElementSibling;
      else parts.list.insertBefore(row.item, at);
      this.#fill(row, g);
    }
  }

  /** @param {number} chosen */
  #words(chosen) {
    if (!this.#list.length) return NOTHING;
    const all = plural(chosen, 'goroutine');
    const many = chosen > MAX_ROWS ? `The first ${MAX_ROWS} of ${all}` : all;
    if (!this.#rt) return `${many}, when last seen; the program has ended`;
    return this.#frozen ? `${many}, as they were; the program goes on` : many;
  }

  /** Options come and stay: a list that is open must not change under the pointer. */
  #drawOptions() {
    const { filter } = this.parts;
    const counts = tally(this.#list);
    if (!this.#list.length) {
      this.#options.clear();
      filter.replaceChildren();
    }
    for (const name of counts.keys()) {
      if (this.#options.has(name)) continue;
      const option = new Option('', name);
      this.#options.set(name, option);
      filter.append(option);
    }
    for (const [name, option] of this.#options) {
      put(option, `${name.replace(/^waiting: /, '\u2003')} (${count(counts.get(name) ?? 0)})`);
    }
  }

  /** An empty row. @param {number} id */
  row(id) {
    const item = make('li');
    const head = make('span', 'head');
    const swatch = make('i');
    const name = make('b');
    const state = make('span', 'state');
    const at = make('button', 'link');
    const from = make('span', 'from');
    const creator = make('span');
    const createdAt = make('button', 'link');
    swatch.style.background = cssColor(this.#palette, id);
    head.append(swatch, name, state);
    from.append(creator, createdAt);
    item.append(head, at, from);
    /** @type {{g: Goroutine | null}} */
    const shown = { g: null };
    for (const button of [at, createdAt]) button.type = 'button';
    at.addEventListener('click', () => shown.g?.site && this.onSite(shown.g.site));
    createdAt.addEventListener('click', () => shown.g?.createSite && this.onSite(shown.g.createSite));
    return { item, swatch, name, state, at, from, creator, createdAt, shown };
  }

  /** @param {ReturnType<GoroutinesPane['row']>} row @param {Goroutine} g */
  #fill(row, g) {
    row.shown.g = g;
    put(row.name, `G${g.id} ${g.name}`);
    put(row.state, `${doing(g)}, ${shortTime(g.sinceNs)}`);
    row.item.dataset.state = g.state;
    row.at.hidden = !g.site;
    if (g.site) put(row.at, `${g.state === 'waiting' || g.state === 'syscall' ? '' : 'last waited: '}${place(g.site)}`);
    row.from.hidden = !g.createSite;
    put(row.creator, `created by G${g.creator}, `);
    if (g.createSite) put(row.createdAt, place(g.createSite));
  }
}
