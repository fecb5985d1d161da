/**
 * Builds the viewer's elements once. Text only ever goes in as text.
 */
import { COMMANDS, GESTURES } from './commands.mjs';
import { STYLE } from './styles.mjs';

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} [attributes]
 * @param {Array<Node | string>} [children]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, children = []) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * A button of a command. One with a word for a text is named by it, as speech control expects; a sign is not.
 * @param {string} id @param {string} text @param {string} title @param {Record<string, string>} [more]
 */
function button(id, text, title, more = {}) {
  /** @type {Record<string, string>} */
  const attributes = { type: 'button', 'data-command': id, title, ...more };
  if (!/\w/.test(text)) attributes['aria-label'] = title;
  return el('button', attributes, [text]);
}

/** @param {ReadonlyArray<{keys: string, title: string}>} list */
function rows(list) {
  return list.map(({ keys, title }) => el('tr', {}, [el('th', { scope: 'row' }, [keys]), el('td', {}, [title])]));
}

/** The sheet of keys and gestures, straight from the registry. */
function helpDialog() {
  const close = el('button', { type: 'button', 'aria-label': 'Close' }, ['✕']);
  const dialog = el('dialog', { class: 'help', 'aria-label': 'Keys and gestures' }, [
    el('h2', {}, ['Keys and gestures', close]),
    el('table', {}, [
      el('tbody', {}, rows(COMMANDS.filter((command) => command.keys))), el('tbody', {}, rows(GESTURES)),
    ]),
  ]);
  closes(dialog, close);
  return dialog;
}

/** By its button, and by a click beside it. @param {HTMLDialogElement} dialog @param {HTMLElement} close */
function closes(dialog, close) {
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** The sheet of settings; its rows come when it opens. */
function settingsDialog() {
  const close = el('button', { type: 'button', 'aria-label': 'Close' }, ['✕']);
  const rows = el('div', { class: 'settings' });
  const dialog = el('dialog', { 'aria-label': 'Settings' }, [el('h2', {}, ['Settings', close]), rows]);
  closes(dialog, close);
  return { dialog, rows };
}

/** What the colours mean; the swatches of the goroutines are filled in by the theme. */
function legend() {
  const running = el('i', { class: 'running' });
  const blocked = el('i', { class: 'blocked' });
  const stops = el('span', { hidden: '' }, ['STW: the world was stopped']);
  /** @type {Array<[string, string]>} of goroutines' lanes, while these show */
  const states = [['running', 'running'], ['runnable', 'runnable'], ['waiting', 'waiting'],
    ['syscall', 'system call'], ['no-p', 'its P taken']];
  const node = el('footer', { class: 'legend' }, [
    ...states.map(([name, word]) => el('span', { class: 'state' }, [el('i', { class: `s-${name}` }), word])),
    el('span', {}, [running, 'one colour = one goroutine']),
    el('span', {}, [blocked, 'paler: in a system call']),
    el('span', {}, [el('i', { class: 'idle' }), 'idle: this P ran nothing']),
    stops,
    el('span', { class: 'wide' }, ['% busy in view']),
    el('span', { class: 'wide' }, ['zoomed out, a pixel is the mix of all it covers']),
  ]);
  return { node, running, blocked, stops };
}

/** @typedef {ReturnType<typeof buildParts>} Parts */

/** @param {ShadowRoot} root */
export function buildParts(root) {
  const status = el('div', { class: 'status' });
  const progress = el('progress', { max: '1', 'aria-label': 'Reading the trace', hidden: '' });
  const follow = button('follow', 'Follow', 'Follow the live edge (L)', { 'aria-pressed': 'false', hidden: '' });
  const stop = button('cancel', 'Cancel', 'Stop reading the trace', { hidden: '' });
  const saveHolder = el('span', { class: 'wide' });
  const bar = el('div', { class: 'bar', role: 'toolbar', 'aria-label': 'Timeline' }, [
    status,
    progress,
    stop,
    follow,
    button('step-out', '−', 'Zoom out (−)', { class: 'wide' }),
    button('step-in', '+', 'Zoom in (+)', { class: 'wide' }),
    button('fit-all', 'All', 'Show the whole trace (0)'),
    button('tables', 'Tables', 'Tables: goroutines, blocking, oddities (Q)'),
    button('find', 'Find', 'Find spans (/)'),
    saveHolder,
    button('open', 'Open…', 'Open a trace file (Ctrl+O)'),
    button('palette', '☰', 'All commands (Ctrl+Shift+P)'),
    button('help', '?', 'Keys and gestures (?)', { class: 'wide' }),
  ]);
  const messageText = el('span');
  const messageClose = el('button', { type: 'button', 'aria-label': 'Dismiss this message' }, ['✕']);
  const message = el('div', { class: 'message', role: 'alert', hidden: '' }, [messageText, messageClose]);
  const noticeList = el('div', { class: 'notices', role: 'status' });
  const overview = el('canvas', { class: 'overview', 'aria-hidden': 'true' });
  const lanes = el('canvas', {
    class: 'lanes',
    tabindex: '0',
    role: 'application',
    'aria-roledescription': 'timeline',
    'aria-label': 'Timeline: lanes of Ps, threads, goroutines and tasks. Press ? for keys.',
    'aria-describedby': 'summary',
  });
  const emptyText = el('p');
  const emptyProgress = el('progress', { max: '1', 'aria-label': 'Reading the trace', hidden: '' });
  const emptyOpen = button('open', 'Choose a file…', 'Open a trace file (Ctrl+O)');
  const emptyStop = button('cancel', 'Cancel', 'Stop reading the trace', { hidden: '' });
  const empty = el('div', { class: 'empty' }, [emptyText, emptyProgress, emptyStop, emptyOpen]);
  const tip = el('div', { class: 'tip', 'aria-hidden': 'true', hidden: '' });
  const hint = el('div', { class: 'hint', 'aria-hidden': 'true', hidden: '' });
  const lanesBar = el('div', { class: 'lanes-bar', role: 'group', 'aria-label': 'Lanes' });
  const viewport = el('div', { class: 'viewport' }, [lanes, empty, tip, hint]);
  const details = el('section', { class: 'panel details', 'aria-label': 'Selected span', hidden: '' });
  const area = el('section', { class: 'panel area', 'aria-label': 'Selected area', hidden: '' });
  const marks = el('section', { class: 'panel notes', 'aria-label': 'Marks', hidden: '' });
  const findHolder = el('div');
  const settings = settingsDialog();
  const { node: legendNode, running, blocked, stops } = legend();
  const file = el('input', { type: 'file', class: 'sr', tabindex: '-1', 'aria-hidden': 'true' });
  const summary = el('p', { class: 'sr', id: 'summary' });
  const spoken = el('div', { class: 'sr', 'aria-live': 'polite' });
  const table = el('div', { class: 'sr' });
  const help = helpDialog();
  const panels = el('div', { class: 'panels' }, [details, area, marks]);
  const frame = el('div', { class: 'frame', part: 'frame' }, [
    bar, message, noticeList, findHolder, overview, lanesBar, viewport, panels,
    legendNode, summary, spoken, table, file,
    el('div', { class: 'drop' }, ['Drop to open this trace']),
  ]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.append(frame, help, settings.dialog);
  return {
    bar, status, progress, stop, follow, saveHolder, findHolder, panels, area, marks, settings, message, messageText,
    messageClose, notices: noticeList, overview, lanes, lanesBar, legend: legendNode, viewport, empty, emptyText,
    emptyProgress, emptyStop, emptyOpen, tip, hint, details, running, blocked, stops, file, summary, spoken, table,
    help,
  };
}
