/**
 * A pen with as much of a canvas's 2D context as the view's painters use, which writes SVG: so a drawing has all that a
 * picture has, by the same code.
 */

/** @param {string} text */
export function escapeXml(text) {
  // Letters that XML forbids even when they are escaped could come from a trace.
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
  return legal.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c] ?? c);
}

/** Hundredths of a pixel are fine enough for print. @param {number} v */
export const digits = (v) => String(Math.round(v * 100) / 100);

/** What a Path2D is to a canvas. */
export class SvgPath {
  constructor() {
    this.d = '';
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.d += `M${digits(x)} ${digits(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.d += `L${digits(x)} ${digits(y)}`;
  }

  /** @param {number} cx @param {number} cy @param {number} x @param {number} y */
  quadraticCurveTo(cx, cy, x, y) {
    this.d += `Q${digits(cx)} ${digits(cy)} ${digits(x)} ${digits(y)}`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.d += `M${digits(x)} ${digits(y)}h${digits(width)}v${digits(height)}h${digits(-width)}z`;
  }

  /** A whole circle. @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) {
    const far = digits(2 * r), near = digits(r);
    this.d += `M${digits(x - r)} ${digits(y)}a${near} ${near} 0 1 0 ${far} 0a${near} ${near} 0 1 0 -${far} 0`;
  }

  closePath() {
    this.d += 'z';
  }
}

/** A path for a pen of either kind. @param {CanvasRenderingContext2D} context @returns {Path2D} */
export function pathFor(context) {
  return /** @type {unknown} */ (context) instanceof SvgPen
    ? /** @type {Path2D} */ (/** @type {unknown} */ (new SvgPath())) : new Path2D();
}

const ANCHORS = /** @type {Record<string, string>} */ ({ right: 'end', center: 'middle' });
/** Below its place by so much of its size, by what the place is of. */
const BASELINES = /** @type {Record<string, number>} */ ({ middle: 0.35, top: 0.85 });

export class SvgPen {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.fillStyle = '#000';
    this.strokeStyle = '#000';
    this.lineWidth = 1;
    this.lineJoin = 'miter';
    this.globalAlpha = 1;
    this.font = '10px sans-serif';
    this.textAlign = 'left';
    this.textBaseline = 'alphabetic';
    /** @type {number[]} */
    this.dash = [];
    this.path = new SvgPath();
    /** Groups opened since each save(), which close with it. @type {number[]} */
    this.saved = [];
    this.clips = 0;
  }

  /** Takes what is written already. @param {string[]} parts */
  write(...parts) {
    this.parts.push(...parts);
  }

  save() {
    this.saved.push(0);
  }

  restore() {
    for (let open = this.saved.pop() ?? 0; open > 0; open--) this.parts.push('</g>');
  }

  clip() {
    const id = `clip${++this.clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path.d}"/></clipPath>`, `<g clip-path="url(#${id})">`);
    this.saved[this.saved.length - 1]++;
  }

  beginPath() {
    this.path = new SvgPath();
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path.moveTo(x, y);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path.lineTo(x, y);
  }

  closePath() {
    this.path.closePath();
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.path.rect(x, y, width, height);
  }

  /** @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) {
    this.path.arc(x, y, r);
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  get opacity() {
    return this.globalAlpha < 1 ? ` opacity="${digits(this.globalAlpha)}"` : '';
  }

  /** @param {SvgPath} [path] */
  fill(path = this.path) {
    if (path.d) this.parts.push(`<path d="${path.d}" fill="${escapeXml(this.fillStyle)}"${this.opacity}/>`);
  }

  /** @param {SvgPath} [path] */
  stroke(path = this.path) {
    if (!path.d) return;
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(' ')}"` : '';
    this.parts.push(`<path d="${path.d}" fill="none" stroke="${escapeXml(this.strokeStyle)}" stroke-width="${
      digits(this.lineWidth)}" stroke-linejoin="${this.lineJoin}"${dash}${this.opacity}/>`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.parts.push(`<rect x="${digits(x)}" y="${digits(y)}" width="${digits(width)}" height="${
      digits(height)}" fill="${escapeXml(this.fillStyle)}"${this.opacity}/>`);
  }

  /** @param {string} words @param {number} x @param {number} y */
  fillText(words, x, y) {
    const { weight, size, family } = fontOf(this.font);
    const anchor = ANCHORS[this.textAlign];
    const below = (BASELINES[this.textBaseline] ?? 0) * size;
    this.parts.push(`<text x="${digits(x)}" y="${digits(y + below)}" fill="${escapeXml(this.fillStyle)}" font-size="${
      size}" font-family="${escapeXml(family)}"${weight ? ` font-weight="${weight}"` : ''}${
      anchor ? ` text-anchor="${anchor}"` : ''}${this.opacity}>${escapeXml(words)}</text>`);
  }

  /** About: which font will draw it is not known here. @param {string} words */
  measureText(words) {
    return { width: words.length * fontOf(this.font).size * 0.62 };
  }
}

/** @param {string} font as CSS has it: "600 12px a, b" */
function fontOf(font) {
  const [, weight = '', size = '10', family = 'sans-serif'] = /^(\d+ )?([\d.]+)px (.*)$/.exec(font) ?? [];
  return { weight: weight.trim(), size: Number(size), family: family.replaceAll('"', "'") };
}
