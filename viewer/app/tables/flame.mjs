/**
 * A flame graph: boxes as wide as the time below them, the outermost function on top. A click, or Enter, makes a box
 * the whole width; arrow keys walk; what is searched for keeps its colour while the rest fades.
 */
import { count, percent } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';

/** @typedef {import('../../trace/blocking.mjs').FlameNode} FlameNode */

/** Boxes narrower than this share of the width are left out: nobody could hit them. */
const LEAST = 0.0015;
const ROW = 20;
const MOST_DEPTH = 200;

/** A hue that one function keeps. @param {string} name */
function hueOf(name) {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return 10 + (Math.abs(hash) % 45);
}

export class Flame {
  /** @param {FlameNode} root @param {{unit: 'time' | 'count', label: string}} how */
  constructor(root, { unit, label }) {
    this.root = root;
    this.unit = unit;
    /** @type {FlameNode[]} from the root to what fills the width */
    this.path = [root];
    this.search = '';
    this.way = el('div', { class: 'way' });
    this.graph = el('div', { class: 'flame', role: 'tree', 'aria-label': label });
    this.graph.addEventListener('keydown', (event) => this.key(event));
    this.node = el('div', { class: 'flamebox' }, [this.way, this.graph]);
    this.draw();
  }

  /** @param {FlameNode} node */
  amount(node) {
    return this.unit === 'time' ? `${shortTime(node.ns)} in ${count(node.count)}` : `${count(node.ns)} samples`;
  }

  /** @param {string} text */
  find(text) {
    this.search = text.trim().toLowerCase();
    this.draw();
  }

  /** @param {FlameNode[]} path */
  zoom(path) {
    this.path = path;
    this.draw();
    this.graph.querySelector('button')?.focus();
  }

  draw() {
    const top = this.path[this.path.length - 1];
    /** @type {HTMLElement[]} */
    const boxes = [];
    let deepest = 0, found = 0;
    const matches = (/** @type {FlameNode} */ n) => this.search !== '' && n.name.toLowerCase().includes(this.search);
    /** @type {(node: FlameNode, path: FlameNode[], left: number, depth: number, counted: boolean) => void} */
    const place = (node, path, left, depth, counted) => {
      const share = top.ns ? node.ns / top.ns : 0;
      if ((share < LEAST && depth > 0) || depth > MOST_DEPTH) return;
      deepest = Math.max(deepest, depth);
      const hit = matches(node);
      if (hit && !counted) found += node.ns;
      boxes.push(this.box(node, path, left, share, depth, hit));
      let at = left;
      for (const child of node.children) {
        place(child, [...path, child], at, depth + 1, counted || hit);
        at += top.ns ? child.ns / top.ns : 0;
      }
    };
    place(top, this.path, 0, 0, false);
    boxes[0]?.setAttribute('tabindex', '0');
    this.graph.style.height = `${(deepest + 1) * ROW}px`;
    this.graph.replaceChildren(...boxes);
    const share = top.ns ? percent(found / top.ns) : '0%';
    const searched = this.search ? [` — “${this.search}”: ${share} of it`] : [];
    this.way.replaceChildren(...(this.path.length > 1 ? [this.back(), ' '] : []),
      `${top === this.root ? 'All' : top.name}: ${this.amount(top)}`, ...searched);
  }

  back() {
    const button = el('button', { type: 'button' }, ['Show all']);
    button.addEventListener('click', () => this.zoom([this.root]));
    return button;
  }

  /**
   * @param {FlameNode} node @param {FlameNode[]} path @param {number} left @param {number} share @param {number} depth
   * @param {boolean} hit
   */
  box(node, path, left, share, depth, hit) {
    const name = node === this.root ? 'all' : node.name || 'unknown function';
    const place = node.file ? `\n${node.file}:${node.line}` : '';
    const box = el('button', { type: 'button', role: 'treeitem', tabindex: '-1', 'aria-level': String(depth + 1),
      title: `${name}${place}\n${this.amount(node)} (${percent(share)} of what is shown)` }, [name]);
    box.setAttribute('aria-label', `${name}, ${this.amount(node)}`);
    box.style.left = `${100 * left}%`;
    box.style.width = `${100 * share}%`;
    box.style.top = `${depth * ROW}px`;
    box.style.setProperty('--hue', String(hueOf(name)));
    if (this.search) box.classList.add(hit ? 'found' : 'faded');
    box.addEventListener('click', () => this.zoom(path.length === this.path.length ? [this.root] : path));
    return box;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const boxes = /** @type {HTMLElement[]} */ ([...this.graph.children]);
    const at = boxes.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const level = (/** @type {number} */ i) => Number(boxes[i].getAttribute('aria-level'));
    let to = at;
    if (event.key === 'ArrowDown' && at + 1 < boxes.length && level(at + 1) > level(at)) to = at + 1;
    else if (event.key === 'ArrowUp') while (to > 0 && level(to) >= level(at)) to--;
    else if (event.key === 'ArrowRight') {
      do to++; while (to < boxes.length && level(to) > level(at));
      if (to === boxes.length || level(to) < level(at)) to = at;
    } else if (event.key === 'ArrowLeft') {
      do to--; while (to >= 0 && level(to) > level(at));
      if (to < 0 || level(to) < level(at)) to = at;
    } else if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    event.stopPropagation();
    boxes[at].tabIndex = -1;
    boxes[to].tabIndex = 0;
    boxes[to].focus();
  }
}
