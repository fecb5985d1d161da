// The chosen demo's C source, with the line marked that the selected span ended at.

export class SourcePane {
  #name = '';
  #loaded = '';
  #isEditable = false;
  /** The source that shows. */
  text = '';
  /** Why there is none. */
  #reason = '';

  /** @param {HTMLElement} pane scrolls @param {HTMLElement} box its lines @param {HTMLElement} edit leads on */
  constructor(pane, box, edit) {
    this.pane = pane;
    this.box = box;
    this.edit = edit;
  }


  /** @param {string} name a demo's @param {boolean} isEditable it runs in a playground as it does here */
  choose(name, isEditable) {
    this.#name = name;
    this.#isEditable = isEditable;
    if (!this.pane.hidden) void this.show();
  }

  /** There is no source to show. @param {string} reason a sentence */
  none(reason) {
    this.#name = '';
    this.#reason = reason;
    this.#say(reason);
  }

  /** Fetches and shows the source when it is not there yet. */
  async show() {
    const name = this.#name;
    if (this.#loaded === name && name) return;
    if (!name) {
      this.#say(this.#reason);
      return;
    }
    const response = await fetch(new URL(`demos/${name}.c`, document.baseURI)).catch(() => null);
    const text = response?.ok ? await response.text() : null;
    if (name !== this.#name) return; // another was chosen meanwhile
    if (text === null) {
      this.#say(`The source of ${name} could not be fetched.`);
      return;
    }
    this.#loaded = name;
    this.text = text;
    this.box.replaceChildren(...text.replace(/\n$/, '').split('\n').map((line) => {
      const row = document.createElement('div');
      row.textContent = line || ' ';
      return row;
    }));
    this.edit.hidden = !this.#isEditable;
    this.pane.scrollTop = 0;
  }

  /** @param {{file: string, line: number} | null | undefined} site */
  mark(site) {
    for (const row of this.box.querySelectorAll('.marked')) row.classList.remove('marked');
    const file = site?.file.slice(site.file.lastIndexOf('/') + 1);
    if (!site || file !== `${this.#loaded}.c`) return;
    const row = this.box.children[site.line - 1];
    row?.classList.add('marked');
    if (!this.pane.hidden) row?.scrollIntoView({ block: 'center' });
  }

  /** @param {string} text */
  #say(text) {
    this.#loaded = '';
    this.edit.hidden = true;
    this.box.textContent = text;
  }
}
