// The demo page: puts its parts together and decides what follows from what.
import { GoroscopeViewer } from '../../viewer/app/element.mjs';
import { download } from '../../viewer/app/download.mjs';
import { oneAtATime } from '../../viewer/app/input.mjs';
import { keepSettings } from '../../viewer/app/keep.mjs';
import { asItWas, keepLastFile, lastFile } from '../../viewer/app/lastfile.mjs';
import { keepViewInAddress, traceInAddress } from '../../viewer/app/link.mjs';
import { plural, sizeOf } from '../../viewer/view/numbers.mjs';
import { GoroutinesPane } from '../playground/goroutines.mjs';
import { OutputPane } from '../playground/output.mjs';
import { Picture } from '../playground/picture.mjs';
import { Runner, fetchProgram } from '../playground/runner.mjs';
import { toFragment } from '../playground/share.mjs';
import { PANES } from '../playground/styles.mjs';
import { setUpTabs } from '../playground/tabs.mjs';
import { joinArgs, splitArgs } from '../playground/typed.mjs';
import { fillCards } from './cards.mjs';
import { ComparePane } from './compare.mjs';
import { Controls, byId } from './controls.mjs';
import { acceptDrops, kindOfFile } from './files.mjs';
import { defaults, fromQuery, toQuery } from './settings.mjs';
import { SourcePane } from './source.mjs';
import { StatusLine } from './status.mjs';
import { setUpTheme } from './theme.mjs';
import { WhatIfPane } from './whatif.mjs';

/** @typedef {import('./controls.mjs').Demo} Demo */

/** The name under which a demo that reads a text finds it. */
const INPUT_NAME = 'input.txt';

const panes = new CSSStyleSheet();
panes.replaceSync(PANES);
document.adoptedStyleSheets.push(panes);

const threads = globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
GoroscopeViewer.loadFrom({ page: document.documentElement.dataset.page });
const viewer = /** @type {GoroscopeViewer} */ (byId('viewer'));
const status = new StatusLine(byId('status'));
const output = new OutputPane(byId('output'), byId('output-note'));
const picture = new Picture(byId('picture'), byId('canvas'));
const source = new SourcePane(byId('source'), byId('source-lines'), byId('edit'));
const goroutines = new GoroutinesPane({
  pane: byId('goroutines'),
  filter: /** @type {HTMLSelectElement} */ (byId('goroutines-filter')),
  freeze: /** @type {HTMLButtonElement} */ (byId('goroutines-freeze')),
  note: byId('goroutines-note'),
  list: byId('goroutines-list'),
}, (site) => void showSource(site));
/** Covers the empty timeline until something ran or was opened. */
const hero = byId('hero');

/** @type {File | null} the user's own text */
let ownText = null;
/** @type {{name: string, bytes: Uint8Array<ArrayBuffer>} | null} the user's own program, dropped */
let ownProgram = null;
/** What runs, or ran last, unless another was chosen since; null: a program that is no demo. @type {Demo | null} */
let told = null;
/** How many Ps the program that runs was last seen to have, 0: none runs. */
let procs = 0;
/** Name of what the viewer shows, for the saved file. */
let shownName = 'goroscope';
/** Name of the recorded trace that is shown; '' while it is a program's. */
let shownFile = '';

const runner = new Runner({
  onStatus: (run) => {
    document.documentElement.dataset.run = run.state;
    controls.stop.disabled = !runner.busy || run.state === 'stopping';
    status.setRun(run);
    if (run.state === 'running' || runner.busy) return;
    picture.stop();
    goroutines.end();
    if (run.rt) picture.show(run.rt.image()); // the last strokes came after the last frame
    output.flush();
    if (run.state === 'failed') output.tell(run.error);
  },
  onOutput: (stream, text) => output.write(stream, text),
  onMore: (stream, piece) => output.more(stream, piece),
  onLoaded: (rt) => {
    shownFile = '';
    showChoice();
    viewer.attach(rt, { name: shownName });
    picture.start(rt);
    goroutines.watch(rt);
  },
});

const base = defaults(navigator.hardwareConcurrency || 2);
const asked = fromQuery(location.search, base);
const controls = new Controls(await fetchDemos(), asked, threads, onSettings);

/** @returns {Promise<Demo[]>} */
async function fetchDemos() {
  const response = await fetch(new URL('demos/demos.json', document.baseURI)).catch(() => null);
  if (response?.ok) return response.json();
  byId('status').textContent = 'The list of programs could not be fetched; reload the page.';
  throw new Error('shell/demos/demos.json could not be fetched');
}

/** Follows the controls: address, texts, what is shown beside the timeline. */
function onSettings() {
  writeAddress();
  whatif.clear();
  if (!runner.busy) told = controls.chosen;
  showChoice();
}

function writeAddress() {
  history.replaceState(null, '', `${location.pathname}${toQuery(controls.settings, base)}`);
}

/**
 * What stands beside the timeline: of the program that runs, else of the chosen one, and nothing of it while a recorded
 * trace is shown.
 */
function showChoice() {
  const demo = told;
  const next = controls.chosen === demo ? '' : ` (Run starts ${controls.title}, which is chosen now.)`;
  byId('watch').textContent = shownFile ? `The recorded trace ${shownFile}.`
    : `${demo?.what ?? 'A program of your own.'}${next}`;
  byId('watch').classList.toggle('recorded', shownFile !== '');
  byId('input').hidden = shownFile !== '' || !demo?.file;
  if (shownFile) return source.none('This trace was recorded before; the source of its program is not here.');
  byId('input-name').textContent = ownText ? `${ownText.name}, ${sizeOf(ownText.size)}` : bundledName(demo);
  byId('input-reset').hidden = !ownText;
  // A playground has no file of the page's, reaches no server, and an exported page has no playground.
  if (demo) source.choose(demo.name, !demo.file && !demo.fetches && !document.documentElement.dataset.programs);
  else source.none('This program came as wasm; its source is not here.');
}

/** @param {Demo | null} demo */
function bundledName(demo) {
  return demo?.file?.replace(/^.*\//, '').replace(/\.txt$/, '').replaceAll('-', ' ') ?? '';
}

/**
 * @param {Demo | null} demo @param {AbortSignal} signal
 * @returns {Promise<Record<string, Uint8Array>>} the files a program may read
 */
async function inputFiles(demo, signal) {
  if (!demo?.file) return {};
  if (ownText) return { [INPUT_NAME]: new Uint8Array(await ownText.arrayBuffer()) };
  const response = await fetch(new URL(`demos/${demo.file}`, document.baseURI), { signal }).catch(() => null);
  if (!response?.ok)
    throw new Error(`The text ${demo.file} could not be fetched; reload the page, or use one of your own.`);
  return { [INPUT_NAME]: new Uint8Array(await response.arrayBuffer()) };
}

/** What is to run by the controls; null: they name nothing. @returns {import('../playground/runner.mjs').Job | null} */
function makeJob() {
  const { settings, chosen } = controls;
  const args = settings.args === null ? chosen?.args ?? [] : splitArgs(settings.args);
  const { title } = controls;
  const own = !chosen && ownProgram?.name === settings.program ? ownProgram.bytes : null;
  const folder = document.documentElement.dataset.programs ?? '../build/demos/';
  const address = chosen ? `${folder}${chosen.name}.wasm` : settings.program;
  if (!own && !URL.canParse(address, document.baseURI)) return null;
  /** @type {import('../playground/runner.mjs').Job['program']} */
  const program = async (signal, onProgress) =>
    own ?? fetchProgram(new URL(address, document.baseURI), signal, onProgress);
  const allowed = { fetch: [location.origin] };
  return { title, program, args, files: (signal) => inputFiles(chosen, signal), settings, allowed };
}

async function run() {
  const job = makeJob();
  output.clear();
  hero.hidden = true;
  told = controls.chosen;
  showChoice();
  if (!job) return output.tell(`${controls.settings.program} is no address of a program.`);
  shownName = controls.chosen?.name ?? job.title.replace(/\.wasm$/, '');
  await runner.start(job);
}

/** The program that shows, in a playground, set as it is here. */
async function edit() {
  if (!told) return;
  const { args, procs, mode, seed, clock } = controls.settings;
  // Another may be chosen by now: its arguments are not for the one that shows.
  const typed = told === controls.chosen && args !== null ? args : joinArgs(told.args);
  const settings = { source: source.text, name: `${told.name}.c`, args: typed, procs, mode, seed, clock };
  location.assign(`playground/${await toFragment({ settings })}`);
}

/** A goroutine's call, in the other tab. @param {import('../goroscope.d.mts').CallSite} site */
async function showSource(site) {
  byId('tab-source').click();
  await source.show();
  source.mark(site);
}

/** What ran, for the heading of a trace that is kept. */
function keptName() {
  const { rt, title } = runner.status;
  return `${title || shownName}${rt ? `, ${plural(rt.procs, 'P')}, ${rt.mode}` : ''}`;
}

async function save() {
  const button = controls.save;
  button.disabled = true;
  try {
    download(await viewer.save(), `${shownName}.trace`);
  } catch (e) {
    output.tell(/** @type {Error} */ (e).message);
  } finally {
    button.disabled = false;
  }
}

/**
 * A recorded trace is what the page shows; a program that runs is ended, its trace would go nowhere.
 * @param {string} name
 */
function showFile(name) {
  const ended = runner.busy ? runner.status.title : '';
  runner.abandon();
  hero.hidden = true;
  shownFile = name;
  shownName = name.replace(/\.trace$/, '');
  output.clear();
  picture.clear();
  goroutines.clear();
  whatif.clear();
  showChoice();
  if (ended) output.tell(`${ended} was stopped: the trace in ${name} is shown in its place.`);
  status.setFile(name);
}

/**
 * A program that runs goes on until the trace is there to be shown (the viewer's event `info`): it may not be one.
 * @param {File | URL} what @param {string} name
 */
async function openTrace(what, name) {
  hero.hidden = true;
  return viewer.open(what, { name });
}

/** One sentence where it is seen: above the timeline, or in what covers it. @param {string} sentence */
function say(sentence) {
  if (hero.hidden) return viewer.say(sentence);
  byId('missing').textContent = sentence;
  byId('missing').hidden = false;
}

/** @param {File} file dropped or picked */
async function takeFile(file) {
  const kind = await kindOfFile(file).catch(() => 'other');
  if (kind === 'trace') return openTrace(file, file.name);
  if (kind === 'program') {
    ownProgram = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    controls.addProgram(file.name);
    return run();
  }
  if (kind === 'text') return takeText(file);
  say(`${file.name} is neither a Go trace, nor a wasm program, nor a text; nothing was done with it.`);
}

/** @param {File} file becomes the text of the demo that reads one */
function takeText(file) {
  if (runner.busy)
    return say(`${file.name} is a text, for the word count: stop the program that runs, then take it again.`);
  ownText = file;
  const reader = controls.demos.find((d) => d.file);
  if (reader && !controls.chosen?.file) {
    controls.put({ ...controls.settings, demo: reader.name, program: '', args: null });
    onSettings();
  }
  showChoice();
  return run();
}

controls.form.addEventListener('submit', (e) => {
  e.preventDefault();
  void run();
});
controls.stop.addEventListener('click', () => runner.stop());
byId('edit').addEventListener('click', () => void edit().catch(({ message }) => output.tell(message)));
controls.save.addEventListener('click', () => void save());

const picker = /** @type {HTMLInputElement} */ (byId('input-file'));
byId('input-pick').addEventListener('click', () => picker.click());
picker.addEventListener('change', () => {
  const file = picker.files?.[0];
  picker.value = ''; // the same file may be picked again
  if (file) void takeFile(file);
});
byId('input-reset').addEventListener('click', () => {
  ownText = null;
  showChoice();
});
acceptDrops(byId('veil'), (files) => {
  if (files.length === 1) void takeFile(files[0]);
  else say(oneAtATime(files.length));
});

viewer.addEventListener('info', (e) => {
  const info = /** @type {CustomEvent<import('../../viewer/app/words.mjs').TraceInfo>} */ (e).detail;
  controls.save.disabled = controls.compare.disabled = info.events === 0;
  // The viewer has a button of its own to open a file: then that file is what the page shows.
  // But a snapshot is the running program's.
  if (viewer.session && !viewer.session.attached && !viewer.live.parked && info.name !== shownFile) showFile(info.name);
  status.setInfo(info);
});
viewer.addEventListener('livechange', (e) => {
  const doing = /** @type {CustomEvent<import('../../viewer/app/live.mjs').Doing | null>} */ (e).detail;
  status.setDoing(doing);
  const now = doing?.procs ?? 0;
  if (procs && now && now !== procs) {
    controls.setProcs(now);
    writeAddress();
  }
  procs = now;
});
viewer.addEventListener('select', (e) => source.mark(/** @type {CustomEvent} */ (e).detail?.site));

const whatif = new WhatIfPane(byId('whatif'), makeJob);
const compare = new ComparePane(viewer, byId('kept'), controls.compare, {
  nameOf: () => shownFile || keptName(),
  say: (sentence) => output.tell(sentence),
});

setUpTheme(byId('theme'), (theme) => {
  viewer.setAttribute('theme', theme);
  compare.setTheme(theme);
  goroutines.setTheme(theme === 'dark');
});
setUpTabs(byId('tab-output').parentElement, (id) => {
  if (id === 'source') void source.show();
  if (id === 'goroutines') void goroutines.ask();
});
byId('isolation').hidden = threads;
fillCards(byId('cards'), controls.demos, (demo) => {
  controls.put({ ...controls.settings, demo: demo.name, program: '', args: null });
  onSettings();
  void run();
});
byId('hero-open').addEventListener('click', () => picker.click());
/** What was dropped or picked before a reload. */
const last = asked.file || asked.run ? null : await lastFile(traceInAddress());
/** A demo that an address names and that is not there, '' for none. */
const unknown = asked.program || asked.file || controls.demos.some(({ name }) => name === asked.demo) ? '' : asked.demo;
hero.hidden = Boolean(asked.file || (asked.run && !unknown));
told = controls.chosen;
showChoice();
status.setRun(runner.status);
performance.mark('ready');
document.documentElement.dataset.run = 'idle';

if (asked.file) void openTrace(new URL(`/file/${encodeURIComponent(asked.file)}`, location.origin), asked.file);
else if (unknown) {
  say(`There is no demo “${unknown}”, so none was started: there are ${
    controls.demos.map(({ name }) => name).join(', ')}.`);
} else if (asked.run) void run();
else if (last && !viewer.opening && !runner.busy)
  void openTrace(last.file, last.file.name).then((whole) => { if (whole) viewer.timeline.hint(asItWas(last)); });
// After that: what is begun clears what a damaged address has to say.
keepSettings(viewer);
keepLastFile(viewer, last);
keepViewInAddress(viewer, {
  say,
  isComing: () => runner.busy,
  titleOf: (name) => controls.demos.find((demo) => demo.name === name)?.title ?? name,
});
