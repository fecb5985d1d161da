// How a playground looks by its attributes: what shows, how high, what its controls are at, which way programs run.
import { el } from '../../viewer/app/parts.mjs';
import { isAttribute } from './attributes.mjs';
import { buildWords, comingWords, stateWords } from './words.mjs';

/** @typedef {import('./parts.mjs').Parts} Parts */
/** @typedef {import('./attributes.mjs').Values} Values */

/** Panes of which one shows. */
const PANES = /** @type {const} */ (['output', 'goroutines', 'input']);

/** What looks like a link and does something here. @param {string} text @param {() => void} act */
export function linkButton(text, act) {
  const link = el('button', { type: 'button', class: 'link' }, [text]);
  link.addEventListener('click', act);
  return link;
}

/** @param {Parts} parts @param {Element} element @param {Values} values its attributes, read */
export function showSettings(parts, element, values) {
  const { frame, program, viewer, left, lower, settings } = parts;
  const shows = (/** @type {string} */ part) => /** @type {string[]} */ (values.show).includes(part);
  frame.style.setProperty('--height', `${values.height}px`);
  frame.dataset.layout = values.layout;
  program.hidden = !shows('editor');
  viewer.hidden = !shows('timeline');
  for (const pane of PANES) lower.tabs[pane].hidden = !shows(pane);
  lower.node.hidden = !PANES.some(shows);
  left.hidden = program.hidden && lower.node.hidden;
  const open = lower.tabList.querySelector('[aria-selected="true"]'), first = PANES.find(shows);
  if (open?.hasAttribute('hidden') && first) lower.tabs[first].click();
  settings.node.hidden = !shows('settings');
  parts.share.hidden = parts.embed.hidden = !shows('share');
  for (const [name, control] of Object.entries(settings.fields)) {
    const otherwise = control instanceof HTMLSelectElement ? control.options[0].value : '';
    const text = element.getAttribute(name) ?? otherwise;
    if (isAttribute(name) && control.value !== text) control.value = text;
  }
  if (lower.input.value !== values.input) lower.input.value = values.input;
}

/** What is set there stands in the attributes. @param {Parts['settings']} settings @param {Element} element */
export function setUpSettings({ node, fields }, element) {
  for (const [name, control] of Object.entries(fields)) {
    control.addEventListener('change', () => {
      if (control.value === '' || !control.checkValidity()) element.removeAttribute(name);
      else element.setAttribute(name, control.value);
    });
  }
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    node.open = false;
    node.querySelector('summary')?.focus();
  });
}

/** How far a build is. @param {Parts} parts @param {import('./compiler.mjs').Progress} progress */
export function showBuild({ statusWords, fetching, progressText, progress: bar }, progress) {
  const words = comingWords(progress);
  statusWords.textContent = buildWords(progress);
  fetching.hidden = !words;
  progressText.textContent = words;
  if ('fetched' in progress && progress.of) bar.value = progress.fetched / progress.of;
  else bar.removeAttribute('value');
}

/**
 * How a run stands, in words and as a dot: good, bad, or neither where it was stopped.
 * @param {Parts} parts @param {import('./runner.mjs').RunStatus} status @param {import('./words.mjs').Besides} besides
 */
export function showRun({ statusWords, frame }, status, besides) {
  statusWords.textContent = stateWords(status, besides);
  frame.dataset.exit = status.stopped ? 'stopped' : status.exitCode || besides.isMissed ? 'bad' : '';
}

/** Whether what stands in the editor is not what was run. @param {Parts} parts @param {boolean} isEdited */
export function showEdited({ statusSince }, isEdited) {
  statusSince.textContent = isEdited ? ' · edited since' : '';
}

/**
 * That a program wanted to read what is not there, if there is where to write it.
 * @param {Parts} parts @param {boolean} isMissed
 */
export function showInputHint({ lower }, isMissed) {
  const { input } = lower.tabs;
  if (!isMissed || input.hidden) return lower.hint.replaceChildren();
  const link = linkButton('Input', () => {
    input.click();
    lower.input.focus();
  });
  lower.hint.replaceChildren('The program has read its standard input, which is empty: what it should read goes under ',
    link, '.');
}

/**
 * That a build with checks knows what this one does not.
 * @param {Parts} parts @param {string} unknown a sentence @param {() => void} run
 */
export function showCheckHint({ lower }, unknown, run) {
  const link = linkButton('Run it with checks', run);
  lower.hint.replaceChildren(`${unknown} `, link, ': slower, but they find the line.');
}

/**
 * @param {import('../../viewer/app/element.mjs').GoroscopeViewer} viewer @param {Values['theme']} theme
 * @returns {boolean} it is the dark one
 */
export function showTheme(viewer, theme) {
  if (theme === 'auto') viewer.removeAttribute('theme');
  else viewer.setAttribute('theme', theme);
  viewer.restyle();
  return theme === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

/** Whose program it is, if it is not the page's. @param {Parts} parts @param {boolean} isLinked */
export function showLinked({ linked, reset }, isLinked) {
  const words = !isLinked ? '' : reset.hidden ? 'This is the program from the link.'
    : 'This is the program from the link; Reset brings back the page\'s own.';
  if (linked.textContent !== words) linked.textContent = words;
}

/**
 * Says in a word which way programs run here.
 * @param {Parts['mode']} parts @param {Values['mode']} mode as it was asked for
 * @param {import('../goroscope.d.mts').Runtime | null} rt of the program that runs, or did last
 */
export function showMode({ node, word }, mode, rt) {
  const isIsolated = globalThis.crossOriginIsolated === true;
  const isThreads = rt ? rt.mode === 'threads' : isIsolated && mode !== 'sim';
  const isMissed = !isThreads && !isIsolated && mode !== 'sim';
  node.classList.toggle('plain', !isMissed);
  const ps = rt ? `, ${rt.procs} P${rt.procs === 1 ? '' : 's'}` : '';
  word.textContent = isThreads ? `Real threads${ps}`
    : isMissed && mode === 'threads' && !rt ? 'No threads in this page. What to do?'
    : `Simulated${ps}${isMissed ? ': no threads in this page. What to do?' : ''}`;
}
