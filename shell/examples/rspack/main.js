// A program and its timeline, bundled by rspack.
import { load } from 'goroscope';
import 'goroscope/viewer';

const output = document.querySelector('pre');
const rt = await load(new URL('./squares.wasm', import.meta.url), { stdout: (text) => output.append(text) });
document.querySelector('goroscope-viewer').attach(rt);
const { exitCode } = await rt.run();
output.append(`exit code ${exitCode}, ${rt.mode}\n`);
