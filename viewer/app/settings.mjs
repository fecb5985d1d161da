/**
 * What the user may set, and the sheet to set it. The element keeps nothing: a page that wants the settings to last
 * listens to the event `settings` and gives them back (keep.mjs does, for ours).
 */
import { el } from './parts.mjs';

/**
 * @typedef {object} Settings
 * @property {'select' | 'pan'} drag               what a plain drag of the mouse does; with Shift the other
 * @property {'auto' | 'light' | 'dark'} theme     auto: the attribute `theme`, else the system
 * @property {'auto' | 'reduce'} motion            auto: as the system says
 * @property {'300' | '600' | '1200' | '2400'} memory   MB for a live trace, at most
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = Object.freeze({ drag: 'select', theme: 'auto', motion: 'auto', memory: '600' });

/**
 * Each with its choices: value, words.
 * @type {ReadonlyArray<{name: keyof Settings, title: string, choices: string[][]}>}
 */
const CHOICES = [
  { name: 'drag', title: 'Dragging the mouse', choices: [['select', 'selects an area'], ['pan', 'moves the view']] },
  { name: 'theme', title: 'Colours',
    choices: [['auto', 'as the page or system'], ['light', 'light'], ['dark', 'dark']] },
  { name: 'motion', title: 'Motion', choices: [['auto', 'as the system'], ['reduce', 'none: jump']] },
  { name: 'memory', title: 'Memory of a live trace, at most',
    choices: [['300', '300 MB'], ['600', '600 MB'], ['1200', '1.2 GB'], ['2400', '2.4 GB']] },
];

/**
 * Bytes of a live trace to keep. With all that is made of them, and what workers take anyway, they fill 3 to 4 times as
 * much (a stream of 2 M events/s, Pss of the page, its own part taken off), and for moments, before what is not needed
 * is collected, 4.7 times (the most in 600 s).
 * @param {Settings} settings
 */
export const keptBytes = ({ memory }) => Number(memory) * 1e6 / 5;

/** What of it makes sense. @param {unknown} value @param {Settings} base @returns {Settings} */
export function checkSettings(value, base) {
  const settings = { ...base };
  if (typeof value !== 'object' || value === null) return settings;
  for (const { name, choices } of CHOICES) {
    const wanted = /** @type {Record<string, unknown>} */ (value)[name];
    if (choices.some(([choice]) => choice === wanted)) Object.assign(settings, { [name]: wanted });
  }
  return settings;
}

/**
 * The sheet. @param {Settings} now @param {(settings: Settings) => void} onChange
 * @returns {HTMLElement[]} its rows
 */
export function settingRows(now, onChange) {
  return CHOICES.map(({ name, title, choices }) => {
    const select = el('select', {}, choices.map(([value, words]) => el('option', { value }, [words])));
    select.value = now[name];
    select.addEventListener('change', () => onChange(checkSettings({ [name]: select.value }, now)));
    return el('label', { class: 'setting' }, [el('span', {}, [title]), select]);
  });
}
