// A playground in words: how a run stands, a row of the compiler's complaints, whether an exercise is solved.
import { el } from '../../viewer/app/parts.mjs';
import { plural } from '../../viewer/view/numbers.mjs';
import { LOADING } from '../../wasm/cc/arguments.mjs';

/** Characters of a line that differs. */
const MOST_CHARS = 1000;
/** Lines of a goal that show before it is reached, and the longest that stands behind its word. */
const GOAL_LINES = 6, GOAL_CHARS = 60;
/** Clang's last words, where there would be more. */
const TOO_MANY = /^too many errors emitted, stopping now/;

/**
 * @typedef {object} Besides what is known of a run besides its status
 * @property {boolean} isLimited ended by a limit of the page's
 * @property {boolean} isMissed it has not printed what it was to
 * @property {number} errors of the compiler
 * @property {number} silent for so many seconds it has let nobody else run; 0: it does
 */

/** @param {import('./runner.mjs').RunStatus} status @param {Besides} besides */
export function stateWords(status, { isLimited, isMissed, errors, silent }) {
  switch (status.state) {
    case 'idle': return 'Ready';
    case 'loading': return 'Starting…';
    case 'running': return !silent ? 'Running'
      : `Running. It has not given way for ${silent} s: nothing is drawn until it does, as in gr_yield(). Stop ends it`;
    case 'stopping': return 'Stopping…';
    case 'failed': return errors ? `Not built: ${plural(errors, 'error')}` : 'Not run';
    case 'done': {
      const seconds = (status.elapsedMs / 1000).toFixed(status.elapsedMs < 10_000 ? 2 : 0);
      if (isLimited) return `Ended by a limit after ${seconds} s`;
      if (status.stopped) return status.elapsedMs ? `Stopped after ${seconds} s` : 'Stopped';
      if (status.exitCode) return `Failed with exit code ${status.exitCode} after ${seconds} s`;
      return isMissed ? `Not as expected, after ${seconds} s` : `Done in ${seconds} s`;
    }
  }
}

/** How far a build is. @param {import('./compiler.mjs').Progress} progress */
export function buildWords(progress) {
  if ('fetched' in progress) return 'Fetching the compiler…';
  if (progress.step === LOADING) return 'Loading the compiler…';
  return progress.step === 'wait' ? 'Waiting for another build…' : 'Compiling…';
}

/**
 * What there is to wait for before anything is built; '': nothing. Where nobody knows how much comes, what has come.
 * @param {import('./compiler.mjs').Progress} progress
 */
export function comingWords(progress) {
  if (!('fetched' in progress)) {
    return progress.step !== LOADING ? ''
      : 'The browser makes the compiler ready. That takes longest the first time';
  }
  const [now, all] = [progress.fetched, progress.of].map((bytes) => Math.round(bytes / 1e6));
  return `Fetching the compiler: ${now}${all ? ` of ${all}` : ''} MB`;
}

/** Where the compiler gave up. @param {{ text: string }} diagnostic */
const isLastWord = ({ text }) => TOO_MANY.test(text);

/** @param {import('../../wasm/cc/client.mjs').Diagnostic[]} list */
export const errorsIn = (list) => list.filter((d) => d.severity === 'error' && !isLastWord(d)).length;

/** Why it was not built. @param {import('../../wasm/cc/client.mjs').Diagnostic[]} list */
export function failureWords(list) {
  const errors = list.filter((d) => d.severity === 'error');
  const [first] = errors;
  if (!first) return 'The program could not be built.';
  const isCut = errors.some(isLastWord), more = errors.length - (isCut ? 2 : 1);
  const others = isCut ? ` (and ${more} more, where the compiler gave up)` : more ? ` (and ${more} more)` : '';
  return `Not built: ${first.line ? `${first.file}:${first.line}: ` : ''}${first.text}${others}`;
}

/** @param {{ severity: string, text: string }} diagnostic @param {HTMLElement | null} link to its line */
export function problemRow({ severity, text }, link) {
  return el('li', { class: severity }, [...(link ? [link] : []), el('b', {}, [severity]), text]);
}

/**
 * Shows what an exercise asks for.
 * @param {HTMLElement} node @param {string | null} expect null: there is none
 */
export function goalAhead(node, expect) {
  node.hidden = expect === null;
  node.classList.remove('passed');
  const lines = (expect ?? '').trimEnd().split('\n'), [first] = lines, more = lines.length - GOAL_LINES;
  if (lines.length === 1 && first.length <= GOAL_CHARS)
    return node.replaceChildren('Goal: print ', first ? el('code', {}, [first]) : 'nothing');
  const rows = lines.slice(0, GOAL_LINES).map((text) => el('div', {}, [shortened(text) || '\u00a0']));
  node.replaceChildren(el('p', {}, ['Goal: print']),
    el('pre', { tabindex: '0' }, [...rows, ...leftOut(more, 'more line')]));
}

/**
 * Shows whether an exercise is solved.
 * @param {HTMLElement} node @param {import('./expect.mjs').Diff | null} diff null: it printed what it was to
 * @param {number} exitCode
 */
export function goalView(node, diff, exitCode) {
  const passed = !diff && exitCode === 0;
  node.hidden = false;
  node.classList.toggle('passed', passed);
  if (passed) return node.replaceChildren('✓ As expected');
  if (!diff) return node.replaceChildren(`The output is as expected, but the exit code is ${exitCode}, not 0.`);
  const signs = { same: '  ', missing: '+ ', extra: '− ' };
  const rows = diff.lines.map(({ kind, text }) => el('div', { class: kind }, [signs[kind] + shortened(text)]));
  node.replaceChildren(
    el('p', {}, ['Not as expected: − was printed and should not be, + is missing']),
    el('pre', { tabindex: '0' },
      [...leftOut(diff.before, 'equal line'), ...rows, ...leftOut(diff.after, 'further line')]));
}

/** @param {string} text */
const shortened = (text) => (text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text);

/** @param {number} lines @param {string} what */
const leftOut = (lines, what) => (lines > 0 ? [el('div', { class: 'left-out' }, [`… ${plural(lines, what)}`])] : []);
