// busy.mjs: where a trace has something to see: a program that ran for a moment may have waited long before it began.

/** Columns that are asked for to find it. */
const COLUMNS = 4000;
/** What fills less of the trace is shown alone. */
const LITTLE = 1 / 4;

/**
 * From the first span of a P to the last, if that is only a little of the trace.
 * @param {import('./session.mjs').Session} session of which all has been read
 * @returns {Promise<{t0: number, t1: number} | null>}
 */
export async function busyPart({ client, info }) {
  if (!info?.t1) return null;
  const lanes = info.lanes.filter(({ kind, spans }) => kind === 'proc' && spans > 0).map(({ index }) => index);
  const query = { t0: 0, t1: info.t1, px: COLUMNS, lanes, patient: true };
  const tiles = await client.query(query).catch(() => null);
  let t0 = Infinity, t1 = 0;
  for (const { n, start, end } of tiles?.lanes ?? []) {
    if (n === 0) continue;
    t0 = Math.min(t0, start[0]);
    t1 = Math.max(t1, end[n - 1]);
  }
  return t1 > t0 && t1 - t0 < info.t1 * LITTLE ? { t0, t1 } : null;
}
