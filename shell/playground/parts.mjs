// Builds a playground's elements once. Text only ever goes in as text.
import { el } from '../../viewer/app/parts.mjs';
import { PANES, STYLE } from './styles.mjs';
import { MAX_PROCS } from './typed.mjs';

/** @typedef {ReturnType<typeof buildParts>} Parts */

/** @param {string} text @param {Record<string, string>} [attributes] */
const button = (text, attributes = {}) => el('button', { type: 'button', ...attributes }, [text]);

/** @param {string} label @param {HTMLElement} control */
const field = (label, control) => el('label', { class: 'field' }, [label, control]);

/** @param {Record<string, string>} words value -> as it is shown */
const select = (words) => el('select', {}, Object.entries(words).map(([value, word]) =>
  el('option', { value }, [word])));

/** What can be set by who plays. */
function settingsPanel() {
  const fields = {
    procs: el('input', { type: 'number', min: '1', max: String(MAX_PROCS), placeholder: 'all cores' }),
    mode: select({ auto: 'auto', threads: 'threads (workers)', sim: 'sim (one thread)' }),
    seed: el('input', { type: 'number', min: '0', placeholder: '1' }),
    clock: select({ measured: 'measured', virtual: 'virtual (repeatable)' }),
    args: el('input', { type: 'text', spellcheck: 'false', placeholder: 'none' }),
  };
  const node = el('details', { class: 'settings' }, [
    el('summary', {}, ['Settings']),
    el('div', { class: 'sheet' }, [
      field('Ps', fields.procs), field('Mode', fields.mode), field('Seed (sim)', fields.seed),
      field('Clock (sim)', fields.clock), field('Arguments', fields.args),
    ]),
  ]);
  return { node, fields };
}

/** Which way programs run here, and what to do about it where that is not in parallel. */
function modeNote() {
  const word = el('summary');
  const link = el('a', {
    href: 'https://developer.mozilla.org/docs/Web/API/Window/crossOriginIsolated', target: '_blank', rel: 'noopener',
  }, ['What isolation is']);
  const node = el('details', { class: 'mode', part: 'mode' }, [word, el('p', {}, [
    'Goroutines run in parallel only on workers that share memory, and browsers give shared memory only to a page ' +
    'that came over https with the headers ', el('code', {}, ['Cross-Origin-Opener-Policy: same-origin']), ' and ',
    el('code', {}, ['Cross-Origin-Embedder-Policy: require-corp']),
    '. Here one thread simulates all Ps: nothing runs in parallel, and while a goroutine computes without calling ' +
    'the runtime, no other runs. ', link,
  ])]);
  return { node, word };
}

/** Below the timeline: one of several panes shows. */
function panes() {
  const output = el('div', {
    class: 'pane output', id: 'output', part: 'output', role: 'tabpanel', tabindex: '0',
    'aria-labelledby': 'tab-output',
  });
  const outputNote = el('span', { class: 'dropped', hidden: '' });
  const goroutines = {
    filter: el('select'), freeze: button('Freeze', {
      'aria-pressed': 'false', title: 'Keeps the list as it is; the program goes on',
    }),
    note: el('p', { class: 'note' }), list: el('ul'),
    pane: el('div', {
      class: 'pane goroutines', id: 'goroutines', part: 'goroutines', role: 'tabpanel', tabindex: '0',
      'aria-labelledby': 'tab-goroutines', hidden: '',
    }),
  };
  const narrow = el('p', { class: 'narrow' }, [el('label', {}, ['Show ', goroutines.filter]), goroutines.freeze]);
  goroutines.pane.append(narrow, goroutines.note, goroutines.list);
  const input = el('textarea', { 'aria-label': 'Standard input of the program', spellcheck: 'false' });
  const inputPane = el('div', {
    class: 'pane input', id: 'input', part: 'input', role: 'tabpanel', 'aria-labelledby': 'tab-input', hidden: '',
  }, [el('p', { class: 'note' }, ['What the program reads from its standard input, when it is run:']), input]);
  const tab = (/** @type {string} */ id, /** @type {string} */ word) => button(word, {
    role: 'tab', id: `tab-${id}`, 'aria-controls': id, 'aria-selected': String(id === 'output'),
    tabindex: id === 'output' ? '0' : '-1',
  });
  const tabs = {
    output: tab('output', 'Output'), goroutines: tab('goroutines', 'Goroutines'), input: tab('input', 'Input'),
  };
  const tabList = el('div', { class: 'tab-list', role: 'tablist', 'aria-label': 'Beside the timeline' },
    Object.values(tabs));
  const goal = el('div', { class: 'goal', part: 'goal', role: 'status', hidden: '' });
  const hint = el('p', { class: 'hint', part: 'hint', role: 'status' });
  const canvas = el('canvas', { role: 'img', 'aria-label': 'The picture that the program draws' });
  const picture = el('figure', { class: 'picture', hidden: '' }, [canvas]);
  const node = el('section', { class: 'lower', 'aria-label': 'Output, goroutines, input' }, [
    el('div', { class: 'tabs' }, [tabList, outputNote]), goal, hint, picture, output, goroutines.pane, inputPane,
  ]);
  return { node, tabList, tabs, output, outputNote, goroutines, input, inputPane, goal, hint, picture, canvas };
}

/** @param {ShadowRoot} root */
export function buildParts(root) {
  const run = button('Run', { class: 'run', part: 'run', title: 'Run the program (Ctrl+Enter)' });
  const stop = button('Stop', { class: 'stop', part: 'stop', title: 'End the program', disabled: '' });
  const reset = button('Reset', { part: 'reset', title: 'Back to the program as it came', hidden: '' });
  const statusWords = el('span');
  const statusSince = el('span');
  const status = el('span', { class: 'status', part: 'status', role: 'status' }, [statusWords, statusSince]);
  const share = button('Share', { title: 'An address that holds the program and its settings', hidden: '' });
  const embed = button('Embed', { title: 'HTML for a page of your own', hidden: '' });
  const settings = settingsPanel();
  const bar = el('div', { class: 'bar', part: 'bar' }, [run, stop, status, reset, settings.node, share, embed]);
  const progress = el('progress', { max: '1', 'aria-label': 'The compiler comes' });
  const progressText = el('span');
  const cancel = button('Cancel');
  const fetching = el('div', { class: 'fetching', part: 'progress', hidden: '' }, [progressText, progress, cancel]);
  const messageText = el('span');
  const messageAction = button('', { hidden: '' });
  const messageClose = button('✕', { 'aria-label': 'Dismiss this message' });
  const message = el('div', { class: 'message', part: 'message', role: 'alert', hidden: '' },
    [messageText, messageAction, messageClose]);
  const linked = el('p', { class: 'linked', part: 'origin', role: 'status' });
  const fileTabs = el('div', { class: 'files', role: 'group', 'aria-label': 'Files', hidden: '' });
  const editor = el('div', { class: 'code', part: 'editor' });
  const refusal = el('p', { class: 'refusal', role: 'status' });
  const problems = el('ul',
    { class: 'problems', part: 'diagnostics', 'aria-label': 'What the compiler says', hidden: '' });
  const program = el('section', { class: 'program', 'aria-label': 'Program' }, [fileTabs, editor, refusal, problems]);
  const viewer = el('goroscope-viewer', {
    part: 'timeline', empty: 'Run shows here what each goroutine did, and when.',
  });
  const lower = panes();
  const left = el('div', { class: 'left' }, [program, lower.node]);
  const mode = modeNote();
  const shared = el('textarea', { readonly: '', rows: '6', 'aria-label': 'To be copied' });
  const copy = button('Copy');
  const copyNote = el('span', { role: 'status' });
  const sharedNote = el('p', { class: 'shared-note', hidden: '' });
  const sharedTitle = el('h2');
  const sharedClose = button('✕', { 'aria-label': 'Close' });
  const dialog = el('dialog', { 'aria-label': 'Share' },
    [el('header', {}, [sharedTitle, sharedClose]), shared, sharedNote, el('p', {}, [copy, ' ', copyNote])]);
  const frame = el('div', { class: 'frame', part: 'frame' },
    [bar, fetching, message, linked, el('div', { class: 'body' }, [left, viewer]), mode.node, dialog]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE + PANES);
  root.adoptedStyleSheets = [sheet];
  root.append(frame);
  return {
    frame, run, stop, reset, statusWords, statusSince, share, embed, settings, fetching, progress, progressText,
    cancel, message, messageText, messageAction, messageClose, linked, fileTabs, editor, refusal, problems, program,
    left, viewer, lower, mode, dialog, shared, copy, copyNote, sharedNote, sharedTitle, sharedClose,
  };
}
