// What playgrounds can besides: links, HTML to embed, messages.
import { embedHtml } from './embed.mjs';
import { answerMessages } from './messages.mjs';
import { fromFragment, toFragment } from './share.mjs';

/** @typedef {import('./share.mjs').Shared} Shared */

/**
 * A page that goes without one of them takes it out before its playgrounds are there: its button then is not, too.
 * @typedef {object} Wiring
 * @property {(shared: Shared) => Promise<string>} [toFragment] an address's part from # on
 * @property {(hash: string) => Promise<Shared | null>} [fromFragment] null: it holds something else
 * @property {(settings: Record<string, unknown>, base: string) => string} [embedHtml] for a page of somebody's own;
 *   base: the folder of playground.mjs
 * @property {(element: any, origins: string) => () => void} [answerMessages] until what comes back is called
 */

/** @type {Wiring} */
export const wiring = { toFragment, fromFragment, embedHtml, answerMessages };
