// The program as text, in the editor's place where that could not be loaded. It has what the element calls of an
// editor, so nothing else needs to know; nobody changes it by hand.

/** @typedef {import('./editor.mjs').Rules} Rules */

/** What stands above the text. It stays: it holds for every run. */
const NOTE = 'The editor could not be loaded: the program shows as text, and runs as it is.';

export class PlainText {
  /** @type {Map<string, string>} */
  #texts = new Map();
  #shown = '';
  /** @type {Rules} */
  #rules = { locked: [], isReadOnly: false };
  #onChange;
  #text = document.createElement('pre');

  /** @param {HTMLElement} parent @param {(name: string, text: string) => void} onChange a file's text is another one */
  constructor(parent, onChange) {
    this.#onChange = onChange;
    const note = document.createElement('p');
    note.textContent = NOTE;
    note.setAttribute('role', 'status');
    this.#text.tabIndex = 0;
    const node = document.createElement('div');
    node.className = 'plain-text';
    node.append(note, this.#text);
    parent.replaceChildren(node);
  }

  /** @param {ReadonlyMap<string, string>} files name -> text @param {Rules} rules */
  open(files, rules) {
    this.#texts = new Map(files);
    this.rule(rules);
    this.show([...files.keys()][0] ?? '');
  }

  /** @param {Rules} rules */
  rule(rules) {
    this.#rules = rules;
  }

  get locked() {
    return this.#rules.locked;
  }

  /** @param {string} name */
  show(name) {
    this.#shown = name;
    const lines = (this.#texts.get(name) ?? '').split('\n'), { length } = lines;
    this.#text.setAttribute('aria-label', `${name}: the program`);
    this.#text.replaceChildren(...lines.map((line, i) => {
      const node = document.createElement('span');
      node.textContent = i < length - 1 ? `${line}\n` : line;
      return node;
    }));
  }

  /** @param {string} name @param {string} text */
  replace(name, text) {
    this.#texts.set(name, text);
    if (name === this.#shown) this.show(name);
    this.#onChange(name, text);
  }

  /** Leads to a line. @param {string} name @param {number} line @param {boolean} focus */
  reach(name, line, focus) {
    if (name !== this.#shown) this.show(name);
    const lines = [...this.#text.children], reached = lines[Math.min(Math.max(line, 1), lines.length) - 1];
    for (const node of lines) node.classList.toggle('reached', node === reached);
    reached?.scrollIntoView({ block: 'nearest' });
    if (focus) this.#text.focus();
  }

  /** Complaints are listed below. */
  complain() {}

  /** Where goroutines are is listed beside the output. */
  mark() {}
}
