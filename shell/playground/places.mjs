// Places in the sources: found in what a program prints, and of goroutines.
import { cssColor } from '../../viewer/view/color.mjs';
import { doing } from './goroutines.mjs';

/** @typedef {import('../goroscope.d.mts').Goroutine} Goroutine */
/** @typedef {{ file: string, line: number }} Place */

/** @param {string} path */
export const baseName = (path) => path.slice(path.lastIndexOf('/') + 1);

/**
 * The file that a path means: as the compiler was given it, or built elsewhere, by its last part.
 * @param {string} path @param {Iterable<string>} names
 */
export function fileOf(path, names) {
  const all = [...names];
  return all.find((name) => name === path) ?? all.find((name) => baseName(name) === baseName(path));
}

/**
 * A file and a line. It begins where a path does, and each part has a bound: else a long line without any would be
 * gone through from each of its characters.
 */
const PLACE = /(?<![\w./+-])([\w./+-]{1,300}\.\w{1,20}):(\d{1,9})(?!\d)/g;

/**
 * A text in pieces, of which those that name a line of these files have a place.
 * @param {string} text @param {Iterable<string>} names
 * @returns {{ text: string, place: Place | null }[]}
 */
export function findPlaces(text, names) {
  const all = [...names];
  /** @type {{ text: string, place: Place | null }[]} */
  const pieces = [];
  let end = 0;
  for (const m of text.matchAll(PLACE)) {
    const file = fileOf(m[1], all);
    if (!file) continue;
    if (m.index > end) pieces.push({ text: text.slice(end, m.index), place: null });
    pieces.push({ text: m[0], place: { file, line: Number(m[2]) } });
    end = m.index + m[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), place: null });
  return pieces;
}

/** Characters behind the message in which its place is looked for: a program may print megabytes there. */
const MOST_BEHIND = 64 << 10;

/**
 * How a program failed by what it wrote to stderr, and where; null: it did not say.
 * @param {string} stderr @param {Iterable<string>} names
 * @returns {(Place & { text: string }) | null}
 */
export function failureIn(stderr, names) {
  const said = /^(panic|fatal error|assertion failed|goroutine leak|SIG[A-Z]+): .{0,1000}/m.exec(stderr);
  if (!said) return null;
  const text = stderr.slice(said.index, said.index + MOST_BEHIND);
  const own = text.slice(0, /^created by /m.exec(text)?.index); // who made it is not where it failed
  const place = findPlaces(own, names).find((p) => p.place)?.place;
  return place ? { ...place, text: said[0] } : null;
}

/**
 * What only a build with checks knows of how it failed, as a sentence; '': nothing.
 * @param {string} stderr
 */
export function unknownOf(stderr) {
  if (/^\[a write to address \d+, noticed .*\]$/m.test(stderr)) return 'Where address 0 was written to is not known.';
  if (/^fatal error: the program's memory is overwritten/m.test(stderr)) return 'What overwrote memory is not known.';
  if (/^fatal error: unexpected trap: .*unreachable/mi.test(stderr)) return 'What was undefined here is not known.';
  return '';
}

/** A goroutine is looked for in so many: nobody reads more. */
const MOST = 10_000;

/**
 * Where goroutines are, by file: the innermost frame of each that is in one of these.
 * @param {Goroutine[]} list @param {Iterable<string>} names
 * @param {import('../../viewer/view/color.mjs').Palette} palette
 * @returns {Map<string, import('./editor.mjs').Mark[]>}
 */
export function marksOf(list, names, palette) {
  const all = [...names];
  /** @type {Map<string, { file: string, line: number, there: Goroutine[] }>} */
  const places = new Map();
  for (const g of list.slice(0, MOST)) {
    for (const site of [...g.stack, ...(g.site ? [g.site] : [])]) {
      const file = fileOf(site.file, all);
      if (!file) continue;
      const key = `${file}:${site.line}`, place = places.get(key) ?? { file, line: site.line, there: [] };
      place.there.push(g);
      places.set(key, place);
      break;
    }
  }
  /** @type {Map<string, import('./editor.mjs').Mark[]>} */
  const marks = new Map(all.map((name) => [name, []]));
  for (const { file, line, there } of places.values()) {
    const [first] = there, many = there.length > 1;
    const words = there.slice(0, 8).map((g) => `G${g.id} ${g.name}: ${doing(g)}`);
    if (there.length > 8) words.push(`and ${there.length - 8} more`);
    marks.get(file)?.push({
      line, title: words.join('\n'), text: many ? `×${there.length}` : `G${first.id}`,
      color: many ? 'var(--goroscope-waiting)' : cssColor(palette, first.id),
    });
  }
  return marks;
}
