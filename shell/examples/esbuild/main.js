// A program and its timeline, bundled by esbuild, which knows nothing of workers: goroscope/standalone has them in it.
import { load } from 'goroscope/standalone';

const output = document.querySelector('pre');
const rt = await load('squares.wasm', { stdout: (text) => output.append(text) });
document.querySelector('goroscope-viewer').attach(rt);
const { exitCode } = await rt.run();
output.append(`exit code ${exitCode}, ${rt.mode}\n`);
