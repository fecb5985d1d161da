// The viewer's figures beside their goals: npm run bench:viewer [-- --json] [--only PART] [--seconds N]. Real
// Chromium, traces made here (long-trace.mjs), kept in build/bench. The 1 GB one wants as much disk; --only 27
// leaves it out.
import { parseArgs } from 'node:util';
import { LANES_UP_TO } from '../../viewer/app/session.mjs';
import { Figures } from './figures.mjs';
import { longTrace } from './long-trace.mjs';
import { Measuring } from './viewer-measure.mjs';
import { viewerSize } from './viewer-size.mjs';

const MB = 1e6;
/** Files to open: what they are called, their bytes, and what opening may cost; whole: in one generation. */
const FILES = [
  { name: '27 MB', bytes: 27 * MB, indexed: 0.6, memory: 100 },
  { name: '131 MB', bytes: 131 * MB, indexed: 3, memory: 300 },
  { name: 'one generation of 131 MB', bytes: 131 * MB, indexed: 5, memory: 300, whole: true },
  { name: '1 GB', bytes: 1000 * MB, indexed: 30, memory: 700 },
];
const LIVE = 2e6;
const FRAMES = 240;

const { values } = parseArgs({ options: {
  json: { type: 'boolean', default: false }, only: { type: 'string', default: '' },
  seconds: { type: 'string', default: '20' },
} });
const wanted = (/** @type {string} */ name) => name.includes(values.only);

const measuring = await Measuring.start();
const figures = new Figures(measuring.browser.version(), values.json);
const note = figures.note.bind(figures);

/** @param {Awaited<ReturnType<Measuring['frames']>>} frames @param {string} of */
function noteFrames({ p50, p95, longest }, of) {
  note(`${of}: frame, half`, 'ms', p50, 17);
  note(`${of}: frame, 95 %`, 'ms', p95, 17);
  note(`${of}: longest block while moving (0: under 50)`, 'ms', longest, 50);
}

try {
  for (const { name, bytes, indexed, memory, whole } of FILES.filter((f) => wanted(f.name))) {
    const { page, empty } = await measuring.page();
    const opened = await measuring.open(page, await longTrace(bytes, { whole }), empty);
    if (opened.error) console.error(`${name}: ${opened.error}`);
    const of = `${name}, ${(opened.events / 1e6).toFixed(1)} M events`;
    note(`${of}: first lanes`, 's', opened.first / 1000, 0.3);
    note(`${of}: indexed`, 's', opened.indexed / 1000, indexed);
    note(`${of}: memory`, 'MB', opened.memory, memory);
    note(`${of}: longest block (0: under 50)`, 'ms', opened.longest, 50);
    if (bytes < LANES_UP_TO) {
      note(`${of}: lanes of goroutines`, 's', opened.whole / 1000, indexed);
      note(`${of}: memory with them`, 'MB', opened.wholeMemory, memory);
      note(`${of}: longest block with them`, 'ms', opened.wholeLongest, 50);
    }
    noteFrames(await measuring.frames(page, FRAMES), of);
    await page.context().close();
  }
  if (wanted('10,000 goroutines')) {
    const { page, empty } = await measuring.page();
    await measuring.open(page, await longTrace(20 * MB, { goroutines: 10_000 }), empty);
    noteFrames(await measuring.frames(page, FRAMES), '10,000 goroutines');
    await page.context().close();
  }
  if (wanted('live')) {
    const { page, empty } = await measuring.page(), seconds = Number(values.seconds);
    const live = await measuring.live(page, { perSecond: LIVE, seconds, empty });
    const of = `live, ${seconds} s`;
    note(`${of}: taken`, 'events/s', live.events / live.took * 1000, LIVE * 0.95);
    note(`${of}: memory`, 'MB', live.memory, 700);
    note(`${of}: longest block (0: under 50)`, 'ms', live.longest, 50);
    await page.context().close();
  }
  if (wanted('size')) {
    const { packed, page, site } = await viewerSize();
    note('size, as one page (goroscope export), gzipped', 'kB', page / 1000, 300);
    note('size, all of the page of goroscope serve', 'kB', site / 1000, 300);
    note('size, modules as written, each gzipped', 'kB', packed / 1000, 300);
  }
} finally {
  await measuring.close();
}
figures.end();
