// A program and its timeline, with no bundler: the browser loads the package's modules as they are.
import { load } from './node_modules/goroscope/wasm/host/loader.mjs';
import './node_modules/goroscope/viewer/app/element.mjs';

const output = document.querySelector('pre');
const rt = await load('squares.wasm', { stdout: (text) => output.append(text) });
document.querySelector('goroscope-viewer').attach(rt);
const { exitCode } = await rt.run();
output.append(`exit code ${exitCode}, ${rt.mode}\n`);
