// A playground in an address: program, settings and view, packed into the fragment, which no server sees.
//
//     #goroscope=1.<base64url of the raw deflate of JSON>
//
// 1 is the version; it rises when an old reader would misread a newer fragment. A fragment may come from anybody, so
// it holds only what a visitor of the page may set as well: what the embedder decides (what a program may fetch, who
// may send messages, its limits) is neither put in nor taken out.

/**
 * What is shared. Values are plain JSON; who takes them checks what they mean.
 * @typedef {object} Shared
 * @property {Record<string, unknown>} settings of a playground; those of SHARED are taken
 * @property {string | number} [to] the playground of its page that it is for: its id, or its number from 1; else the
 *   first one
 * @property {string} [locked] the read-only lines of `source`, as the attribute `readonly` has them
 * @property {Record<string, unknown>} [view] `viewer.state`, without its settings: those belong to who looks
 */

const KEY = '#goroscope=', VERSION = 1;

/** Of the element's settings, what a visitor may set. */
export const SHARED = ['source', 'name', 'files', 'args', 'input', 'procs', 'mode', 'seed', 'clock', 'check',
  'layout', 'show', 'theme'];

/** Characters of an address; browsers take two million, programs that send it on less. */
const LONGEST = 500_000;
/** Bytes of JSON: what the packed text may become, however it is made. */
const LARGEST = 2 << 20;
const DEEPEST = 50;
/** Bytes that are unpacked at a time: at most a thousandfold comes out, whoever looks at it or not. */
const BITE = 1024;

/**
 * @param {Shared} shared
 * @returns {Promise<string>} begins with #; rejects with one sentence if it is too much for an address
 */
export async function toFragment({ settings, to, locked, view }) {
  const json = JSON.stringify({ settings: pick(settings), to, locked, ...view ? { view: seen(view) } : {} });
  const bytes = new TextEncoder().encode(json);
  if (bytes.length > LARGEST) throw new Error(tooLarge(bytes.length, LARGEST));
  const packed = toBase64url(await through(bytes, new CompressionStream('deflate-raw'), LARGEST));
  const fragment = `${KEY}${VERSION}.${packed}`;
  if (fragment.length > LONGEST) throw new Error(tooLarge(fragment.length, LONGEST));
  return fragment;
}

/** @param {number} size @param {number} most */
const tooLarge = (size, most) => 'This program is too large for a link: with its settings and view it takes ' +
  `${size.toLocaleString('en')} characters, and ${most.toLocaleString('en')} is the most; save it as a file instead.`;

/**
 * @param {string} hash `location.hash`
 * @returns {Promise<Shared | null>} null: it holds something else; rejects with one sentence if it cannot be read. Its
 *   settings belong over those that the page has: what they do not name stays as the page has it
 */
export async function fromFragment(hash) {
  if (!hash.startsWith(KEY)) return null;
  const [version, packed] = split(hash.slice(KEY.length));
  if (/^[1-9]\d{0,5}$/.test(version) && Number(version) !== VERSION) {
    throw new Error(`This link was made by another version of the playground (${version}, here ${VERSION}): open ` +
      'it there.');
  }
  if (hash.length > LONGEST || version !== String(VERSION) || !/^[\w-]+$/.test(packed)) throw damaged();
  /** @type {unknown} */ let value;
  try {
    const bytes = await through(fromBase64url(packed), new DecompressionStream('deflate-raw'), LARGEST);
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw error instanceof TooMuch ? new Error('This link holds more than a playground takes: it is not opened.')
      : damaged();
  }
  return checked(value);
}

const damaged = () =>
  new Error('The program in this link is damaged: the link may have been cut short on its way. Ask for it again.');

/** @param {string} text @returns {[string, string]} what stands before the first dot, and behind it */
function split(text) {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** @param {unknown} value @returns {Shared} */
function checked(value) {
  if (!isObject(value) || !isObject(value.settings) || !isShallow(value, DEEPEST)) throw damaged();
  const settings = pick(value.settings);
  const { source = '', name = '', files = {} } = settings;
  const texts = isObject(files) ? [source, name, ...Object.values(files)] : [undefined];
  if (texts.some((t) => typeof t !== 'string')) throw damaged();
  const { to, locked, view } = value;
  return {
    settings, ...typeof to === 'string' || typeof to === 'number' ? { to } : {},
    ...typeof locked === 'string' ? { locked } : {}, ...isObject(view) ? { view: seen(view) } : {},
  };
}

/** What a link says that is for this one; nothing where it is the only one. @param {Element} playground */
export function nameOf(playground) {
  const all = playgrounds(playground), { id } = playground, at = all.indexOf(playground);
  if (all.length < 2 || at < 0) return undefined;
  return id && document.getElementById(id) === playground ? id : at + 1;
}

/**
 * What the page's address holds for this one. Of a link that is damaged, or for none that is there, the first one
 * tells.
 * @param {Element} playground of the page
 * @returns {Promise<Shared | null>} rejects with one sentence
 */
export async function linkFor(playground) {
  const isFirst = () => playgrounds(playground)[0] === playground;
  const shared = await fromFragment(location.hash).catch((error) => {
    if (isFirst()) throw error;
    return null;
  });
  if (!shared) return null;
  const all = playgrounds(playground), { to = 1 } = shared;
  const meant = typeof to === 'number' ? all[to - 1] : all.find(({ id }) => id === to);
  if (!meant && isFirst()) throw new Error('This link is for another playground, which this page does not have.');
  return meant === playground ? shared : null;
}

/** All of the page. @param {Element} one */
const playgrounds = (one) => [...document.querySelectorAll(one.localName)];

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {unknown} value @param {number} levels @returns {boolean} whether it has at most so many */
const isShallow = (value, levels) => typeof value !== 'object' || value === null
  || levels > 0 && Object.values(value).every((v) => isShallow(v, levels - 1));

/** @param {Record<string, unknown>} settings */
const pick = (settings) => Object.fromEntries(SHARED.filter((name) => Object.hasOwn(settings, name))
  .map((name) => [name, settings[name]]));

/** @param {Record<string, unknown>} view */
const seen = ({ settings: _, ...view }) => view;

class TooMuch extends Error {}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream | DecompressionStream} stream
 * @param {number} most bytes that may come out; more are not even made
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function through(bytes, stream, most) {
  let at = 0;
  const bites = new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(at, at += BITE));
      if (at >= bytes.length) controller.close();
    },
  }, { highWaterMark: 0 });
  const reader = bites.pipeThrough(stream).getReader();
  const pieces = [];
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    if ((size += value.length) > most) {
      await reader.cancel();
      throw new TooMuch();
    }
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** @param {Uint8Array} bytes @returns {string} */
function toBase64url(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}
