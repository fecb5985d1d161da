/** Builds the drawer's elements once. */
import { el } from './parts.mjs';
import { Splitter } from './splitter.mjs';
import { TABS } from './tables/registry.mjs';

/**
 * A button with a sign on it. @param {string} text @param {string} label @param {() => void} run
 */
export function signButton(text, label, run) {
  const button = el('button', { type: 'button', title: label, 'aria-label': label }, [text]);
  button.addEventListener('click', run);
  return button;
}

/**
 * @param {{show: (tab: string) => void, close: () => void, again: () => void, ofView: () => void, saveCsv: () => void,
 *   scope: () => void, filter: () => void, walk: (event: KeyboardEvent) => void, resize: (dy: number) => void}} on
 */
export function drawerParts(on) {
  const tabs = new Map(TABS.filter((tab) => !tab.parent).map((tab) => {
    const button = el('button', { type: 'button', role: 'tab', id: `tab-${tab.id}`, 'aria-controls': 'tables' },
      [tab.title]);
    button.addEventListener('click', () => on.show(tab.id));
    return [tab.id, button];
  }));
  const tabList = el('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Tables' }, [...tabs.values()]);
  tabList.addEventListener('keydown', on.walk);
  const filter = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the rows' });
  filter.addEventListener('input', on.filter);
  const tools = el('span', { class: 'tools' });
  const save = signButton('CSV', 'CSV: save this table', on.saveCsv);
  const scope = el('select', { 'aria-label': 'Which part of the trace' });
  scope.addEventListener('change', on.scope);
  const again = signButton('↻', 'Read the trace again, as it is now', on.again);
  const moved = signButton('Read this view', 'Read this view: the timeline has moved', on.ofView);
  moved.hidden = true;
  const when = el('span', { class: 'when' });
  const body = el('div', { class: 'body', role: 'tabpanel', id: 'tables', tabindex: '-1' });
  const progress = el('progress', { max: '1', value: '0', 'aria-label': 'Reading the trace for the tables' });
  const splitter = new Splitter();
  splitter.node.addEventListener('resize-by', (event) => on.resize(/** @type {CustomEvent<number>} */ (event).detail));
  const node = el('section', { class: 'drawer', 'aria-label': 'Tables', hidden: '' }, [
    splitter.node,
    el('div', { class: 'drawerbar' }, [tabList, signButton('✕', 'Close the tables (Q)', on.close)]),
    el('div', { class: 'drawerbar second' }, [scope, when, again, moved, filter, tools, save]),
    body,
  ]);
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.target === filter && filter.value) { // one thing at a time
      filter.value = '';
      on.filter();
    } else on.close();
  });
  return { node, tabs, filter, tools, save, scope, again, moved, when, body, progress, splitter };
}
