// The style sheets of playgrounds; the panes' one is the demo page's, too.
import { DARK, LIGHT } from '../../viewer/app/styles.mjs';

const LIGHT_CODE = `
  --goroscope-code-keyword: #8a1f86; --goroscope-code-type: #0b6460; --goroscope-code-text: #8a4300;
  --goroscope-code-number: #1a52b8; --goroscope-code-macro: #6a3fb5; --goroscope-code-function: #1b4a8c;
  --goroscope-code-reached: #fff0bf; --goroscope-good: #1b6f42;`;
const DARK_CODE = `
  --goroscope-code-keyword: #e7a3e4; --goroscope-code-type: #77d8cd; --goroscope-code-text: #ffc48a;
  --goroscope-code-number: #93bdff; --goroscope-code-macro: #c9b6ff; --goroscope-code-function: #a9cdff;
  --goroscope-code-reached: #3a3418; --goroscope-good: #7fd6a5;`;

/** The timeline has these too, and is to have those of the playground it is in. */
const inherited = [...LIGHT.matchAll(/(--[\w-]+):/g)].map(([, name]) => `${name}: inherit;`).join(' ');

/** What pages and playgrounds list beside the timeline. Takes its colours from --line, --ground, --ink and so on. */
export const PANES = `
.pane {
  flex: 1; min-height: 0; overflow: auto; padding: 8px 12px; font: 12.5px/1.5 var(--mono); tab-size: 4;
  overscroll-behavior: contain; contain: content;
}
.pane div { white-space: pre-wrap; overflow-wrap: anywhere; padding-left: 2ch; text-indent: -2ch; }
.pane .err { padding-left: calc(8px + 2ch); }
.err { color: var(--alarm); border-left: 3px solid var(--alarm); padding-left: 8px; margin-left: -11px; }
/* Colours of terminals, mixed with the ink so that they can be read on a light and on a dark ground. */
.pane {
  --a0: color-mix(in oklab, #000 60%, var(--ink)); --a1: color-mix(in oklab, #e11 65%, var(--ink));
  --a2: color-mix(in oklab, #0a3 65%, var(--ink)); --a3: color-mix(in oklab, #c80 65%, var(--ink));
  --a4: color-mix(in oklab, #16f 65%, var(--ink)); --a5: color-mix(in oklab, #b0c 65%, var(--ink));
  --a6: color-mix(in oklab, #0aa 65%, var(--ink)); --a7: color-mix(in oklab, var(--ink) 75%, var(--ground));
  --a8: var(--faint); --a9: color-mix(in oklab, #f33 80%, var(--ink));
  --a10: color-mix(in oklab, #0b4 80%, var(--ink)); --a11: color-mix(in oklab, #d90 80%, var(--ink));
  --a12: color-mix(in oklab, #38f 80%, var(--ink)); --a13: color-mix(in oklab, #d2e 80%, var(--ink));
  --a14: color-mix(in oklab, #0bc 80%, var(--ink)); --a15: var(--ink);
}
/* A ground is a tint: the ink on it is the page's as often as the program's. */
.ansi {
  color: var(--ansi-ink, inherit); background: color-mix(in oklab, var(--ansi-ground, transparent) 35%, transparent);
}
.ansi.reverse { color: var(--ansi-ground, var(--ground)); background: var(--ansi-ink, var(--ink)); }
.ansi.bold { font-weight: 700; }
.ansi.dim { opacity: .65; }
.ansi.italic { font-style: italic; }
.ansi.under { text-decoration: underline; }
.ansi.struck { text-decoration: line-through; }
#output:empty::before {
  content: "What the program prints appears here."; color: var(--faint); font-family: system-ui, sans-serif;
}
.link {
  border: 0; padding: 0; min-height: 0; background: none; color: var(--accent); text-decoration: underline;
  text-underline-offset: 2px;
}
.picture { margin: 0; padding: 10px; flex: none; border-bottom: 1px solid var(--line); background: var(--panel); }
.picture canvas { display: block; margin: 0 auto; max-width: 100%; max-height: 44vh; border-radius: 4px; }
.tabs {
  display: flex; flex-wrap: wrap; align-items: stretch; gap: 0 2px; padding: 0 8px; flex: none;
  border-bottom: 1px solid var(--line); background: var(--panel);
}
.tabs [role="tab"] {
  border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none; color: var(--faint);
  min-height: 34px; padding: 4px 10px;
}
.tabs [role="tab"][aria-selected="true"] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
/* None is clear there. */
@media (forced-colors: active) { .tabs [role="tab"][aria-selected="false"] { border-color: Canvas; } }
.dropped { margin-left: auto; align-self: center; font-size: 12px; color: var(--faint); }
.goroutines { font: inherit; font-size: 13px; padding-top: 0; }
.goroutines p { margin: 0; }
.goroutines .narrow {
  display: flex; gap: 8px; justify-content: space-between; position: sticky; top: 0; z-index: 1; padding: 8px 0 6px;
  background: var(--ground);
}
.goroutines label { display: flex; gap: 8px; align-items: center; min-width: 0; color: var(--faint); }
.goroutines select {
  min-width: 0; max-width: 100%; height: 28px; padding: 1px 6px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--ground); color: var(--ink);
}
.goroutines button:not(.link) { min-height: 28px; padding: 1px 10px; }
.goroutines button[aria-pressed="true"] { border-color: var(--accent); color: var(--accent); font-weight: 600; }
.goroutines .note, .goroutines .from { color: var(--faint); }
.goroutines ul { margin: 0; padding: 0; list-style: none; }
.goroutines li {
  display: grid; justify-items: start; padding: 6px 0; border-top: 1px solid var(--line); line-height: 1.4;
}
.goroutines .note + ul li:first-child { margin-top: 6px; }
.goroutines .head { display: flex; gap: 7px; align-items: baseline; width: 100%; }
.goroutines i { flex: none; width: 10px; height: 10px; border-radius: 2px; }
.goroutines b { font-weight: 600; overflow-wrap: anywhere; }
.goroutines .state { margin-left: auto; text-align: right; font-variant-numeric: tabular-nums; }
.goroutines li[data-state="waiting"] .state { color: var(--faint); }
.goroutines .link {
  min-height: 0; white-space: normal; text-align: left; overflow-wrap: anywhere; font: 12px/1.5 var(--mono);
  color: inherit; text-decoration-color: var(--line);
}
.goroutines .link:hover { color: var(--accent); text-decoration-color: currentColor; }
`;

/** One below the other, each as high as it needs. @param {string} frame */
const stacked = (frame) => `
${frame} { height: auto; overflow: visible; }
${frame} .body { display: flex; flex-direction: column; }
${frame} .left { border-right: 0; }
${frame} :is(.program, .lower) { flex: none; }
${frame} .code { flex: none; height: min(320px, 46vh); }
${frame} .lower .pane { height: 190px; flex: none; }
${frame} goroscope-viewer { flex: none; height: clamp(340px, 70vh, 560px); border-top: 1px solid var(--line); }
`;

export const STYLE = `
:host { ${LIGHT} ${LIGHT_CODE}
  --goroscope-mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  display: block; container-type: inline-size; min-width: 0; text-align: start; direction: ltr;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} ${DARK_CODE} } }
:host([theme="dark"]) { ${DARK} ${DARK_CODE} }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.frame {
  --line: var(--goroscope-line); --ground: var(--goroscope-ground); --ink: var(--goroscope-ink);
  --faint: var(--goroscope-faint); --accent: var(--goroscope-accent); --alarm: var(--goroscope-alarm);
  --panel: var(--goroscope-panel); --mono: var(--goroscope-mono);
  display: flex; flex-direction: column; height: var(--height); overflow: hidden; position: relative;
  background: var(--ground); color: var(--ink); border: 1px solid var(--line); border-radius: 8px;
}
button, input, select, textarea { font: inherit; color: inherit; }
button, summary {
  background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 2px 12px; min-height: 30px;
  cursor: pointer; white-space: nowrap;
}
button:hover:enabled { border-color: var(--faint); }
button:disabled { opacity: .5; cursor: default; }
:is(button, input, select, textarea, summary, a, [tabindex]):focus-visible {
  outline: 2px solid var(--accent); outline-offset: -1px;
}
.bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; padding: 6px 8px; flex: none;
  background: var(--panel); border-bottom: 1px solid var(--line); border-radius: 7px 7px 0 0;
}
.run {
  background: var(--accent); border-color: var(--accent); color: var(--ground); font-weight: 600; min-width: 64px;
}
.status { flex: 1; min-width: 6em; padding: 0 6px; color: var(--faint); font-variant-numeric: tabular-nums; }
.status::before {
  content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 8px; border-radius: 50%;
  background: var(--line);
}
.frame:is([data-state="running"], [data-state="compiling"]) .status::before {
  background: var(--accent); animation: pulse 1.2s ease-in-out infinite;
}
.frame[data-state="done"] .status::before { background: var(--goroscope-good); }
.frame[data-exit="stopped"] .status::before { background: var(--line); }
.frame:is([data-state="failed"], [data-exit="bad"]) .status::before { background: var(--alarm); }
@keyframes pulse { 50% { opacity: .35; } }
@media (prefers-reduced-motion: reduce) { .status::before { animation: none !important; } }
.settings { position: relative; }
summary { display: block; list-style: none; }
.settings summary { display: flex; align-items: center; }
.settings summary::after { content: "▾"; margin-left: 5px; color: var(--faint); }
.sheet {
  position: absolute; right: 0; top: calc(100% + 5px); z-index: 6; width: 300px; display: grid;
  grid-template-columns: 1fr 1fr; gap: 10px 12px; padding: 12px; background: var(--ground);
  border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 8px 28px #0000002b;
}
.field { display: grid; gap: 2px; font-size: 12px; color: var(--faint); }
.field:last-child { grid-column: 1 / -1; }
.field :is(input, select) {
  color: var(--ink); background: var(--ground); border: 1px solid var(--faint); border-radius: 6px; padding: 3px 8px;
  height: 32px; min-width: 0; width: 100%;
}
.field ::placeholder { color: var(--faint); opacity: 1; }
.fetching, .message {
  display: flex; gap: 10px; align-items: center; padding: 6px 12px; flex: none; border-bottom: 1px solid var(--line);
}
.fetching progress { flex: 1; max-width: 260px; min-width: 60px; accent-color: var(--accent); }
.message { background: var(--goroscope-alarm-ground); color: var(--alarm); }
.message span { flex: 1; overflow-wrap: anywhere; }
.message button { color: var(--ink); flex: none; }
.body { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
.body:has(> [hidden]) { grid-template-columns: minmax(0, 1fr); }
.left, .program, .lower { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
.left { border-right: 1px solid var(--line); }
.body:has(> [hidden]) .left { border-right: 0; }
.program { flex: 3 1 0; }
.code { flex: 1; min-height: 0; overflow: hidden; }
.code:empty::before { content: "The editor comes…"; color: var(--faint); padding: 8px 12px; display: block; }
.plain-text { height: 100%; display: flex; flex-direction: column; }
.plain-text p { margin: 0; padding: 5px 12px; font-size: 13px; color: var(--faint); background: var(--panel);
  border-bottom: 1px solid var(--line); }
.plain-text pre {
  flex: 1; min-height: 0; margin: 0; padding: 6px 12px; overflow: auto; overscroll-behavior: contain;
  font: 13px/1.5 var(--mono); tab-size: 4;
}
.plain-text .reached { background: var(--goroscope-code-reached); }
.refusal { position: relative; z-index: 2; flex: none; height: 0; margin: 0; }
.refusal span {
  position: absolute; right: 10px; bottom: 8px; padding: 3px 10px; color: var(--ink); background: var(--panel);
  border: 1px solid var(--faint); border-radius: 6px;
}
.files { display: flex; gap: 4px; padding: 5px 8px; overflow-x: auto; flex: none; background: var(--panel);
  border-bottom: 1px solid var(--line); }
.files button { min-height: 26px; font: 12.5px var(--mono); padding: 0 9px; }
.files button[aria-pressed="true"] { border-color: var(--accent); color: var(--accent); font-weight: 600; }
.problems {
  list-style: none; margin: 0; padding: 4px 12px; flex: none; max-height: 50%; overflow: auto; font-size: 13px;
  border-top: 1px solid var(--line); background: var(--panel);
}
.problems li { padding: 2px 0; overflow-wrap: anywhere; }
.problems .link { font: 12px/1.6 var(--mono); margin-right: 8px; }
/* It has printed nothing: the place is theirs. */
.frame[data-state="failed"] .program:has(.problems .error) { flex-grow: 5; }
.problems .note { padding-left: 2ch; }
.problems .error b { color: var(--alarm); }
.problems b { font-weight: 600; margin-right: 6px; }
goroscope-viewer { height: auto; min-height: 190px; }
goroscope-viewer:not([data-theme]) { ${inherited} }
.lower { flex: 2 1 0; border-top: 1px solid var(--line); }
.program[hidden] + .lower { border-top: 0; }
.tab-list { display: flex; flex-wrap: wrap; gap: 0 2px; }
.err .link { color: inherit; font: inherit; white-space: pre; }
.output { min-height: 60px; }
.input { display: flex; flex-direction: column; gap: 6px; font: inherit; font-size: 13px; }
.input p { margin: 0; color: var(--faint); }
.input textarea { flex: 1; min-height: 48px; resize: none; }
textarea {
  font: 12.5px/1.5 var(--mono); color: var(--ink); background: var(--ground); border: 1px solid var(--faint);
  border-radius: 5px; padding: 5px 8px; width: 100%;
}
.goal { flex: none; max-height: 50%; overflow: auto; padding: 5px 12px; border-bottom: 1px solid var(--line);
  background: var(--panel); }
.goal.passed { color: var(--goroscope-good); font-weight: 600; }
.goal p { margin: 0 0 4px; }
.goal code { font: 12.5px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.goal pre { margin: 0; font: 12.5px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.goal .missing { color: var(--goroscope-good); }
.goal .extra { color: var(--alarm); }
.linked { flex: none; margin: 0; padding: 4px 12px; font-size: 13px; color: var(--faint);
  border-bottom: 1px solid var(--line); }
.linked:empty { padding: 0; border: 0; }
.hint { flex: none; margin: 0; padding: 5px 12px; border-bottom: 1px solid var(--line); background: var(--panel); }
.hint:empty { padding: 0; border: 0; }
.goal .left-out { color: var(--faint); }
.mode { flex: none; padding: 3px 12px; font-size: 12.5px; color: var(--faint); border-top: 1px solid var(--line);
  border-radius: 0 0 7px 7px;
  background: var(--panel); }
.mode summary { border: 0; padding: 0; min-height: 24px; line-height: 24px; background: none; white-space: normal; }
.mode:not(.plain) summary { text-decoration: underline; text-underline-offset: 2px; }
.mode.plain summary { cursor: default; }
.mode.plain p { display: none; }
.mode p { margin: 2px 0 6px; max-width: 78em; max-height: 40vh; overflow: auto; }
.mode a { color: var(--accent); }
code { font: 12px var(--mono); }
dialog {
  color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px;
  width: min(620px, calc(100vw - 24px));
}
dialog::backdrop { background: #00000066; }
dialog header { display: flex; justify-content: space-between; align-items: center; }
dialog h2 { margin: 0 0 8px; font-size: 16px; }
dialog p { margin: 8px 0 0; }
${stacked('.frame[data-layout="stack"]')}
@container (max-width: 720px) {
  ${stacked('.frame')}
  .settings { position: static; }
  .sheet { top: 48px; right: 12px; left: 12px; width: auto; }
  .status { order: 1; }
  .frame .code .cm-gutter-lint { width: 12px; }
  .frame .code .cm-gutter .cm-gutterElement { padding: 0 1px; min-width: 0; }
  .frame .code .cm-lineNumbers .cm-gutterElement { padding: 0 3px 0 1px; }
  .frame .code .cm-goroutines span { min-width: 0; padding: 0 1px; font-size: 10px; }
}
@media (pointer: coarse) { button:not(.link), summary, .field :is(input, select) { min-height: 38px; } }
`;
