// What playgrounds can besides: links, HTML to embed, messages. Where a function is missing its button is, too.

/** @typedef {{ settings: Record<string, unknown>, view?: Record<string, unknown> }} Shared view: of the timeline */

/**
 * @typedef {object} Wiring
 * @property {(shared: Shared) => Promise<string>} [toFragment] an address's part from # on
 * @property {(hash: string) => Promise<Shared | null>} [fromFragment] null: it holds something else
 * @property {(settings: Record<string, unknown>, base: string) => string} [embedHtml] for a page of somebody's own;
 *   base: the folder of playground.mjs
 * @property {(element: any, origins: string) => () => void} [answerMessages] until what comes back is called
 */

/** @type {Wiring} */
export const wiring = {};
