// What a page in TypeScript does with `goroscope/playground`; the types test compiles it, nothing runs it.
import { GoroscopePlayground } from 'goroscope/playground';
import type { PlaygroundSettings, PlaygroundState } from 'goroscope/playground';

const playground = document.createElement('goroscope-playground');
const same: GoroscopePlayground | null = document.querySelector('goroscope-playground');
playground.source = 'int gr_main(int argc, char **argv) { return argc; }';
playground.files = { 'ring.h': '#define RING 3', 'data.bin': new Uint8Array(3) };
playground.fetch = ['https://example.org'];
playground.procs = 4;
playground.mode = 'sim';
playground.autorun = true;
playground.expect = null;
const { exitCode, stopped } = await playground.run();
const state: PlaygroundState = playground.state;
const settings: PlaygroundSettings = playground.settings;
playground.settings = { ...settings, procs: '2' };
playground.addEventListener('statechange', ({ detail }) => {
  const now: PlaygroundState = detail.state;
  console.log(now, exitCode, stopped, state, same);
});
playground.addEventListener('output', function ({ detail }) {
  console.log(detail.stream === 'stderr', detail.text, this.output.length);
});
playground.addEventListener('diagnostics', ({ detail }) => console.log(detail.map((d) => `${d.line}: ${d.text}`)));
playground.addEventListener('sourcechange', ({ detail }) => console.log(detail.name, detail.source));
playground.addEventListener('expect', ({ detail }) => console.log(detail.passed));
playground.addEventListener('click', ({ clientX }) => console.log(clientX));
console.log(playground.viewer.info?.events, await playground.runtime?.goroutines(), playground.message);
// @ts-expect-error: the state is told, not set
playground.state = 'running';
// @ts-expect-error: origins, not one
playground.fetch = 'https://example.org';
playground.stop();
