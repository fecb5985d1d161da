// roles.mjs: what a viewer's workers are for, by their names. Apart from workers.mjs, since a bundler would follow a
// worker that names its own file for ever.

/** What there are workers for. */
export const ROLE = Object.freeze({
  SESSION: 'goroscope trace', READER: 'goroscope reader', LANES: 'goroscope lanes',
  ANALYSIS: 'goroscope analysis', EXPORT: 'goroscope export',
});
