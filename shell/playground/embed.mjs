// The HTML that puts a playground into another page: what the button "Embed" gives.
import { ATTRIBUTES } from './attributes.mjs';

/** What a program is called that stands in the element as text. */
const DEFAULT_NAME = 'prog.c';

/** Settings that are written as attributes: who may send messages is for who embeds. */
const WRITTEN = Object.keys(ATTRIBUTES).filter((name) => name !== 'messages');

/**
 * @param {Record<string, unknown>} settings of a playground: its attributes, `source`, the source's `name`, and `files`
 *   (name -> text). Others are left out, whoever may send messages or what a program may fetch among them: that is
 *   for who embeds
 * @param {string | URL} base the folder of playground.mjs, absolute
 * @returns {string} to be put into a page as it is; throws one sentence if a file cannot stand in a page
 */
export function embedHtml(settings, base) {
  const module = new URL('playground.mjs', String(base).replace(/\/?$/, '/')).href;
  const attributes = WRITTEN.flatMap((name) => attribute(name, settings[name])).join('');
  const files = /** @type {Record<string, string>} */ (settings.files ?? {});
  const further = Object.entries(files).map(([name, text]) => script(name, text, '')).join('');
  return `<script type="module" src="${quoted(module)}"></script>\n`
    + `<goroscope-playground${attributes}>${program(settings)}${further}</goroscope-playground>\n`;
}

/**
 * The element drops the first line if it is empty.
 * @param {Record<string, unknown>} settings @returns {string} nothing if a file is named: it is read from there
 */
function program({ source, name = DEFAULT_NAME, src }) {
  if (typeof source !== 'string' || src) return '';
  return name === DEFAULT_NAME ? `\n${escaped(source)}` : `\n${script(String(name), source, ' main')}`;
}

/** @param {string} name @param {string} text @param {string} main which of them the program is */
function script(name, text, main) {
  // A script's text knows no escapes.
  const found = /<\/script|<!--/i.exec(text)?.[0];
  if (found) throw new Error(`${name} contains ${found}, which would end it in a page: take it apart, or share it.`);
  return `<script type="text/x-c" name="${quoted(name)}"${main}>\n${text}</script>\n`;
}

/** @param {string} name @param {unknown} value @returns {string[]} none, or one */
function attribute(name, value) {
  if (value === true || value === '') return [` ${name}`];
  const isThere = ['string', 'number'].includes(typeof value) || Array.isArray(value);
  return isThere ? [` ${name}="${quoted([value].flat().join(' '))}"`] : [];
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param {string} text */
const quoted = (text) => escaped(text).replaceAll('"', '&quot;');
