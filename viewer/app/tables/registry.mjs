/**
 * The tables of the drawer, in their order. A table is one file that exports a Tab, and its line here.
 */
import { blocking } from './blocking.mjs';
import { compared } from './compared.mjs';
import { functions } from './functions.mjs';
import { gc, stw } from './gc.mjs';
import { goroutines } from './goroutines.mjs';
import { logs } from './logs.mjs';
import { regions, tasks } from './marks.mjs';
import { mmu } from './mmu.mjs';
import { oddities } from './oddities.mjs';
import { goroutine, oneFunction } from './one.mjs';
import { task } from './task.mjs';

/**
 * Where to go in the timeline: a stretch of time, and who is meant; at: what its own lane does at that moment; lane:
 * the span there is meant, before any of the goroutine's.
 * @typedef {{t0: number, t1: number, goid?: number, at?: number, lane?: string}} Place
 */

/**
 * What tables work with.
 * @typedef {object} Desk
 * @property {import('../../trace/analysis.mjs').Tables} tables
 * @property {import('../../trace/analyst.mjs').Analyst} analyst
 * @property {(table: string) => import('../../trace/rows.mjs').Rows} rows
 * @property {(cls: number, whose: import('../../trace/blocking.mjs').Whose) => boolean} blocked whether a profile
 *   has anything in it
 * @property {(goid: number) => number} goroutineRow  its latest life
 * @property {(fn: number) => number} functionRow
 * @property {(id: number) => number} taskRow        -1: the trace does not tell of it
 * @property {() => import('./waits.mjs').MostWaited} mostWaited
 * @property {(place: Place) => void} navigate
 * @property {(tab: string, arg?: number, filter?: string) => void} show another table, or a page of one thing
 * @property {() => {name: string, of: object, bytes: () => Promise<Blob>} | null} other the trace that this one is
 *   compared with; of: another object once it has grown, or is another trace
 * @property {() => void} compare  lets the user choose another one
 * @property {(content: Blob, name: string) => void} download
 * @property {(table: string) => Record<string, any>} kept  what the user set in a table: it stays when the trace is
 *   read again and the table is made anew
 */

/**
 * One table, made.
 * @typedef {object} View
 * @property {HTMLElement} node
 * @property {Node[]} [tools]                    beside the filter
 * @property {(text: string) => void} [filter]
 * @property {() => {heads: string[], rows: Array<Array<string | number>>}} [csv]
 * @property {() => void} [close] it shows no more: what it still does ends
 */

/**
 * @typedef {object} Tab
 * @property {string} id
 * @property {string} title
 * @property {string} [parent]  this is the page of one thing: no tab of its own, it shows below that one
 * @property {(desk: Desk, arg?: number) => View} make
 */

/** @type {ReadonlyArray<Tab>} */
export const TABS = [oddities, goroutines, functions, blocking, mmu, gc, stw, tasks, regions, logs, compared, goroutine,
  oneFunction, task];
