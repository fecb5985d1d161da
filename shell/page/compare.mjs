// Two runs beside each other: what the timeline shows is kept below it, on the same axis, while another program, seed
// or number of Ps runs, or another file is opened, above.

/** @typedef {import('../../viewer/app/element.mjs').GoroscopeViewer} Viewer */

export class ComparePane {
  /** @type {Viewer | null} what is kept */
  #kept = null;

  /**
   * @param {Viewer} viewer @param {HTMLElement} pane below it @param {HTMLButtonElement} button
   * @param {{nameOf: () => string, say: (sentence: string) => void}} page nameOf: what is shown, for its heading
   */
  constructor(viewer, pane, button, { nameOf, say }) {
    this.viewer = viewer;
    this.pane = pane;
    this.say = say;
    const find = (/** @type {string} */ part) =>
      /** @type {HTMLElement} */ (pane.querySelector(`[data-part="${part}"]`));
    this.heading = find('name');
    this.holder = find('holder');
    find('close').addEventListener('click', () => this.close());
    button.addEventListener('click', () => void this.keep(() => viewer.save(), nameOf()));
    viewer.addEventListener('compare', (event) => {
      event.preventDefault();
      const { file } = /** @type {CustomEvent<{file: File}>} */ (event).detail;
      void this.keep(async () => file, file.name);
    });
  }

  /** @param {() => Promise<Blob>} bytesOf @param {string} name */
  async keep(bytesOf, name) {
    try {
      const bytes = await bytesOf();
      this.close();
      const kept = /** @type {Viewer} */ (document.createElement('goroscope-viewer'));
      this.setTheme(this.viewer.getAttribute('theme') ?? '', kept);
      this.holder.append(kept);
      this.heading.textContent = name;
      this.pane.hidden = false;
      this.#kept = kept;
      if (await kept.open(bytes, { name }) && this.#kept === kept) this.viewer.compareWith(kept);
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} theme */
  setTheme(theme, kept = this.#kept) {
    if (theme) kept?.setAttribute('theme', theme);
  }

  close() {
    this.viewer.compareWith(null);
    this.#kept?.close();
    this.#kept?.remove();
    this.#kept = null;
    this.pane.hidden = true;
  }
}
