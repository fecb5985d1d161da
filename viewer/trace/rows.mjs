// rows.mjs: a table of an analysis, read by row and column.

/** @typedef {import('./analysis.mjs').Tables} Tables */

export class Rows {
  /** @param {Tables} tables @param {string} name */
  constructor(tables, name) {
    const table = tables.tables[name];
    this.strings = tables.strings;
    this.columns = table.columns;
    this.texts = new Set(table.strings);
    this.data = table.data;
    this.n = table.n;
    /** @type {Map<string, number>} */
    this.at = new Map(table.columns.map((column, i) => [column, i]));
  }

  /** @param {number} row @param {string} column @returns {number} NaN: never; -1: none */
  get(row, column) {
    return this.data[row * this.columns.length + /** @type {number} */ (this.at.get(column))];
  }

  /** get() of one column, for loops over many rows. @param {string} column @returns {(row: number) => number} */
  reader(column) {
    const { data, columns: { length: width } } = this;
    const at = /** @type {number} */ (this.at.get(column));
    return (row) => data[row * width + at];
  }

  /** @param {number} row @param {string} column of strings @returns {string} */
  text(row, column) {
    return this.strings[this.get(row, column)] ?? '';
  }
}
