// The row of controls: settings in, settings out, and what of it can be used now.
import { MAX_PROCS, joinArgs, wholeNumber } from '../playground/typed.mjs';

/** @typedef {import('./settings.mjs').Settings} Settings */
/**
 * @typedef {{name: string, title: string, what: string, args: string[], file: string | null,
 *   hasImage: boolean, fetches?: boolean}} Demo fetches: from the server of the page
 */

/** @template {HTMLElement} T @param {string} id @returns {T} */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element #${id}`);
  return /** @type {T} */ (node);
}

export class Controls {
  form = /** @type {HTMLFormElement} */ (byId('controls'));
  demo = /** @type {HTMLSelectElement} */ (byId('demo'));
  procs = /** @type {HTMLInputElement} */ (byId('procs'));
  mode = /** @type {HTMLSelectElement} */ (byId('mode'));
  seed = /** @type {HTMLInputElement} */ (byId('seed'));
  clock = /** @type {HTMLSelectElement} */ (byId('clock'));
  args = /** @type {HTMLInputElement} */ (byId('args'));
  run = /** @type {HTMLButtonElement} */ (byId('run'));
  stop = /** @type {HTMLButtonElement} */ (byId('stop'));
  save = /** @type {HTMLButtonElement} */ (byId('save'));
  compare = /** @type {HTMLButtonElement} */ (byId('compare'));

  /**
   * @param {Demo[]} demos @param {Settings} settings @param {boolean} threads this page can run threads
   * @param {() => void} onChange
   */
  constructor(demos, settings, threads, onChange) {
    this.base = settings;
    this.threads = threads;
    this.demos = demos;
    this.demo.replaceChildren(...demos.map((d) => new Option(d.title, d.name)));
    if (settings.program) this.addProgram(settings.program);
    this.demo.disabled = false;
    this.run.disabled = false;
    this.put(settings);
    this.mode.options[1].disabled = !threads;
    this.#setUpMore();
    this.form.addEventListener('change', (e) => {
      if (e.target === this.demo) this.args.value = joinArgs(this.chosen?.args ?? []);
      this.#settle();
      onChange();
    });
  }

  /** The chosen bundled demo, null for another program. @returns {Demo | null} */
  get chosen() {
    return this.demos.find((d) => d.name === this.demo.value) ?? null;
  }

  /** What the chosen program is called. */
  get title() {
    return this.demo.selectedOptions[0]?.textContent ?? '';
  }

  /** A program of one's own becomes a choice, and is chosen. @param {string} address or file name */
  addProgram(address) {
    const title = address.slice(address.lastIndexOf('/') + 1);
    const option = new Option(title, `program:${address}`);
    this.demo.querySelector('option[value^="program:"]')?.remove();
    this.demo.append(option);
    option.selected = true;
    this.args.value = '';
  }

  /** @param {Settings} settings */
  put(settings) {
    this.demo.value = settings.program ? `program:${settings.program}` : settings.demo;
    if (this.demo.selectedIndex < 0) this.demo.selectedIndex = 0; // an address may name a demo that is not there
    this.procs.value = String(settings.procs);
    this.mode.value = settings.mode === 'threads' && !this.threads ? 'auto' : settings.mode;
    this.seed.value = String(settings.seed);
    this.clock.value = settings.clock;
    this.args.value = settings.args ?? joinArgs(this.chosen?.args ?? []);
    this.#settle();
  }

  /** The program that runs has so many now: a run that begins next has as many. @param {number} procs */
  setProcs(procs) {
    this.procs.value = String(procs);
  }

  /** @returns {Settings} */
  get settings() {
    const { base } = this;
    const typed = this.args.value.trim();
    return {
      demo: this.chosen?.name ?? '',
      program: this.chosen ? '' : this.demo.value.replace(/^program:/, ''),
      procs: wholeNumber(this.procs.value, 1, MAX_PROCS, base.procs),
      mode: /** @type {Settings['mode']} */ (this.mode.value),
      seed: wholeNumber(this.seed.value, 0, Number.MAX_SAFE_INTEGER, base.seed),
      clock: this.clock.value === 'virtual' ? 'virtual' : 'measured',
      args: typed === joinArgs(this.chosen?.args ?? []) ? null : typed,
      run: base.run,
      file: '',
    };
  }

  /** In a narrow window the rarer settings wait behind a button. */
  #setUpMore() {
    const more = byId('more');
    const extra = byId('extra');
    /** @param {boolean} open */
    const show = (open) => {
      extra.classList.toggle('open', open);
      more.setAttribute('aria-expanded', String(open));
    };
    more.addEventListener('click', () => show(more.getAttribute('aria-expanded') !== 'true'));
    document.addEventListener('pointerdown', (e) => {
      if (!e.composedPath().some((node) => node === extra || node === more)) show(false);
    });
    this.form.addEventListener('keydown', (e) => {
      if (e.key === 'Escape') show(false);
    });
  }

  /** Seed and clock mean something in sim mode only. */
  #settle() {
    const sim = this.mode.value === 'sim' || !this.threads;
    this.seed.disabled = !sim;
    this.clock.disabled = !sim;
  }
}
