/**
 * When the world was stopped, and by whom: the colour of who stopped it.
 */
import { proc } from './proc.mjs';

/** @type {import('./kind.mjs').Kind} */
export const stw = { ...proc };
