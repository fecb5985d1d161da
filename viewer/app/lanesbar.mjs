/**
 * The strip above the lanes: which groups are open, a field that filters lanes, how goroutines are put together, the
 * overlay; and the menu of one lane.
 */
import { GROUPS } from '../view/groups.mjs';
import { KINDS } from '../view/kinds.mjs';
import { count } from '../view/numbers.mjs';
import { el } from './parts.mjs';

/** @typedef {import('./lanesview.mjs').LanesView} LanesView */
/** @typedef {import('./lanelist.mjs').LaneList} LaneList */

/** @type {ReadonlyArray<[import('../view/groups.mjs').GoOrder, string]>} */
const ORDERS = [['fn', 'by function'], ['family', 'by family'], ['none', 'in a row']];

export class LanesBar {
  /** @param {HTMLElement} holder @param {LanesView} view */
  constructor(holder, view) {
    this.holder = holder;
    this.view = view;
    this.shown = '';
    /** @type {HTMLElement | null} */
    this.menu = null;
    this.filter = el('input',
      { type: 'search', placeholder: 'Find lanes', 'aria-label': 'Find lanes', size: '12' });
    this.filter.addEventListener('input', () => view.filter(this.filter.value));
    this.filter.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.filter.value) return;
      event.stopPropagation();
      this.filter.value = '';
      view.filter('');
    });
    this.order = el('select', { 'aria-label': 'Goroutines' }, ORDERS.map(([by, text]) =>
      el('option', { value: by }, [text])));
    this.order.addEventListener('change', () =>
      view.groupBy(/** @type {import('../view/groups.mjs').GoOrder} */ (this.order.value)));
    this.overlay = el('button',
      { type: 'button', title: 'GC and stops of the world over all lanes (O)' }, ['GC/STW']);
    this.overlay.addEventListener('click', () => view.toggleOverlay());
    this.hidden = el('button', { type: 'button' });
    this.hidden.addEventListener('click', () => view.showHidden());
    /** A group was opened by its chip, whose lanes may be far from it. @type {(group: string) => void} */
    this.onOpened = () => {};
    /** Reads the trace once more, with all lanes. */
    this.onRead = () => {};
    this.read = el('button', { type: 'button', title: 'Takes more time and memory, for a large file' },
      ['Read goroutines, too']);
    this.read.addEventListener('click', () => this.onRead());
    /** @type {Map<string, HTMLButtonElement>} */
    this.chips = new Map(GROUPS.map(({ id }) => {
      const chip = el('button', { type: 'button', class: 'chip' });
      chip.addEventListener('click', () => {
        view.toggle(id);
        if (view.isOpen(id)) this.onOpened(id);
      });
      return [id, chip];
    }));
    this.denied = el('span', { role: 'note',
      title: 'Goroutines beyond them are in the tables, and on the lanes of Ps where they run' });
    this.coming = el('span', { role: 'note', class: 'coming' }, ['Reading goroutines …']);
    holder.append(...this.chips.values(), this.coming, this.denied, this.read, this.order, this.overlay, this.hidden,
      this.filter);
    holder.hidden = true;
  }

  focus() {
    this.filter.focus();
    this.filter.select();
  }

  /** @param {LaneList | null} list @param {boolean} lean lanes of goroutines were left out */
  show(list, lean) {
    const { view } = this;
    const { arrangement } = view;
    this.holder.hidden = !list || list.all.length === 0;
    if (!list) return;
    // Of a file they come last.
    const isComing = !lean && list.info?.state !== 'live' && list.info?.lanesDone === false;
    const state = `${list.version} ${view.version} ${lean} ${isComing}`;
    if (state === this.shown) return;
    this.shown = state;
    /** @type {Map<string, number>} */
    const counts = new Map([['pinned', arrangement.pinned.length]]);
    for (const { kind } of list.all) {
      const { group } = KINDS[kind];
      if (kind !== 'region' && kind !== 'range' && kind !== 'stw' && kind !== 'gc')
        counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    for (const { id, title } of GROUPS) {
      const chip = this.chips.get(id);
      const n = counts.get(id) ?? 0;
      if (!chip) continue;
      chip.hidden = n === 0;
      chip.textContent = `${title} ${count(n)}`;
      chip.setAttribute('aria-pressed', String(view.isOpen(id)));
    }
    this.order.hidden = !counts.get('go') || !view.isOpen('go');
    this.order.value = arrangement.by;
    this.overlay.hidden = !list.byKey('stw:0') && !list.byKey('gc:0');
    this.overlay.setAttribute('aria-pressed', String(view.overlay));
    this.coming.hidden = !isComing;
    this.denied.hidden = list.denied === 0;
    this.denied.textContent = `${count(list.denied)} more lanes than are kept`;
    this.read.hidden = !lean;
    this.hidden.hidden = arrangement.hidden.length === 0;
    this.hidden.textContent = `Show ${count(arrangement.hidden.length)} hidden`;
    if (this.filter.value !== arrangement.filter) this.filter.value = arrangement.filter;
  }

  /**
   * The menu of a lane, where its name was clicked.
   * @param {HTMLElement} viewport @param {import('../view/groups.mjs').Row} row @param {number} x @param {number} y
   */
  openMenu(viewport, row, x, y) {
    this.menu?.remove();
    const { view } = this;
    const { key } = row;
    const close = () => {
      const { menu } = this;
      this.menu = null; // first: removing it takes the focus away, which closes it
      menu?.remove();
    };
    const item = (/** @type {string} */ text, /** @type {() => void} */ run) => {
      const node = el('button', { type: 'button', role: 'menuitem' }, [text]);
      node.addEventListener('click', () => {
        close();
        viewport.querySelector('canvas')?.focus();
        run();
      });
      return node;
    };
    const pinned = view.arrangement.pinned.includes(key);
    const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': `Lane ${row.name || key}` }, [
      item(pinned ? 'Unpin' : 'Pin to the top', () => view.pin(key)),
      item('Hide', () => view.hide(key)),
      item('Move up', () => view.move(key, -1)),
      item('Move down', () => view.move(key, 1)),
    ]);
    menu.addEventListener('keydown', (event) => menuKey(event, menu, () => {
      close();
      viewport.querySelector('canvas')?.focus();
    }));
    menu.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node && menu.contains(event.relatedTarget))) close();
    });
    viewport.append(menu);
    this.menu = menu;
    menu.style.left = `${Math.max(4, Math.min(x, viewport.clientWidth - menu.offsetWidth - 4))}px`;
    menu.style.top = `${Math.max(4, Math.min(y, viewport.clientHeight - menu.offsetHeight - 4))}px`;
    /** @type {HTMLElement} */ (menu.firstChild).focus();
  }
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function menuKey(event, menu, close) {
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);
  const at = items.findIndex((node) => node === /** @type {ShadowRoot} */ (menu.getRootNode()).activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === 'Escape') close();
  else if (step) items[(at + step + items.length) % items.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
