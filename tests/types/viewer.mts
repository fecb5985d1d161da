// What a page in TypeScript does with `goroscope/viewer`; the types test compiles it, nothing runs it.
import { GoroscopeViewer } from 'goroscope/viewer';
import type { Area, Span, TraceInfo, ViewState } from 'goroscope/viewer';

declare const file: File;
declare const program: { trace: { region: null; readable: ReadableStream<Uint8Array> } };

const viewer = document.createElement('goroscope-viewer');
const same: GoroscopeViewer | null = document.querySelector('goroscope-viewer');
const read: boolean = await viewer.open(file, { name: 'mine' });
await viewer.open(new URL('https://example.org/x.trace'));
viewer.attach(program);
const state: ViewState = viewer.state;
viewer.state = { ...state, query: 'dur>5ms', marks: [{ t0: 5, text: 'here' }] };
viewer.settings = { drag: 'pan' };
const span: Span | null = await viewer.select({ lane: 'proc:1', at: 1e6 });
await viewer.select({ t0: 0, t1: 1e6 });
await viewer.select(null);
viewer.addEventListener('info', (event) => {
  const info: TraceInfo = event.detail;
  console.log(info.events, read, span?.goid, same);
});
viewer.addEventListener('select', function (event) {
  console.log(event.detail?.fn, this.info?.name);
});
viewer.addEventListener('areachange', ({ detail }) => {
  const area: Area | null = detail;
  console.log(area?.lanes.join());
});
viewer.addEventListener('error', ({ message }) => console.log(message.length));
viewer.addEventListener('viewchange', () => console.log(viewer.state));
viewer.addEventListener('click', ({ clientX }) => console.log(clientX));
const blob: Blob = await viewer.save();
// @ts-expect-error: a number is no trace
await viewer.open(42);
// @ts-expect-error: there is no such drag
viewer.settings = { drag: 'fly' };
// @ts-expect-error: what is known of a trace is told, not set
viewer.info = null;
viewer.cancel();
viewer.close();
console.log(blob.size);
