/**
 * Finds a lane's part of an answer of the trace reader.
 */

/**
 * @param {import('./lanes.mjs').Tiles | null} tiles @param {number} lane
 * @returns {import('./rows.mjs').LaneItems | null}
 */
export function itemsOf(tiles, lane) {
  if (!tiles || lane < 0) return null;
  return tiles.lanes.find((items) => items.lane === lane) ?? null;
}
