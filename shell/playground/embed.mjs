// The HTML that puts a playground into another page: what the button "Embed" gives.

/** Settings that are attributes of the element, in the order in which they are written. */
const ATTRIBUTES = ['src', 'wasm', 'args', 'input', 'procs', 'mode', 'seed', 'clock', 'check', 'layout', 'height',
  'show', 'readonly', 'expect', 'theme', 'memory', 'timeout', 'autorun'];

/**
 * @param {Record<string, unknown>} settings of a playground: its attributes, `source`, and `files` (name -> text).
 *   Others are left out, whoever may send messages or what a program may fetch among them: that is for who embeds
 * @param {string | URL} base the folder of playground.mjs, absolute
 * @returns {string} to be put into a page as it is; throws one sentence if a file cannot stand in a page
 */
export function embedHtml(settings, base) {
  const folder = String(base).replace(/\/?$/, '/');
  const attributes = ATTRIBUTES.flatMap((name) => attribute(name, settings[name]));
  const { source = '', files = {} } = settings;
  const texts = Object.entries(/** @type {Record<string, string>} */ (files)).map(([name, text]) =>
    `<script type="text/x-c" name="${quoted(name)}">${inScript(name, text)}</script>\n`).join('');
  // The text is left out if the file that it comes from is named. The element drops the first, empty line.
  const text = typeof source === 'string' && !settings.src ? `\n${escaped(source)}` : '';
  return `<script type="module" src="${quoted(new URL('playground.mjs', folder).href)}"></script>\n`
    + `<goroscope-playground${attributes.join('')}>${text}${texts}</goroscope-playground>\n`;
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

/** A script's text knows no escapes. @param {string} name @param {string} text */
function inScript(name, text) {
  const found = /<\/script|<!--/i.exec(text)?.[0];
  if (found) throw new Error(`${name} contains ${found}, which would end it in a page: take it apart, or share a link.`);
  return text;
}
