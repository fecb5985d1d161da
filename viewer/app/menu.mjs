/**
 * A button that opens a short list of choices; arrow keys move in it, Esc closes it.
 */
import { el } from './parts.mjs';

/** Between a menu and the edge, px; a menu has at least so much room. */
const EDGE = 6, LEAST = 90;

/** Room from its top to where the element that it is in ends, or the window. @param {HTMLElement} list */
function roomBelow(list) {
  const root = list.getRootNode(), host = root instanceof ShadowRoot ? root.host : document.documentElement;
  const end = Math.min(host.getBoundingClientRect().bottom, innerHeight);
  return Math.max(LEAST, end - list.getBoundingClientRect().top - EDGE);
}

/**
 * @param {string} label on the button @param {string} title
 * @param {ReadonlyArray<{title: string, run: () => void, can?: () => boolean}>} choices can: asked when it opens
 * @returns {{node: HTMLElement, button: HTMLButtonElement}}
 */
export function makeMenu(label, title, choices) {
  const button = el('button', { type: 'button', title, 'aria-haspopup': 'menu', 'aria-expanded': 'false' }, [label]);
  const list = el('div', { class: 'menu', role: 'menu', 'aria-label': label, hidden: '' });
  const node = el('span', { class: 'menu-holder' }, [button, list]);
  const items = choices.map((choice) => {
    const item = el('button', { type: 'button', role: 'menuitem', tabindex: '-1' }, [choice.title]);
    item.addEventListener('click', () => {
      show(false);
      choice.run();
    });
    return item;
  });
  list.append(...items);
  /** @param {boolean} open */
  const show = (open) => {
    for (const [i, { can }] of choices.entries()) items[i].hidden = can ? !can() : false;
    list.hidden = !open;
    if (open) list.style.maxHeight = `${roomBelow(list)}px`;
    button.setAttribute('aria-expanded', String(open));
    if (open) items.find((item) => !item.hidden)?.focus();
    else button.focus();
  };
  button.addEventListener('click', () => show(list.hidden));
  list.addEventListener('keydown', (event) => {
    const shown = items.filter((item) => !item.hidden);
    const at = shown.findIndex((item) => item === event.target);
    const to = event.key === 'ArrowDown' ? at + 1 : event.key === 'ArrowUp' ? at - 1 : event.key === 'Home' ? 0
      : event.key === 'End' ? shown.length - 1 : -2;
    if (event.key === 'Escape') show(false);
    else if (to !== -2) shown[(to + shown.length) % shown.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  node.addEventListener('focusout', (event) => {
    if (!list.hidden && !(event.relatedTarget instanceof Node && node.contains(event.relatedTarget))) {
      list.hidden = true;
      button.setAttribute('aria-expanded', 'false');
    }
  });
  return { node, button };
}
