// `import 'goroscope/playground'`: defines <goroscope-playground>. api.d.mts is its manual.
export { addresses } from './compiler.mjs';
export { GoroscopePlayground } from './element.mjs';
