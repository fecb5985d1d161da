/**
 * Pointer, wheel, touch and keys, translated into calls on the view. Knows no trace and draws nothing.
 */
import { commandFor } from './commands.mjs';

/** Moving less than this many CSS pixels between press and release is a click. */
const CLICK_SLOP = 4;
/** Zoom per wheel pixel; 0.01 is what browsers use to turn a pinch into wheel events. */
const WHEEL_ZOOM = 0.01;
/** One notch of a mouse wheel zooms by no more than exp(0.3). */
const WHEEL_ZOOM_MAX = 0.3;
const LINE_PIXELS = 18;

/**
 * @typedef {object} LaneView
 * @property {(factor: number, x: number) => void} zoomAtX   factor < 1 zooms in; x in CSS pixels of the canvas
 * @property {(dx: number) => void} panPixels                the content moves by dx
 * @property {(dy: number) => boolean} scrollPixels          the lanes move up by dy; false = nothing to scroll
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} leave
 * @property {(x: number, y: number) => void} click
 * @property {(x: number, y: number) => void} doubleClick
 * @property {() => void} wheelHint                          the wheel did nothing: say what would
 * @property {(code: string, axis: 'pan' | 'zoom', direction: 1 | -1) => void} hold   this key went down
 * @property {(code: string) => void} release
 * @property {() => void} releaseAll
 * @property {(share: number) => void} overviewTo            show the part of the trace around this share of it
 */

/**
 * Pointer and wheel on the lanes.
 * @param {HTMLCanvasElement} canvas @param {LaneView} view @param {AbortSignal} signal
 */
export function listenToLanes(canvas, view, signal) {
  /** @type {Map<number, {x: number, y: number}>} pressed pointers */
  const pressed = new Map();
  /** Since the first press: far enough, or with two fingers, so that it is no click. */
  let dragging = false;
  const place = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 && event.button !== 1) return;
    if (event.button === 1) event.preventDefault();
    pressed.set(event.pointerId, place(event));
    dragging = pressed.size > 1;
    canvas.setPointerCapture(event.pointerId);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const at = place(event);
    const was = pressed.get(event.pointerId);
    if (!was) {
      if (event.pointerType !== 'touch') view.hover(at.x, at.y);
      return;
    }
    dragging ||= Math.hypot(at.x - was.x, at.y - was.y) > CLICK_SLOP;
    if (!dragging) return;
    if (pressed.size === 2) pinch(pressed, event.pointerId, at, view);
    else {
      canvas.classList.add('dragging');
      view.leave();
      view.panPixels(at.x - was.x);
      view.scrollPixels(was.y - at.y);
    }
    pressed.set(event.pointerId, at);
  };
  const up = (/** @type {PointerEvent} */ event) => {
    if (!pressed.delete(event.pointerId)) return;
    canvas.classList.remove('dragging');
    const { x, y } = place(event);
    if (event.type === 'pointerup' && event.button === 0 && pressed.size === 0 && !dragging) view.click(x, y);
  };
  canvas.addEventListener('pointerdown', down, { signal });
  canvas.addEventListener('pointermove', move, { signal });
  canvas.addEventListener('pointerup', up, { signal });
  canvas.addEventListener('pointercancel', up, { signal });
  canvas.addEventListener('pointerleave', () => view.leave(), { signal });
  canvas.addEventListener('dblclick', (event) => {
    const { x, y } = place(event);
    view.doubleClick(x, y);
  }, { signal });
  canvas.addEventListener('wheel', (event) => wheel(event, place(event).x, view), { signal, passive: false });
}

/**
 * Two fingers: zoom about their middle, and pan with it.
 * @param {Map<number, {x: number, y: number}>} pressed @param {number} id @param {{x: number, y: number}} at
 * @param {LaneView} view
 */
function pinch(pressed, id, at, view) {
  const was = /** @type {{x: number, y: number}} */ (pressed.get(id));
  const other = [...pressed].find(([pointer]) => pointer !== id)?.[1];
  if (!other) return;
  const before = Math.max(24, Math.abs(was.x - other.x));
  const after = Math.max(24, Math.abs(at.x - other.x));
  view.zoomAtX(before / after, (at.x + other.x) / 2);
  view.panPixels((at.x - was.x) / 2);
  view.scrollPixels((was.y - at.y) / 2);
}

/** @param {WheelEvent} event @param {number} x @param {LaneView} view */
function wheel(event, x, view) {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
  const dx = event.deltaX * unit;
  const dy = event.deltaY * unit;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    view.zoomAtX(Math.exp(Math.min(WHEEL_ZOOM_MAX, Math.max(-WHEEL_ZOOM_MAX, dy * WHEEL_ZOOM))), x);
  } else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) {
    event.preventDefault();
    view.panPixels(-(Math.abs(dx) > Math.abs(dy) ? dx : dy));
  } else if (view.scrollPixels(dy)) event.preventDefault();
  else view.wheelHint();
}

/**
 * Press and drag on the overview strip.
 * @param {HTMLCanvasElement} canvas @param {LaneView} view @param {() => {gutter: number, plot: number}} layout
 * @param {AbortSignal} signal
 */
export function listenToOverview(canvas, view, layout, signal) {
  const go = (/** @type {PointerEvent} */ event) => {
    const { gutter, plot } = layout();
    view.overviewTo((event.clientX - canvas.getBoundingClientRect().left - gutter) / plot);
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    go(event);
  }, { signal });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) go(event);
  }, { signal });
}

/**
 * Keys work when the viewer has the focus, and also when nothing has it and the pointer is over the viewer.
 * @param {HTMLElement} host @param {LaneView} view @param {import('./commands.mjs').Actions} actions
 * @param {() => boolean} busy true: a dialog has the keyboard @param {AbortSignal} signal
 */
export function listenToKeys(host, view, actions, busy, signal) {
  const ours = () => {
    const active = document.activeElement;
    return active === host || ((!active || active === document.body) && host.matches(':hover'));
  };
  const down = (/** @type {KeyboardEvent} */ event) => {
    const [target] = event.composedPath();
    if (event.defaultPrevented || busy() || isEditable(target) || !ours()) return;
    // A button that has the focus keeps its own keys.
    if (target instanceof HTMLButtonElement && (event.code === 'Space' || event.code === 'Enter')) return;
    const command = commandFor(event);
    if (!command) return;
    event.preventDefault();
    if (command.hold && command.direction) view.hold(event.code, command.hold, command.direction);
    else command.run?.(actions);
  };
  document.addEventListener('keydown', down, { signal });
  document.addEventListener('keyup', (event) => view.release(event.code), { signal });
  window.addEventListener('blur', () => view.releaseAll(), { signal });
}

/** @param {EventTarget | undefined} target */
function isEditable(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/**
 * Files dropped anywhere on the viewer.
 * @param {HTMLElement} host @param {(file: File) => void} open @param {AbortSignal} signal
 */
export function listenToDrops(host, open, signal) {
  const over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    host.toggleAttribute('data-drop', true);
  };
  host.addEventListener('dragenter', over, { signal });
  host.addEventListener('dragover', over, { signal });
  host.addEventListener('dragleave', (event) => {
    if (!(event.relatedTarget instanceof Node && host.contains(event.relatedTarget)))
      host.toggleAttribute('data-drop', false);
  }, { signal });
  host.addEventListener('drop', (event) => {
    host.toggleAttribute('data-drop', false);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    open(file);
  }, { signal });
}
