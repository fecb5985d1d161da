/** The edge that a panel is made higher or lower by: dragged, or moved by the arrow keys. */
import { el } from './parts.mjs';

const KEY_STEP = 24;

/** Says how far it was moved by the event `resize-by`: px, upwards. */
export class Splitter {
  constructor() {
    this.node = el('div', { class: 'splitter', role: 'separator', tabindex: '0', 'aria-orientation': 'horizontal',
      'aria-label': 'Height of the tables', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '45' });
    let from = 0;
    this.node.addEventListener('pointerdown', (event) => {
      from = event.clientY;
      this.node.setPointerCapture(event.pointerId);
    });
    this.node.addEventListener('pointermove', (event) => {
      if (!this.node.hasPointerCapture(event.pointerId)) return;
      this.move(from - event.clientY);
      from = event.clientY;
    });
    this.node.addEventListener('keydown', (event) => {
      const dy = { ArrowUp: KEY_STEP, ArrowDown: -KEY_STEP }[event.key];
      if (!dy) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(dy);
    });
  }

  /** @param {number} dy */
  move(dy) {
    if (dy) this.node.dispatchEvent(new CustomEvent('resize-by', { detail: dy }));
  }

  /** @param {number} share of the height there is */
  say(share) {
    this.node.setAttribute('aria-valuenow', String(Math.round(100 * share)));
  }
}
