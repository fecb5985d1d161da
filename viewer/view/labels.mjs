/**
 * What is written on spans.
 */

/**
 * "main.worker G12", as much of it as `room` characters hold: the package goes first, then the end of the name.
 * @param {string} fn @param {number} goid @param {number} room
 */
export function labelFor(fn, goid, room) {
  const id = `G${goid}`;
  if (room < id.length) return '';
  const name = fn.slice(fn.lastIndexOf('/') + 1);
  const bare = name.slice(name.indexOf('.') + 1);
  if (name && name.length + 1 + id.length <= room) return `${name} ${id}`;
  if (bare && bare.length + 1 + id.length <= room) return `${bare} ${id}`;
  const left = room - id.length - 2;
  return bare && left >= 3 ? `${bare.slice(0, left)}… ${id}` : id;
}
