/**
 * What a goroutine's states look like: a colour and a pattern each, so that no state is told by colour alone.
 */
import { context2d } from './theme.mjs';

/** States of items; mirrors STATE in viewer/trace/types.mjs. */
export const RUNNING = 0;
export const SYSCALL = 1;
export const STOPPED = 2;
export const RUNNABLE = 3;
export const WAITING = 4;
export const SYSCALL_NO_P = 5;
export const ON = 6;
export const P_ONLY = 7;

/**
 * By state: the CSS property of its colour (without "--goroscope-"), the pattern over it, what it is called.
 * @type {ReadonlyArray<{color: string, pattern: 'none' | 'hatch' | 'dots' | 'bars' | 'lines', word: string}>}
 */
export const STATES = [
  { color: 'running', pattern: 'none', word: 'running' },
  { color: 'syscall', pattern: 'lines', word: 'in a system call' },
  { color: 'stopped', pattern: 'none', word: 'the world is stopped' },
  { color: 'runnable', pattern: 'hatch', word: 'runnable' },
  { color: 'waiting', pattern: 'dots', word: 'waiting' },
  { color: 'no-p', pattern: 'bars', word: 'in a system call, its P taken' },
  { color: 'on', pattern: 'none', word: 'on' },
  { color: 'p-only', pattern: 'bars', word: 'has a P and no goroutine' },
];

/** The byte of an item's mix that a state counts in. */
export const MIX_STATES = [RUNNING, SYSCALL, RUNNABLE, WAITING];

/** Draws one pattern on a tile of `side` device pixels. @type {Record<string, (pen: any, side: number) => void>} */
const PENS = {
  hatch: (pen, side) => {
    pen.beginPath();
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift - 1, side + 1);
      pen.lineTo(shift + side + 1, -1);
    }
    pen.stroke();
  },
  dots: (pen, side) => {
    const dot = Math.max(1, Math.round(side / 5));
    pen.fillRect(0, 0, dot, dot);
    pen.fillRect(side / 2, side / 2, dot, dot);
  },
  bars: (pen, side) => pen.fillRect(0, 0, Math.max(1, side / 5), side),
  lines: (pen, side) => pen.fillRect(0, 0, side, Math.max(1, side / 5)),
};

/** Patterns for one theme and screen. */
export class Patterns {
  constructor() {
    /** @type {{theme: import('./theme.mjs').Theme | null, dpr: number}} */
    this.of = { theme: null, dpr: 0 };
    /** @type {Map<string, CanvasPattern | null>} */
    this.made = new Map();
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {import('./theme.mjs').Theme} theme @param {number} dpr
   * @param {string} name @returns {CanvasPattern | null}
   */
  get(context, theme, dpr, name) {
    if (this.of.theme !== theme || this.of.dpr !== dpr) {
      this.of = { theme, dpr };
      this.made.clear();
    }
    if (!this.made.has(name)) this.made.set(name, makePattern(context, theme, dpr, name));
    return this.made.get(name) ?? null;
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {import('./theme.mjs').Theme} theme @param {number} dpr
 * @param {string} name @returns {CanvasPattern | null}
 */
function makePattern(context, theme, dpr, name) {
  const side = Math.round((name === 'gap' ? 10 : 6) * dpr);
  const tile = new OffscreenCanvas(side, side);
  const pen = context2d(tile);
  pen.strokeStyle = pen.fillStyle = name === 'gap' ? theme.faint : theme.patternInk;
  pen.lineWidth = 1.2 * dpr;
  PENS[name === 'gap' ? 'hatch' : name]?.(pen, side);
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix([1 / dpr, 0, 0, 1 / dpr, 0, 0]));
  return pattern;
}
