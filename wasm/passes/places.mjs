// places.mjs: the places in the sources that instructions come from, kept while passes change the code. They hang
// on the bytes of a function's body; Edits.apply takes them over to the bytes that it makes.

/** By body: offset, place from there on (-1: none), and so on. @type {WeakMap<Uint8Array, Int32Array>} */
const known = new WeakMap();

/** @param {Uint8Array} body @param {Int32Array | null} rows */
export function setRows(body, rows) {
  if (rows?.length) known.set(body, rows);
}

/** @param {Uint8Array} body @returns {Int32Array | undefined} */
export const rowsOf = (body) => known.get(body);

/** Reads the rows of one body, for instructions in their order. */
export class RowReader {
  /** @param {Int32Array} rows */
  constructor(rows) {
    this.rows = rows;
    this.next = 0;
  }

  /** The place of the instruction at this offset; offsets rise from call to call. @param {number} offset */
  at(offset) {
    while (this.next < this.rows.length && this.rows[this.next] <= offset) this.next += 2;
    return this.next > 0 ? this.rows[this.next - 1] : -1;
  }
}

/**
 * @param {Uint8Array} from a body
 * @param {Uint8Array} to what was made of it
 * @param {number[]} pieces of what stayed: where it was, where it is, and so on
 */
export function carryRows(from, to, pieces) {
  const rows = known.get(from);
  if (!rows) return;
  const moved = rows.slice();
  let p = 0;
  for (let i = 0; i < rows.length; i += 2) {
    while (p + 2 < pieces.length && pieces[p + 2] <= rows[i]) p += 2;
    // What was replaced is where the piece behind it begins, at the latest.
    const at = rows[i] - pieces[p] + pieces[p + 1];
    moved[i] = Math.max(0, p + 3 < pieces.length ? Math.min(at, pieces[p + 3]) : at);
  }
  known.set(to, moved);
}
