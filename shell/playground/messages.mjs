// Other pages drive a playground by messages, without a line of our code: docs/messages.md is the manual. The element
// has the attribute `messages` for it, a list of origins; without it no message is read. A page of another origin gets
// no answer at all.
//
// protocol.d.mts says what is sent.
import { Loads } from './loads.mjs';
import { SHARED } from './share.mjs';

/** @typedef {import('./protocol.d.mts').Request} Request */
/** @typedef {import('./protocol.d.mts').Diagnostic} Diagnostic */

/**
 * What is used of the element.
 * @typedef {EventTarget & {
 *   id: string,
 *   source: string,
 *   settings: Record<string, unknown>,
 *   readonly output: string,
 *   readonly state: import('./protocol.d.mts').State,
 *   readonly diagnostics: Diagnostic[],
 *   readonly viewer: { save(): Promise<Blob> } | null,
 *   run(): Promise<{ exitCode: number, stopped?: boolean }>,
 *   stop(): unknown,
 * }} Playground
 */

const VERSION = 1;

/**
 * What another page may set and see. Not addresses, which would be fetched with this origin's cookies, and not what
 * gives rights.
 */
const SETTINGS = [...SHARED, 'height', 'readonly', 'expect', 'memory', 'timeout', 'autorun'];

/** What is said of an event of the element. @type {Record<string, (element: Playground, event: Event) => object>} */
const EVENTS = {
  statechange: ({ state }) => ({ state }),
  output: (_, event) => {
    const { stream, text } = /** @type {CustomEvent<{ stream: string, text: string }>} */ (event).detail;
    return { stream, text };
  },
  diagnostics: ({ diagnostics }) => ({ diagnostics }),
  sourcechange: ({ source }) => ({ source }),
};

/** Elements of this page that read messages -> whose. @type {Map<Playground, Set<string>>} */
const listening = new Map();

/** Those that an origin may speak to. @param {string} origin */
const open = (origin) => [...listening].filter(([, allowed]) => allowed.has(origin)).map(([element]) => element);

/**
 * Which one a message is for: the first whose `id` it names, or the first, among those that its origin may speak to.
 * @param {string} origin @param {unknown} to
 */
const addressee = (origin, to) => open(origin).find((element) => (to ?? element.id) === element.id);

/**
 * Reads messages of these origins for an element, until the function that comes back is called.
 * @param {Playground} element its `id` tells it from others of its page
 * @param {string} origins the attribute `messages`: https://a.example https://b.example:8443
 * @returns {() => void} throws one sentence if one of them is no origin; nothing is read then
 */
export function answerMessages(element, origins) {
  const allowed = new Set(origins.split(/\s+/).filter(Boolean).map(checkedOrigin));
  /** Those that have said hello. @type {Map<Window, string>} */
  const heard = new Map();
  const loads = new Loads(element);

  /** @param {MessageEvent} event */
  const onMessage = async ({ data, origin, source }) => {
    if (!isOurs(data) || !source) return;
    const named = addressee(origin, data.to);
    if ((named ?? open(origin)[0]) !== element) return; // of a name that nobody has the first one tells
    const window = /** @type {Window} */ (source);
    const { id } = data;
    const say = (/** @type {object} */ what, /** @type {Transferable[]} */ transfer = []) =>
      window.postMessage({ goroscope: VERSION, id, from: element.id, ...what }, origin, transfer);
    try {
      if (!named) throw new Error(nobody(origin, data.to));
      const value = await answer(element, data, loads);
      if (data.ask === 'hello') heard.set(window, origin);
      say({ value }, value instanceof ArrayBuffer ? [value] : []);
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  };

  /** @param {Event} event */
  const onEvent = (event) => {
    const message = { goroscope: VERSION, from: element.id, event: event.type, ...EVENTS[event.type](element, event) };
    for (const [window, origin] of heard) {
      if (window.closed) heard.delete(window);
      else window.postMessage(message, origin);
    }
  };

  addEventListener('message', onMessage);
  for (const name of Object.keys(EVENTS)) element.addEventListener(name, onEvent);
  listening.set(element, allowed);
  // Whoever it is may know that much: that one can say hello.
  for (const window of new Set([parent, opener])) {
    if (window && window !== self) window.postMessage({ goroscope: VERSION, from: element.id, event: 'ready' }, '*');
  }
  return () => {
    removeEventListener('message', onMessage);
    for (const name of Object.keys(EVENTS)) element.removeEventListener(name, onEvent);
    listening.delete(element);
    loads.end();
    heard.clear();
  };
}

/** @param {string} origin @param {unknown} to */
function nobody(origin, to) {
  const names = open(origin).map(({ id }) => id).filter(Boolean);
  const there = names.length ? `there is ${names.join(', ')}` : 'none has an id';
  return `no playground here is called ${String(to)}: ${there}`;
}

/** @param {string} text @returns {string} */
function checkedOrigin(text) {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  // Pages in a sandbox and from disk all have the origin "null": that would be everybody.
  if (origin !== text || origin === 'null') {
    throw new Error(`messages="…": ${text} is no origin; write scheme, host and port, as in https://a.example`);
  }
  return origin;
}

/** @param {unknown} data @returns {data is { goroscope: unknown, id: unknown, to?: unknown, ask: unknown }} */
const isOurs = (data) => typeof data === 'object' && data !== null && 'goroscope' in data && 'ask' in data;

/**
 * What is asked for -> what is done.
 * @type {Record<string, (element: Playground, message: any, loads: Loads) => unknown>}
 */
const ANSWERS = {
  hello: ({ state, diagnostics }) => ({ version: VERSION, state, diagnostics }),
  load(_, { source }, loads) {
    if (typeof source !== 'string') throw new Error('load wants a text: { source: "int gr_main(…" }');
    return loads.put(source);
  },
  set,
  get: (element) => pick(element.settings, SETTINGS),
  async run(element) {
    const { exitCode, stopped = false } = await element.run();
    return { exitCode, stopped };
  },
  stop(element) {
    element.stop();
    return null;
  },
  output: ({ output }) => output,
  trace: traceOf,
};

/**
 * @param {Playground} element
 * @param {{ goroscope: unknown, ask: unknown }} message
 * @param {Loads} loads
 * @returns {Promise<unknown>} rejects with one sentence
 */
async function answer(element, message, loads) {
  const { goroscope, ask } = message;
  if (goroscope !== VERSION) throw new Error(`this playground speaks version ${VERSION}, not ${String(goroscope)}`);
  if (typeof ask !== 'string' || !Object.hasOwn(ANSWERS, ask))
    throw new Error(`nobody can ask for ${String(ask)} here: ${Object.keys(ANSWERS).join(', ')} are possible`);
  if (ask !== 'load') loads.flush(); // it is about what was put before
  return ANSWERS[ask](element, message, loads);
}

/** @param {Playground} element @param {{ settings: unknown }} message */
function set(element, { settings }) {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new Error('set wants settings: { settings: { procs: 4 } }');
  const unknown = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown} is no setting for messages: ${SETTINGS.join(', ')} are`);
  element.settings = { ...element.settings, ...settings };
  return null;
}

/** @param {Record<string, unknown>} from @param {string[]} names */
const pick = (from, names) => Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));

/** @param {Playground} element */
async function traceOf({ viewer }) {
  const blob = await viewer?.save();
  if (!blob?.size) throw new Error('there is no trace yet: run the program first');
  return blob.arrayBuffer();
}
