// `import 'goroscope/playground'`: defines <goroscope-playground>. api.d.mts is its manual.
export { GoroscopePlayground } from './element.mjs';
