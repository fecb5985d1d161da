import resolve from '@rollup/plugin-node-resolve';

export default { input: 'main.js', output: { file: 'public/main.js' }, plugins: [resolve()] };
