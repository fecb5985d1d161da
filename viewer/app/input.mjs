/**
 * Pointer, wheel, touch and keys, translated into calls on the view. Knows no trace and draws nothing.
 */
import { commandFor } from './commands.mjs';
import { addViewer, hasOwnKeys, isKeyOf } from './keyowner.mjs';

/** Moving less than this many CSS pixels between press and release is a click. */
const CLICK_SLOP = 4;
/** A finger that rests this long on the lanes asks for details. */
const LONG_PRESS_MS = 450;
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
 * @property {() => void} commanded                          a key's command is about to run
 * @property {(code: string, axis: 'pan' | 'zoom', direction: 1 | -1) => void} hold   this key went down
 * @property {(code: string) => void} release
 * @property {() => void} releaseAll
 * @property {(share: number) => void} overviewTo            show the part of the trace around this share of it
 */

/**
 * Selecting an area, and what decides whether a drag does.
 * @typedef {object} AreaView
 * @property {(x: number, y: number) => void} areaBegin
 * @property {(x: number, y: number) => void} areaTo
 * @property {(kept: boolean) => void} areaEnd
 * @property {(x: number, y: number) => boolean} overEdge   an edge of the area is there: a drag moves it
 * @property {() => boolean} dragPans                       the user's setting
 * @property {(x: number, y: number) => void} longPress
 */

/** @typedef {{held: boolean, used: boolean}} SpaceKey   used: for a drag, so it was no tap */

/** One drag of one pointer, from press to release. */
class Drag {
  /** @param {LaneView & AreaView} view @param {HTMLElement} canvas */
  constructor(view, canvas) {
    this.view = view;
    this.canvas = canvas;
    /** @type {'' | 'pan' | 'area'} */
    this.does = '';
  }

  /** @param {'pan' | 'area'} what @param {{x: number, y: number}} from where it was pressed */
  begin(what, from) {
    this.does = what;
    this.canvas.classList.toggle('dragging', what === 'pan');
    this.view.leave();
    if (what === 'area') this.view.areaBegin(from.x, from.y);
  }

  /** @param {{x: number, y: number}} was @param {{x: number, y: number}} at */
  move(was, at) {
    if (this.does === 'area') this.view.areaTo(at.x, at.y);
    if (this.does !== 'pan') return;
    this.view.panPixels(at.x - was.x);
    this.view.scrollPixels(was.y - at.y);
  }

  /** @param {boolean} kept */
  end(kept) {
    if (this.does === 'area') this.view.areaEnd(kept);
    this.does = '';
    this.canvas.classList.remove('dragging');
  }
}

/**
 * Pointer and wheel on the lanes.
 * @param {HTMLCanvasElement} canvas @param {LaneView & AreaView} view @param {SpaceKey} space
 * @param {AbortSignal} signal
 */
export function listenToLanes(canvas, view, space, signal) {
  /** @type {Map<number, {x: number, y: number}>} pressed pointers */
  const pressed = new Map();
  /** Since the first press: far enough, or with two fingers, so that it is no click. */
  let moved = false;
  let timer = 0;
  const drag = new Drag(view, canvas);
  const place = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  /**
   * What this drag is for.
   * @param {PointerEvent} event @param {{x: number, y: number}} from @returns {'pan' | 'area'}
   */
  const purpose = (event, from) => {
    if (event.pointerType === 'touch' || (event.buttons & 4) !== 0) return 'pan';
    if (space.held) {
      space.used = true;
      return 'pan';
    }
    if (view.overEdge(from.x, from.y)) return 'area';
    return view.dragPans() !== event.shiftKey ? 'pan' : 'area';
  };
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 && event.button !== 1) return;
    if (event.button === 1) event.preventDefault();
    const at = place(event);
    pressed.set(event.pointerId, at);
    moved = pressed.size > 1;
    canvas.setPointerCapture(event.pointerId);
    clearTimeout(timer);
    if (moved) drag.end(false);
    else if (event.pointerType === 'touch') {
      timer = window.setTimeout(() => {
        moved = true;
        view.longPress(at.x, at.y);
        drag.begin('area', at);
      }, LONG_PRESS_MS);
    }
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const at = place(event);
    const was = pressed.get(event.pointerId);
    if (!was) {
      if (event.pointerType === 'touch') return;
      canvas.classList.toggle('edge', view.overEdge(at.x, at.y));
      view.hover(at.x, at.y);
      return;
    }
    moved ||= Math.hypot(at.x - was.x, at.y - was.y) > CLICK_SLOP;
    if (!moved) return;
    clearTimeout(timer);
    if (pressed.size === 2) pinch(pressed, event.pointerId, at, view);
    else {
      if (!drag.does) drag.begin(purpose(event, was), was);
      drag.move(was, at);
    }
    pressed.set(event.pointerId, at);
  };
  const up = (/** @type {PointerEvent} */ event) => {
    if (!pressed.delete(event.pointerId)) return;
    clearTimeout(timer);
    const { x, y } = place(event);
    drag.end(event.type === 'pointerup');
    if (event.type === 'pointerup' && event.button === 0 && pressed.size === 0 && !moved) view.click(x, y);
  };
  canvas.addEventListener('pointerdown', down, { signal });
  canvas.addEventListener('pointermove', move, { signal });
  canvas.addEventListener('pointerup', up, { signal });
  canvas.addEventListener('pointercancel', up, { signal });
  canvas.addEventListener('pointerleave', () => view.leave(), { signal });
  // A long press is ours; the browser's menu would end it.
  canvas.addEventListener('contextmenu', (event) => {
    if (pressed.size) event.preventDefault();
  }, { signal });
  canvas.addEventListener('dblclick', (event) => {
    const { x, y } = place(event);
    view.doubleClick(x, y);
  }, { signal });
  canvas.addEventListener('wheel', (event) => wheel(event, place(event).x, view), { signal, passive: false });
  signal.addEventListener('abort', () => clearTimeout(timer));
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
 * Keys that are this viewer's (keyowner.mjs) run its commands.
 * @param {HTMLElement} host @param {LaneView} view @param {import('./commands.mjs').Actions} actions
 * @param {() => boolean} busy true: a dialog has the keyboard @param {SpaceKey} space @param {AbortSignal} signal
 */
export function listenToKeys(host, view, actions, busy, space, signal) {
  addViewer(host, signal);
  /** @type {import('./commands.mjs').Command | null} it runs when its key goes up */
  let tapped = null;
  const down = (/** @type {KeyboardEvent} */ event) => {
    const [target] = event.composedPath();
    if (event.defaultPrevented || busy() || isEditable(target) || !isKeyOf(host, event)) return;
    // A button that has the focus keeps its own keys.
    if (hasOwnKeys(target) && (event.code === 'Space' || event.code === 'Enter')) return;
    const command = commandFor(event);
    if (!command) return;
    event.preventDefault();
    view.commanded();
    if (command.tap) {
      if (event.repeat) return;
      tapped = command;
      Object.assign(space, { held: true, used: false });
    } else if (command.hold && command.direction) view.hold(event.code, command.hold, command.direction);
    else command.run?.(actions);
  };
  const up = (/** @type {KeyboardEvent} */ event) => {
    view.release(event.code);
    if (!tapped?.codes.includes(event.code)) return;
    if (!space.used) tapped.run?.(actions);
    tapped = null;
    space.held = false;
  };
  document.addEventListener('keydown', down, { signal });
  document.addEventListener('keyup', up, { signal });
  window.addEventListener('blur', () => {
    view.releaseAll();
    tapped = null;
    space.held = false;
  }, { signal });
}

/** @param {EventTarget | undefined} target */
function isEditable(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** @param {number} files dropped at once */
export const oneAtATime = (files) => `Drop one file at a time: of these ${files} none was opened.`;

/**
 * Files dropped anywhere on the viewer.
 * @param {import('./element.mjs').GoroscopeViewer} host @param {AbortSignal} signal
 */
export function listenToDrops(host, signal) {
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
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    event.preventDefault();
    event.stopPropagation();
    if (files.length === 1) void host.open(files[0]);
    else host.say(oneAtATime(files.length));
  }, { signal });
}
