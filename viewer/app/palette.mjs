/**
 * A sheet with a box to type in and a list that narrows: all commands, or all lanes.
 */
import { el } from './parts.mjs';

/** @typedef {{title: string, keys?: string, run: () => void}} Entry */

/** More than this nobody reads: type on. */
const MOST_ROWS = 60;

export class Palette {
  constructor() {
    this.box = el('input', {
      type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list',
      'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false',
    });
    this.list = el('ul', { role: 'listbox', id: 'palette-list' });
    this.none = el('p', { class: 'none', role: 'status' });
    this.dialog = el('dialog', { class: 'palette' }, [this.box, this.list, this.none]);
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {Entry[]} that fit what was typed */
    this.shown = [];
    this.at = 0;
    this.box.addEventListener('input', () => this.narrow());
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** @param {string} label @param {Entry[]} entries */
  open(label, entries) {
    this.entries = entries;
    this.box.value = '';
    this.box.placeholder = label;
    this.list.setAttribute('aria-label', label);
    this.box.setAttribute('aria-label', label);
    this.dialog.setAttribute('aria-label', label);
    this.narrow();
    this.dialog.showModal();
    this.box.focus();
  }

  narrow() {
    this.shown = narrowed(this.entries, this.box.value).slice(0, MOST_ROWS);
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((entry, i) => {
      const row = el('li', { role: 'option', id: `palette-${i}`, 'aria-selected': 'false' }, [
        el('span', {}, [entry.title]), el('kbd', {}, [entry.keys ?? '']),
      ]);
      row.addEventListener('click', () => this.choose(entry));
      return row;
    }));
    this.list.hidden = !this.shown.length;
    this.none.textContent = this.shown.length ? '' : 'Nothing fits.';
    this.point(0);
  }

  /** @param {number} at */
  point(at) {
    const rows = [...this.list.children];
    rows[this.at]?.setAttribute('aria-selected', 'false');
    if (!rows.length) {
      this.box.removeAttribute('aria-activedescendant');
      return;
    }
    this.at = (at + rows.length) % rows.length;
    rows[this.at].setAttribute('aria-selected', 'true');
    rows[this.at].scrollIntoView({ block: 'nearest' });
    this.box.setAttribute('aria-activedescendant', `palette-${this.at}`);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) this.point(Math.abs(step) > 1 ? Math.min(this.shown.length - 1, Math.max(0, this.at + step))
      : this.at + step);
    else if (event.key === 'Enter') {
      const entry = this.shown[this.at];
      if (entry) this.choose(entry);
    } else return;
    event.preventDefault();
  }

  /** @param {Entry} entry */
  choose(entry) {
    this.dialog.close();
    entry.run();
  }
}

/**
 * Entries that have all words typed, those whose title begins with the text first.
 * @template {{title: string}} T
 * @param {T[]} entries @param {string} typed @returns {T[]}
 */
export function narrowed(entries, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return entries;
  const begins = (/** @type {T} */ entry) => Number(entry.title.toLowerCase().startsWith(typed.toLowerCase().trim()));
  return entries.filter((entry) => words.every((word) => entry.title.toLowerCase().includes(word)))
    .sort((a, b) => begins(b) - begins(a));
}
