// generations.mjs: where the generations of a trace file begin and end, by its batches alone (docs/format.md).

const BATCH = 1, EXPERIMENTAL_BATCH = 49; // runtime/format/trace_events.h

/** Of a trace file. */
export const HEADER_BYTES = 16;

/**
 * A number of the format (LEB128) and where it ends; NaN: the bytes end first.
 * @param {Uint8Array} bytes @param {number} at
 * @returns {[number, number]}
 */
function varint(bytes, at) {
  let value = 0, scale = 1;
  for (; bytes[at] >= 0x80; scale *= 128) value += (bytes[at++] - 0x80) * scale;
  return [at < bytes.length ? value + bytes[at] * scale : NaN, at + 1];
}

/**
 * The batch that begins here: its generation, 0 if it is the mark at a generation's end, and where the next one
 * begins. Null: the bytes end within what it begins with.
 * @param {Uint8Array} bytes @param {number} at
 * @returns {{ generation: number, next: number } | null}
 */
function batch(bytes, at) {
  const kind = bytes[at++];
  if (kind !== BATCH && kind !== EXPERIMENTAL_BATCH) return { generation: 0, next: at };
  if (kind === EXPERIMENTAL_BATCH) at++;
  const fields = [0, 0, 0, 0]; // generation, M, time, size
  for (let i = 0; i < fields.length; i++) [fields[i], at] = varint(bytes, at);
  return Number.isNaN(fields[3]) ? null : { generation: fields[0], next: at + fields[3] };
}

/** @param {Uint8Array} bytes that begin with a batch */
export const firstGeneration = (bytes) => batch(bytes, 0)?.generation ?? 0;

/** @param {Uint8Array} bytes whole batches */
export function lastGeneration(bytes) {
  let last = 0;
  for (let at = 0; at < bytes.length;) {
    const found = batch(bytes, at);
    if (!found) break;
    last = found.generation || last;
    at = found.next;
  }
  return last;
}

/** Follows a trace file that comes in pieces, however they are cut. */
export class Followed {
  /** @type {number[]} where generations begin: what lies before is whole */ #begins = [HEADER_BYTES];
  /** @type {Uint8Array} the beginning of a batch that has not all come */ #head = new Uint8Array(0);
  #bytes = 0; // that have come
  #next = HEADER_BYTES; // where the next batch begins
  #generation = 0;

  /**
   * How many of the first `bytes` are whole generations that others follow, the header included.
   * @param {number} bytes
   */
  wholeOf(bytes) { return this.#begins.findLast((at) => at <= bytes) ?? 0; }

  /** @param {Uint8Array} piece */
  add(piece) {
    const known = new Uint8Array(this.#head.length + piece.length), from = this.#bytes - this.#head.length;
    known.set(this.#head);
    known.set(piece, this.#head.length);
    this.#bytes += piece.length;
    while (this.#next < this.#bytes) {
      const found = batch(known, this.#next - from);
      if (!found) break;
      if (found.generation !== this.#generation && found.generation !== 0) {
        if (this.#generation !== 0) this.#begins.push(this.#next);
        this.#generation = found.generation;
      }
      this.#next = from + found.next;
    }
    this.#head = this.#next < this.#bytes ? known.slice(this.#next - from) : new Uint8Array(0);
  }
}
