/** Blocking profiles and CPU samples as flame graphs, and as pprof files. */
import { flameTree, profileOf } from '../../trace/blocking.mjs';
import { CLASS } from '../../trace/kinds.mjs';
import { gzip } from '../../trace/pprof.mjs';
import { el } from '../parts.mjs';
import { Flame } from './flame.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */

/** @type {Array<{cls: number, name: string, title: string, what: string}>} */
const PROFILES = [
  { cls: CLASS.sync, name: 'sync', title: 'Synchronisation', what: 'time blocked on channels, select and locks' },
  { cls: CLASS.network, name: 'net', title: 'Network', what: 'time blocked on the network' },
  { cls: CLASS.syscall, name: 'syscall', title: 'System calls', what: 'time in system calls' },
  { cls: CLASS.scheduler, name: 'sched', title: 'Scheduler',
    what: 'time from becoming runnable to running, by what made it runnable' },
  { cls: CLASS.cpu, name: 'cpu', title: 'CPU samples', what: 'samples of running goroutines' },
];

/** Of all but samples. */
const ENDED = ' What has not ended with the trace is not in it, as in Go\'s profiles.';

/**
 * A profile of everybody, of one goroutine or of one function.
 * @param {Desk} desk @param {number} first which one at first
 * @param {import('../../trace/blocking.mjs').Whose} [whose] @param {{cls?: string}} [kept]
 * @returns {import('./registry.mjs').View & {tools: Node[], filter: (text: string) => void}}
 */
export function blockingView(desk, first, whose = {}, kept = {}) {
  const choice = el('select', { 'aria-label': 'Which profile' }, PROFILES.map(({ title, cls }) =>
    el('option', { value: String(cls) }, [`${title}${desk.blocked(cls, whose) ? '' : ' (none)'}`])));
  choice.value = kept.cls ?? String(first);
  const save = el('button', { type: 'button', title: 'Save as a pprof file, for go tool pprof' }, ['pprof']);
  const node = el('div', { class: 'profile' });
  let search = '';
  /** @type {Flame | null} */
  let flame = null;
  const draw = () => {
    const cls = Number(choice.value);
    const profile = PROFILES.find((p) => p.cls === cls) ?? PROFILES[0];
    const tree = flameTree(desk.tables, cls, whose);
    const ended = cls === CLASS.cpu ? '' : ENDED;
    save.disabled = tree.count === 0;
    if (tree.count === 0) {
      flame = null;
      node.replaceChildren(el('p', { class: 'note' }, [`No ${profile.what} in this part of the trace.${ended}`]));
      return;
    }
    flame = new Flame(tree, { unit: cls === CLASS.cpu ? 'count' : 'time', label: profile.what });
    if (search) flame.find(search);
    const words = `Width: ${profile.what}.${ended} Click a box to zoom to it.`;
    node.replaceChildren(el('p', { class: 'note' }, [words]), flame.node);
  };
  choice.addEventListener('change', () => {
    kept.cls = choice.value;
    draw();
  });
  save.addEventListener('click', async () => {
    const cls = Number(choice.value);
    const name = PROFILES.find((p) => p.cls === cls)?.name ?? 'profile';
    desk.download(await gzip(profileOf(desk.tables, cls, whose)), `${name}.pb.gz`);
  });
  draw();
  const filter = (/** @type {string} */ text) => {
    search = text;
    flame?.find(text);
  };
  return { node, tools: [choice, save], filter };
}

/** @type {import('./registry.mjs').Tab} */
export const blocking = {
  id: 'blocking',
  title: 'Blocking',
  make: (desk) => blockingView(desk, PROFILES.find(({ cls }) => desk.blocked(cls, {}))?.cls ?? CLASS.sync, {},
    desk.kept('blocking')),
};
