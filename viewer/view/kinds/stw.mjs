/**
 * When the world was stopped, and by whom: the colour of who stopped it. Mostly empty, so as low as the lane of the GC.
 */
import { gc } from './gc.mjs';
import { proc } from './proc.mjs';

/** @type {import('./kind.mjs').Kind} */
export const stw = { ...proc, height: gc.height };
