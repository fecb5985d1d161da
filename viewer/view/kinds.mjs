/**
 * All kinds of lanes. A new one is one file in kinds/ and one line here.
 */
import { curve } from './kinds/curve.mjs';
import { gap } from './kinds/gap.mjs';
import { gc } from './kinds/gc.mjs';
import { go } from './kinds/go.mjs';
import { head } from './kinds/head.mjs';
import { heat } from './kinds/heat.mjs';
import { m } from './kinds/m.mjs';
import { proc } from './kinds/proc.mjs';
import { range } from './kinds/range.mjs';
import { region } from './kinds/region.mjs';
import { stw } from './kinds/stw.mjs';
import { task } from './kinds/task.mjs';

/** @type {Record<string, import('./kinds/kind.mjs').Kind>} */
export const KINDS = { proc, stw, gc, m, go, region, range, task, curve, heat, gap, head };
