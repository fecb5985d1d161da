/**
 * The one list of what the user can do. Keys, buttons and the help sheet all come from it, so they cannot disagree.
 *
 * Keys are physical places (KeyboardEvent.code): W/A/S/D stay one hand's keys on every keyboard layout.
 */

/**
 * What commands act on; the element implements it.
 * @typedef {object} Actions
 * @property {() => void} fitSelection
 * @property {() => void} fitAll
 * @property {() => void} follow
 * @property {() => void} clear
 * @property {() => void} help
 * @property {() => void} chooseFile
 * @property {(direction: 1 | -1) => void} zoomStep   1 = in
 * @property {(direction: 1 | -1) => void} nextSpan
 * @property {(direction: 1 | -1) => void} nextLane
 * @property {(direction: 1 | -1) => void} followWake  -1: to who woke it; 1: to the first whom it woke
 * @property {() => void} overlay                      GC and STW over all lanes, or not
 * @property {() => void} findLane                     to the field that filters the lanes
 * @property {() => void} openGroups                   all goroutines of all functions, or none
 * @property {(what: 'pin' | 'hide' | 'up' | 'down') => void} arrange the lane pointed at or selected
 */

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string[]} codes                     keys; with "Shift+" where shift must be held
 * @property {string} keys                        the keys as the help sheet shows them
 * @property {'pan' | 'zoom'} [hold]              runs while the key is down
 * @property {1 | -1} [direction]                 its sign: pan right, zoom in = 1
 * @property {(actions: Actions) => void} [run]
 */

/** @type {ReadonlyArray<Command>} */
export const COMMANDS = [
  { id: 'zoom-in', title: 'Zoom in at the pointer', codes: ['KeyW'], keys: 'W', hold: 'zoom', direction: 1 },
  { id: 'zoom-out', title: 'Zoom out at the pointer', codes: ['KeyS'], keys: 'S', hold: 'zoom', direction: -1 },
  { id: 'pan-left', title: 'Move left', codes: ['KeyA'], keys: 'A', hold: 'pan', direction: -1 },
  { id: 'pan-right', title: 'Move right', codes: ['KeyD'], keys: 'D', hold: 'pan', direction: 1 },
  { id: 'fit-selection', title: 'Zoom to the selected span', codes: ['KeyF'], keys: 'F', run: (a) => a.fitSelection() },
  { id: 'fit-all', title: 'Show the whole trace', codes: ['Digit0', 'Numpad0'], keys: '0', run: (a) => a.fitAll() },
  { id: 'follow', title: 'Follow the live edge', codes: ['KeyL'], keys: 'L', run: (a) => a.follow() },
  { id: 'next-span', title: 'Next span of the lane', codes: ['ArrowRight', 'Period'],
    keys: '→ or .', run: (a) => a.nextSpan(1) },
  { id: 'previous-span', title: 'Previous span', codes: ['ArrowLeft', 'Comma'],
    keys: '← or ,', run: (a) => a.nextSpan(-1) },
  { id: 'lane-down', title: 'Lane below', codes: ['ArrowDown'], keys: '↓', run: (a) => a.nextLane(1) },
  { id: 'lane-up', title: 'Lane above', codes: ['ArrowUp'], keys: '↑', run: (a) => a.nextLane(-1) },
  { id: 'wake-back', title: 'To who woke the selected span', codes: ['BracketLeft'], keys: '[',
    run: (a) => a.followWake(-1) },
  { id: 'wake-forth', title: 'To whom the selected span woke first', codes: ['BracketRight'], keys: ']',
    run: (a) => a.followWake(1) },
  { id: 'overlay', title: 'GC and stops of the world over all lanes', codes: ['KeyO'], keys: 'O',
    run: (a) => a.overlay() },
  { id: 'find-lane', title: 'Find lanes', codes: ['KeyG'], keys: 'G', run: (a) => a.findLane() },
  { id: 'open-groups', title: 'Open or close all functions of goroutines', codes: ['Shift+KeyG'], keys: 'Shift G',
    run: (a) => a.openGroups() },
  { id: 'pin-lane', title: 'Pin the lane to the top, or unpin it', codes: ['KeyP'], keys: 'P',
    run: (a) => a.arrange('pin') },
  { id: 'hide-lane', title: 'Hide the lane', codes: ['Shift+KeyH'], keys: 'Shift H', run: (a) => a.arrange('hide') },
  { id: 'lane-move-up', title: 'Move the lane up', codes: ['Shift+ArrowUp'], keys: 'Shift ↑',
    run: (a) => a.arrange('up') },
  { id: 'lane-move-down', title: 'Move the lane down', codes: ['Shift+ArrowDown'], keys: 'Shift ↓',
    run: (a) => a.arrange('down') },
  { id: 'step-in', title: 'Zoom in one step', codes: ['Equal', 'NumpadAdd', 'Shift+Equal'],
    keys: '+', run: (a) => a.zoomStep(1) },
  { id: 'step-out', title: 'Zoom out one step', codes: ['Minus', 'NumpadSubtract'],
    keys: '−', run: (a) => a.zoomStep(-1) },
  { id: 'open', title: 'Open a trace file', codes: ['Shift+KeyO'], keys: 'Shift O', run: (a) => a.chooseFile() },
  { id: 'clear', title: 'Close, or clear the selection', codes: ['Escape'], keys: 'Esc', run: (a) => a.clear() },
  { id: 'help', title: 'This sheet', codes: ['Shift+Slash', 'F1'], keys: '?', run: (a) => a.help() },
];

/** What the pointer does, for the help sheet. @type {ReadonlyArray<{keys: string, title: string}>} */
export const GESTURES = [
  { keys: 'Drag', title: 'Move through time, and through lanes when they do not all fit' },
  { keys: 'Ctrl/⌘ + wheel, pinch', title: 'Zoom at the pointer' },
  { keys: 'Shift + wheel, sideways', title: 'Move through time' },
  { keys: 'Wheel', title: 'Scroll the lanes when they do not all fit' },
  { keys: 'Click', title: 'Keep the details of a span; its goroutine stays coloured, others fade' },
  { keys: 'Double click', title: 'Zoom to the span' },
  { keys: 'Drop a file', title: 'Open it' },
];

/** @type {Map<string, Command>} */
const byCode = new Map(COMMANDS.flatMap((command) => command.codes.map((code) => [code, command])));

/**
 * @param {{code: string, key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {Command | null}
 */
export function commandFor(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  // "?" sits on another key in many layouts: the sign itself counts too.
  if (event.key === '?') return byCode.get('Shift+Slash') ?? null;
  return byCode.get(event.shiftKey ? `Shift+${event.code}` : event.code) ?? null;
}

/** @param {string} id @returns {Command} */
export function commandById(id) {
  const command = COMMANDS.find((c) => c.id === id);
  if (!command) throw new Error(`There is no command ${id}.`);
  return command;
}
