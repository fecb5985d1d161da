/**
 * The one list of what the user can do. Keys, buttons, the palette and the help sheet all come from it, so they cannot
 * disagree. A new command is one entry, and an action behind it when none of those there fits.
 *
 * Keys are physical places (KeyboardEvent.code): W/A/S/D stay one hand's keys on every keyboard layout. "Ctrl+" is
 * the Mac's ⌘ too.
 */

import { LIVE_COMMANDS } from './live-commands.mjs';

/**
 * What commands act on; actions.mjs implements it.
 * @typedef {object} Actions
 * @property {() => void} fitSelection
 * @property {() => void} fitAll
 * @property {() => void} follow
 * @property {() => import('./live.mjs').Live} live    the program that runs
 * @property {() => void} pause         stop following the live edge, or follow it again
 * @property {() => void} clear
 * @property {() => void} help
 * @property {() => void} palette
 * @property {() => void} goToLane
 * @property {() => void} tables
 * @property {() => void} chooseFile
 * @property {() => void} compare       with a trace that is chosen
 * @property {() => void} cancel        what is being read
 * @property {() => void} find
 * @property {(direction: 1 | -1) => void} findNext
 * @property {() => void} settings
 * @property {(id: string) => void} save
 * @property {(direction: 1 | -1) => void} undo      -1 = again
 * @property {(keep: boolean) => void} mark
 * @property {() => void} marks
 * @property {() => void} areaOfView
 * @property {(time: -1 | 0 | 1, lanes: -1 | 0 | 1) => void} areaGrow
 * @property {(direction: 1 | -1) => void} zoomStep   1 = in
 * @property {(direction: 1 | -1) => void} nextSpan
 * @property {(direction: 1 | -1) => void} nextLane
 * @property {(direction: 1 | -1) => void} followWake  -1: to who woke it; 1: to the first whom it woke
 * @property {() => void} overlay                      GC and STW over all lanes, or not
 * @property {() => void} openGroups                   all goroutines of all functions, or none
 * @property {(what: 'pin' | 'hide' | 'up' | 'down') => void} arrange the lane pointed at or selected
 */

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string[]} codes                     keys; with "Ctrl+", "Shift+" before, in this order
 * @property {string} keys                        the keys as the help sheet shows them
 * @property {'pan' | 'zoom'} [hold]              runs while the key is down
 * @property {1 | -1} [direction]                 its sign: pan right, zoom in = 1
 * @property {boolean} [tap]                      runs when the key goes up, unless it was held for a drag
 * @property {(actions: Actions) => boolean} [when]  false: nothing to do it with now
 * @property {(actions: Actions) => void} [run]
 */

/** @type {Command[]} */
export const COMMANDS = [
  { id: 'zoom-in', title: 'Zoom in at the pointer', codes: ['KeyW'], keys: 'W', hold: 'zoom', direction: 1 },
  { id: 'zoom-out', title: 'Zoom out at the pointer', codes: ['KeyS'], keys: 'S', hold: 'zoom', direction: -1 },
  { id: 'pan-left', title: 'Move left', codes: ['KeyA'], keys: 'A', hold: 'pan', direction: -1 },
  { id: 'pan-right', title: 'Move right', codes: ['KeyD'], keys: 'D', hold: 'pan', direction: 1 },
  { id: 'fit-selection', title: 'Bring the selection to the middle; again: zoom to it', codes: ['KeyF'], keys: 'F',
    run: (a) => a.fitSelection() },
  { id: 'fit-all', title: 'Show the whole trace', codes: ['Digit0', 'Numpad0'], keys: '0', run: (a) => a.fitAll() },
  { id: 'undo', title: 'Undo the last move or zoom', codes: ['Ctrl+KeyZ'], keys: 'Ctrl+Z', run: (a) => a.undo(1) },
  { id: 'redo', title: 'Do it again', codes: ['Ctrl+KeyY', 'Ctrl+Shift+KeyZ'], keys: 'Ctrl+Y', run: (a) => a.undo(-1) },
  { id: 'follow', title: 'Follow the live edge', codes: ['KeyL'], keys: 'L', run: (a) => a.follow() },
  { id: 'pause', title: 'Stop following the live edge, or go on', codes: ['Space'], keys: 'Space', tap: true,
    run: (a) => a.pause() },
  { id: 'next-span', title: 'Next span of the lane', codes: ['ArrowRight', 'Period'],
    keys: '→ or .', run: (a) => a.nextSpan(1) },
  { id: 'previous-span', title: 'Previous span', codes: ['ArrowLeft', 'Comma'],
    keys: '← or ,', run: (a) => a.nextSpan(-1) },
  { id: 'lane-down', title: 'Lane below', codes: ['ArrowDown'], keys: '↓', run: (a) => a.nextLane(1) },
  { id: 'lane-up', title: 'Lane above', codes: ['ArrowUp'], keys: '↑', run: (a) => a.nextLane(-1) },
  { id: 'lane', title: 'Go to a lane', codes: ['KeyG'], keys: 'G', run: (a) => a.goToLane() },
  { id: 'wake-back', title: 'To who woke the selected span', codes: ['BracketLeft'], keys: '[',
    run: (a) => a.followWake(-1) },
  { id: 'wake-forth', title: 'To whom the selected span woke first', codes: ['BracketRight'], keys: ']',
    run: (a) => a.followWake(1) },
  { id: 'overlay', title: 'GC and stops of the world over all lanes', codes: ['KeyO'], keys: 'O',
    run: (a) => a.overlay() },
  { id: 'open-groups', title: 'Open or close all functions of goroutines', codes: ['Shift+KeyG'], keys: 'Shift+G',
    run: (a) => a.openGroups() },
  { id: 'pin-lane', title: 'Pin the lane to the top, or unpin it', codes: ['KeyP'], keys: 'P',
    run: (a) => a.arrange('pin') },
  { id: 'hide-lane', title: 'Hide the lane', codes: ['Shift+KeyH'], keys: 'Shift+H', run: (a) => a.arrange('hide') },
  { id: 'lane-move-up', title: 'Move the lane up', codes: ['Alt+ArrowUp'], keys: 'Alt+↑',
    run: (a) => a.arrange('up') },
  { id: 'lane-move-down', title: 'Move the lane down', codes: ['Alt+ArrowDown'], keys: 'Alt+↓',
    run: (a) => a.arrange('down') },
  { id: 'step-in', title: 'Zoom in one step', codes: ['Equal', 'NumpadAdd', 'Shift+Equal'],
    keys: '+', run: (a) => a.zoomStep(1) },
  { id: 'step-out', title: 'Zoom out one step', codes: ['Minus', 'NumpadSubtract'],
    keys: '−', run: (a) => a.zoomStep(-1) },
  { id: 'area', title: 'Select as an area: the selected span, else all that shows', codes: ['KeyR'], keys: 'R',
    run: (a) => a.areaOfView() },
  { id: 'area-right', title: 'The area ends later', codes: ['Shift+ArrowRight'], keys: 'Shift+→',
    run: (a) => a.areaGrow(1, 0) },
  { id: 'area-left', title: 'The area ends earlier', codes: ['Shift+ArrowLeft'], keys: 'Shift+←',
    run: (a) => a.areaGrow(-1, 0) },
  { id: 'area-down', title: 'One lane more in the area', codes: ['Shift+ArrowDown'], keys: 'Shift+↓',
    run: (a) => a.areaGrow(0, 1) },
  { id: 'area-up', title: 'One lane less', codes: ['Shift+ArrowUp'], keys: 'Shift+↑', run: (a) => a.areaGrow(0, -1) },
  { id: 'mark', title: 'Mark this place until the next mark', codes: ['KeyM'], keys: 'M', run: (a) => a.mark(false) },
  { id: 'mark-keep', title: 'Mark this place, keep the mark and write its note', codes: ['Shift+KeyM'],
    keys: 'Shift+M', run: (a) => a.mark(true) },
  { id: 'marks', title: 'List the marks', codes: [], keys: '', run: (a) => a.marks() },
  { id: 'tables', title: 'Tables: oddities, goroutines, blocking, utilisation …', codes: ['KeyQ'],
    keys: 'Q', run: (a) => a.tables() },
  { id: 'find', title: 'Find spans: state:running dur>5ms fn:worker', codes: ['Slash', 'Ctrl+KeyF'], keys: '/',
    run: (a) => a.find() },
  { id: 'find-next', title: 'Next one found', codes: ['KeyN'], keys: 'N', run: (a) => a.findNext(1) },
  { id: 'find-previous', title: 'Previous one found', codes: ['Shift+KeyN'], keys: 'Shift+N',
    run: (a) => a.findNext(-1) },
  ...LIVE_COMMANDS,
  { id: 'open', title: 'Open a trace file', codes: ['Ctrl+KeyO'], keys: 'Ctrl+O', run: (a) => a.chooseFile() },
  { id: 'compare', title: 'Compare with another trace…', codes: [], keys: '', run: (a) => a.compare() },
  { id: 'cancel', title: 'Stop reading the trace', codes: [], keys: '', run: (a) => a.cancel() },
  { id: 'settings', title: 'Settings', codes: [], keys: '', run: (a) => a.settings() },
  { id: 'palette', title: 'All commands', codes: ['Ctrl+Shift+KeyP'], keys: 'Ctrl+Shift+P', run: (a) => a.palette() },
  { id: 'clear', title: 'Close, or clear the selection', codes: ['Escape'], keys: 'Esc', run: (a) => a.clear() },
  { id: 'help', title: 'Keys and gestures', codes: ['Shift+Slash', 'F1'], keys: '?', run: (a) => a.help() },
];

/** What the pointer does, for the help sheet. @type {ReadonlyArray<{keys: string, title: string}>} */
export const GESTURES = [
  { keys: 'Drag', title: 'Select an area: its duration, and what happened in it (a setting makes it move instead)' },
  { keys: 'Shift-, middle- or Space-drag', title: 'Move through time and lanes' },
  { keys: 'Ctrl/⌘ + wheel, pinch', title: 'Zoom at the pointer' },
  { keys: 'Shift + wheel, sideways', title: 'Move through time' },
  { keys: 'Wheel', title: 'Scroll the lanes when they do not all fit' },
  { keys: 'Click', title: 'Keep the details of a span; its goroutine stays coloured, others fade' },
  { keys: 'Double click', title: 'Zoom to the span' },
  { keys: 'One finger', title: 'Move; after a long press: details, then select an area' },
  { keys: 'Drop a file', title: 'Open it' },
];

/**
 * @param {{code: string, key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {Command | null}
 */
export function commandFor(event) {
  const ctrl = event.ctrlKey || event.metaKey;
  // Both: AltGr, which types.
  if (event.altKey && ctrl) return null;
  // "?" sits on another key in many layouts, "/" too: the signs themselves count as well.
  const sign = ctrl || event.altKey ? '' : event.key === '?' ? 'Shift+Slash' : event.key === '/' ? 'Slash' : '';
  const held = `${ctrl ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}`;
  const code = sign || `${held}${event.code}`;
  return COMMANDS.find((command) => command.codes.includes(code)) ?? null;
}

/** @param {string} id @returns {Command} */
export function commandById(id) {
  const command = COMMANDS.find((c) => c.id === id);
  if (!command) throw new Error(`There is no command ${id}.`);
  return command;
}
