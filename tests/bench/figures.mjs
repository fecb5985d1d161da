// What a benchmark prints: figures beside their goals, as lines while it goes on or as JSON at its end.
import { availableParallelism, cpus, loadavg } from 'node:os';

/**
 * @typedef {object} Figure
 * @property {string} what
 * @property {string} unit
 * @property {number} value
 * @property {number} goal at most; of events a second, at least
 */

/** @param {Figure} f */
function line({ what, unit, value, goal }) {
  const good = unit === 'events/s' ? value >= goal : value <= goal;
  const digits = unit === 's' ? 2 : unit === 'x' ? 3 : 0;
  return `${what.padEnd(58)}${value.toFixed(digits).padStart(10)} ${unit.padEnd(9)}` +
    `${unit === 'events/s' ? 'at least' : 'at most'} ${String(goal).padStart(8)}  ${good ? 'yes' : 'NO'}`;
}

export class Figures {
  /** @type {Figure[]} */ #all = [];
  #machine;
  #json;

  /** @param {string} browser its version @param {boolean} json */
  constructor(browser, json) {
    this.#machine = `${browser}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ` +
      `load ${loadavg()[0].toFixed(1)}`;
    this.#json = json;
    this.say(this.#machine);
  }

  /** @param {string} text for people only */
  say(text) {
    if (!this.#json) console.log(text);
  }

  /** @param {string} what @param {string} unit @param {number} value @param {number} goal */
  note(what, unit, value, goal) {
    const figure = { what, unit, value, goal };
    this.#all.push(figure);
    this.say(line(figure));
  }

  /** All is measured. */
  end() {
    if (this.#json) console.log(JSON.stringify({ machine: this.#machine, figures: this.#all }, null, 2));
  }
}
