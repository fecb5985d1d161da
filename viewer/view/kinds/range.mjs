/**
 * What a goroutine did for the garbage collector: mark assists and sweeps.
 */
import { paintOn } from './gc.mjs';
import { region } from './region.mjs';

/** @type {import('./kind.mjs').Kind} */
export const range = { ...region, paint: paintOn('gc') };
