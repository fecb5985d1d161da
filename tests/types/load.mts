// What a project in TypeScript does with `goroscope` and the others beside the viewer; a test compiles it, nothing runs it.
import { load } from 'goroscope';
import type { Bytes, Goroutine, Image, LoadOptions, Runtime } from 'goroscope';
import { Builder } from 'goroscope/compile';
import type { Built } from 'goroscope/compile';
import { exportTrace } from 'goroscope/export';
import { GoroscopeViewer, load as loadAlone } from 'goroscope/standalone';
import { readTrace } from 'goroscope/trace';

const options: LoadOptions = {
  procs: 4, stdout: (text) => console.log(text.length), trace: { mode: 'flight', ms: 10_000 },
  host: { ask: async (text, bytes) => `${text}${bytes.length}` }, worker: new URL('https://example.org/worker.mjs'),
};
const rt: Runtime = await load('squares.wasm', options);
const image: Image | null = rt.image();
if (image) new ImageData(image.data, image.width, image.height);
const file: Bytes = await rt.trace.snapshot();
new Blob([file]);
const all: Goroutine[] = await rt.goroutines();
const { exitCode, stopped } = await rt.run();
const alone: Runtime = await loadAlone(file);
GoroscopeViewer.loadFrom({ worker: 'blob:x', reader: new URL('https://example.org/reader.wasm') });
for await (const event of readTrace(file)) if (event.event === 'GoBlock') console.log(event.reason, event.stack?.[0]?.line);
for await (const piece of exportTrace(file, 'perfetto', { from: 0 })) console.log(piece.length);
const builder = new Builder({ clang: 'a', binaryen: 'b', kit: 'c', manual: 'd' }, { onStep: (step) => console.log(step) });
const built: Built = await builder.build({ 'prog.c': '' }, { optimize: 2, check: true });
if (built.wasm) await load(built.wasm);
console.log(all.length, exitCode, stopped, alone.mode, built.diagnostics[0]?.line);
// @ts-expect-error: there is no such option
await load('x.wasm', { proc: 3 });
// @ts-expect-error: a format that there is not
exportTrace(file, 'gif');
