/**
 * The viewer's style sheet. A page restyles it by setting the --goroscope-* properties on the element.
 */

/** The colours, by day. */
export const LIGHT = `
  color-scheme: light;
  --goroscope-ground: #ffffff;
  --goroscope-panel: #f6f7f9;
  --goroscope-track: #eef0f3;
  --goroscope-hatch: #d6dbe3;
  --goroscope-grid: #16203a1c;
  --goroscope-line: #d5d9e0;
  --goroscope-ink: #1b2230;
  --goroscope-faint: #5c6675;
  --goroscope-span-ink: #10151f;
  --goroscope-accent: #1a5fd0;
  --goroscope-alarm: #b3261e;
  --goroscope-alarm-ground: #fdeceb;
  --goroscope-mark-1: #b3261e; --goroscope-mark-2: #1a5fd0; --goroscope-mark-3: #1b7a36;
  --goroscope-mark-4: #8a4b00; --goroscope-mark-5: #7a2ea8; --goroscope-mark-6: #006a75;
  --goroscope-running: #35965a;
  --goroscope-runnable: #b57a00;
  --goroscope-waiting: #d3d9e2;
  --goroscope-syscall: #2b86b8;
  --goroscope-no-p: #8b78cc;
  --goroscope-p-only: #8e9298;
  --goroscope-stopped: #cb5b7a;
  --goroscope-on: #5a84c9;
  --goroscope-gc: #bb62a6;
  --goroscope-pattern: #10151f4d;`;

/** The same, by night. */
export const DARK = `
  color-scheme: dark;
  --goroscope-ground: #12151b;
  --goroscope-panel: #1a1e26;
  --goroscope-track: #1d222b;
  --goroscope-hatch: #2a313d;
  --goroscope-grid: #dfe8ff1f;
  --goroscope-line: #323947;
  --goroscope-ink: #e6e9ef;
  --goroscope-faint: #9aa4b5;
  --goroscope-span-ink: #0b0e13;
  --goroscope-accent: #7db2ff;
  --goroscope-alarm: #ffb4ab;
  --goroscope-alarm-ground: #3b1d1b;
  --goroscope-mark-1: #ff8a80; --goroscope-mark-2: #7db2ff; --goroscope-mark-3: #7ed491;
  --goroscope-mark-4: #ffb870; --goroscope-mark-5: #d7a1f5; --goroscope-mark-6: #6fd6e2;
  --goroscope-running: #5cc287;
  --goroscope-runnable: #e8b33c;
  --goroscope-waiting: #3a4353;
  --goroscope-syscall: #58aee0;
  --goroscope-no-p: #a899ea;
  --goroscope-p-only: #83888f;
  --goroscope-stopped: #ef8aa3;
  --goroscope-on: #86a9e6;
  --goroscope-gc: #d98cc7;
  --goroscope-pattern: #0b0e1399;`;

export const STYLE = `
:host { ${LIGHT}
  display: block; position: relative; height: 420px; min-height: 220px; min-width: 0; direction: ltr;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} } }
:host([theme="dark"]) { ${DARK} }
:host([data-theme="light"]) { ${LIGHT} }
:host([data-theme="dark"]) { ${DARK} }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.frame {
  display: flex; flex-direction: column; height: 100%; overflow: hidden; position: relative;
  background: var(--goroscope-ground); color: var(--goroscope-ink); container-type: size;
}
.bar {
  display: flex; align-items: center; gap: 6px; padding: 5px 8px 5px 10px; flex: none;
  border-bottom: 1px solid var(--goroscope-line); background: var(--goroscope-panel);
}
.status {
  flex: 1; min-width: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  font-variant-numeric: tabular-nums; color: var(--goroscope-faint);
}
.status b { color: var(--goroscope-ink); font-weight: 600; unicode-bidi: isolate; }
.status b.live::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 5px; border-radius: 50%;
  background: #d93a32;
}
button {
  font: inherit; color: var(--goroscope-ink); background: var(--goroscope-ground); cursor: pointer; white-space: nowrap;
  border: 1px solid var(--goroscope-line); border-radius: 5px; padding: 2px 9px; min-height: 26px; min-width: 28px;
}
button:hover { border-color: var(--goroscope-faint); }
button:disabled { opacity: .5; cursor: default; }
button[aria-pressed="true"] {
  background: var(--goroscope-accent); border-color: var(--goroscope-accent); color: var(--goroscope-ground);
}
:is(button, input, select, canvas, .scroll):focus-visible {
  outline: 2px solid var(--goroscope-accent); outline-offset: -2px;
}
.notices { flex: none; }
.notices p, .message {
  margin: 0; padding: 6px 10px; background: var(--goroscope-alarm-ground); color: var(--goroscope-alarm);
  border-bottom: 1px solid var(--goroscope-line);
}
.message { display: flex; gap: 10px; align-items: center; flex: none; }
.message span { flex: 1; overflow-wrap: anywhere; }
.overview {
  display: block; flex: none; width: 100%; height: 36px; cursor: ew-resize; touch-action: none;
  border-bottom: 1px solid var(--goroscope-line);
}
.lanes-bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; padding: 4px 8px; flex: none; font-size: 12px;
  border-bottom: 1px solid var(--goroscope-line); background: var(--goroscope-panel);
}
.lanes-bar button, .lanes-bar select, .lanes-bar input { flex: none; font-size: 12px; min-height: 24px; }
.lanes-bar .chip { border-radius: 12px; }
.lanes-bar span { flex: none; color: var(--goroscope-alarm); }
/* Of most files they are there by then. */
.lanes-bar .coming { color: var(--goroscope-faint); animation: appear 0s 0.5s both; }
@keyframes appear { from { visibility: hidden; } to { visibility: visible; } }
.lanes-bar button[aria-pressed="true"] {
  background: color-mix(in srgb, var(--goroscope-accent) 16%, var(--goroscope-ground));
  border-color: var(--goroscope-accent); color: var(--goroscope-ink);
}
.lanes-bar input { margin-left: auto; }
select, input[type="search"] {
  font: inherit; color: var(--goroscope-ink); background: var(--goroscope-ground); min-width: 0;
  border: 1px solid var(--goroscope-line); border-radius: 5px; padding: 1px 6px;
}
select:focus-visible, input:focus-visible, summary:focus-visible { outline: 2px solid var(--goroscope-accent); }
.menu {
  position: absolute; z-index: 4; display: flex; flex-direction: column; padding: 4px; border-radius: 6px;
  background: var(--goroscope-ground); border: 1px solid var(--goroscope-line); box-shadow: 0 4px 16px #0000002e;
}
.menu button { border-color: transparent; text-align: left; padding: 4px 10px; }
.links { display: flex; flex-wrap: wrap; gap: 4px 6px; margin-top: 6px; align-items: center; }
button.link { min-height: 24px; padding: 1px 8px; font-size: 12px; color: var(--goroscope-accent); }
.frames { margin-top: 6px; }
.frames summary { cursor: pointer; color: var(--goroscope-faint); }
.stack { margin: 4px 0 0; padding-left: 2.2em; font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; }
.stack li { overflow-wrap: anywhere; }
/* Panels and tables scroll inside, so they give way first: some lanes always show. */
.viewport { position: relative; flex: 1; min-height: clamp(60px, 23cqh, 160px); overflow: hidden; }
.lanes {
  display: block; position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none;
  cursor: crosshair;
}
.lanes.fits { touch-action: pan-y; }
.lanes.over { cursor: pointer; }
.lanes.edge { cursor: col-resize; }
.lanes.dragging { cursor: grabbing; }
.empty {
  position: absolute; inset: 0; display: flex; flex-direction: column; gap: 12px; align-items: center;
  justify-content: center;
  padding: 16px; text-align: center; color: var(--goroscope-faint);
}
.empty p { margin: 0; max-width: 46em; }
progress { width: min(260px, 70%); accent-color: var(--goroscope-accent); }
.bar progress { width: 90px; flex: none; }
.hint {
  position: absolute; right: 10px; bottom: 8px; padding: 4px 10px; border-radius: 5px; pointer-events: none;
  background: var(--goroscope-panel); border: 1px solid var(--goroscope-line); color: var(--goroscope-faint);
}
.tip {
  position: absolute; left: 0; top: 0; max-width: min(420px, 92%); padding: 7px 10px; pointer-events: none;
  border-radius: 6px;
  background: var(--goroscope-ground); border: 1px solid var(--goroscope-line);
  box-shadow: 0 4px 16px #0000002e; z-index: 2;
}
.title { display: flex; gap: 7px; align-items: baseline; font-weight: 600; min-width: 0; }
.title .name { overflow-wrap: anywhere; }
.swatch { flex: none; width: 11px; height: 11px; border-radius: 3px; align-self: center; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1px 10px; margin: 4px 0 0; }
dt { color: var(--goroscope-faint); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.panels { flex: 0 1 auto; max-height: 45%; overflow: auto; background: var(--goroscope-panel); }
/* As low as the least panel is, or there were a gap below that one. */
.panels:has(> :not([hidden])) { min-height: clamp(40px, 14cqh, 60px); }
.panel { padding: 8px 10px; }
.panel header { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.panel header .title { flex: 1; flex-wrap: wrap; min-width: 12em; font-variant-numeric: tabular-nums; }
.panel p { margin: 4px 0 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin-top: 4px; }
.sums { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.sums caption { text-align: left; color: var(--goroscope-faint); }
.sums th, .sums td { padding: 1px 18px 1px 0; text-align: left; white-space: nowrap; font-weight: 400; }
.sums thead th { color: var(--goroscope-faint); }
.sums tbody th { font-weight: 600; }
.marks { list-style: none; margin: 4px 0 0; padding: 0; }
.marks li { display: flex; gap: 6px; align-items: center; margin: 3px 0; }
.marks input { flex: 1; min-width: 4em; }
.mark-1 { color: var(--goroscope-mark-1); } .mark-2 { color: var(--goroscope-mark-2); }
.mark-3 { color: var(--goroscope-mark-3); } .mark-4 { color: var(--goroscope-mark-4); }
.mark-5 { color: var(--goroscope-mark-5); } .mark-6 { color: var(--goroscope-mark-6); }
input, select {
  font: inherit; color: var(--goroscope-ink); background: var(--goroscope-ground); min-height: 26px;
  border: 1px solid var(--goroscope-faint); border-radius: 5px; padding: 2px 7px;
}
input::placeholder { color: var(--goroscope-faint); opacity: 1; }
select.mark-color { padding: 0; }
.find {
  flex: none; display: flex; flex-wrap: wrap; gap: 6px; align-items: baseline; padding: 5px 10px;
  border-bottom: 1px solid var(--goroscope-line); background: var(--goroscope-panel);
}
.find-buttons { display: flex; gap: 6px; }
.query-part { flex: 1 1 160px; min-width: 0; }
.query { width: 100%; }
.query, .query-error pre {
  font: 13px/1.4 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
.query[aria-invalid="true"] { border-color: var(--goroscope-alarm); }
.found { color: var(--goroscope-faint); font-variant-numeric: tabular-nums; min-width: 5em; }
.query-error { color: var(--goroscope-alarm); padding-left: 8px; }
.query-error pre { margin: 0; line-height: 12px; overflow: hidden; }
.menu-holder { position: relative; display: inline-block; }
.menu-holder > .menu { right: 0; top: calc(100% + 4px); overflow-y: auto; }
.palette { width: min(560px, calc(100vw - 24px)); margin-top: 12vh; }
.palette input { width: 100%; }
.palette ul { list-style: none; margin: 8px 0 0; padding: 0; max-height: 50vh; overflow: auto; }
.palette li { display: flex; gap: 12px; padding: 4px 8px; border-radius: 5px; cursor: pointer; }
.palette li span { flex: 1; }
.palette li[aria-selected="true"] { background: var(--goroscope-accent); color: var(--goroscope-ground); }
.palette .none { margin: 6px 8px 0; color: var(--goroscope-faint); }
kbd { font: inherit; opacity: .8; white-space: nowrap; }
.setting { display: flex; gap: 16px; align-items: center; justify-content: space-between; padding: 4px 0; }
.panel dl { grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 2px 18px; }
.panel dl div { display: grid; grid-template-columns: 92px 1fr; gap: 8px; }
.legend {
  display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0 10px; margin: 4px 0; flex: none; font-size: 12px;
  line-height: 18px; color: var(--goroscope-faint);
}
.viewport, .panel { border-bottom: 1px solid var(--goroscope-line); }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { display: inline-block; width: 26px; height: 11px; border-radius: 2px; }
.legend .blocked { opacity: .45; }
.legend .idle {
  background: repeating-linear-gradient(135deg, var(--goroscope-track) 0 4px, var(--goroscope-hatch) 4px 5px);
  border: 1px solid var(--goroscope-line);
}
.legend .state { display: none; }
.legend.states .state { display: inline-flex; }
.legend .state i { border: 1px solid var(--goroscope-faint); }
.legend .s-running { background: var(--goroscope-running); }
.legend .s-runnable {
  background: repeating-linear-gradient(135deg, transparent 0 3px, var(--goroscope-pattern) 3px 4px)
    var(--goroscope-runnable);
}
.legend .s-waiting {
  background: radial-gradient(var(--goroscope-pattern) 1px, transparent 1.5px) 0 0 / 5px 5px var(--goroscope-waiting);
}
.legend .s-syscall {
  background: repeating-linear-gradient(0deg, transparent 0 3px, var(--goroscope-pattern) 3px 4px)
    var(--goroscope-syscall);
}
.legend .s-no-p {
  background: repeating-linear-gradient(90deg, transparent 0 4px, var(--goroscope-pattern) 4px 5px)
    var(--goroscope-no-p);
}
.drop {
  position: absolute; inset: 4px; display: none; align-items: center; justify-content: center; font-size: 16px;
  z-index: 3;
  border: 2px dashed var(--goroscope-accent); border-radius: 8px; background: var(--goroscope-ground);
  opacity: .93; pointer-events: none;
}
:host([data-drop]) .drop { display: flex; }
dialog {
  color: var(--goroscope-ink); background: var(--goroscope-ground); border: 1px solid var(--goroscope-line);
  border-radius: 8px;
  padding: 16px 20px; max-width: min(620px, calc(100vw - 24px)); max-height: calc(100vh - 24px);
}
dialog::backdrop { background: #00000066; }
dialog h2 { margin: 0 0 8px; font-size: 16px; display: flex; justify-content: space-between; align-items: center; }
dialog table { border-collapse: collapse; width: 100%; }
dialog th { text-align: left; font-weight: 600; padding: 2px 14px 2px 0; white-space: nowrap; vertical-align: top; }
dialog td { padding: 2px 0; color: var(--goroscope-faint); }
dialog tbody + tbody::before { content: ""; display: block; height: 8px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { /* nobody can press there, nor point */
  .bar button, .panel button, .lanes-bar, .find, .tip, .hint, .notices { display: none !important; }
}
@container (max-height: 400px) { /* the lanes need the height */
  .legend, :host([data-tables]) .lanes-bar { display: none; }
  .overview { height: 22px; }
}
@container (max-height: 640px) {
  :host([data-tables]) .legend { display: none; }
}
@container (max-width: 520px) or (max-height: 400px) { /* one line, which scrolls below the field */
  .lanes-bar { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  /* Softly: what is cut is more to come. */
  .lanes-bar input {
    position: sticky; right: 0; box-shadow: 0 0 0 8px var(--goroscope-panel), -18px 0 12px var(--goroscope-panel);
  }
}
@container (max-height: 560px) { /* what a selected span tells, and what can be done with it, needs the height */
  .panels:has(> :not([hidden])) ~ .legend,
  .frame:has(.find:not([hidden])):has(.panels > :not([hidden])) .lanes-bar { display: none; }
  .viewport:has(~ .panels > :not([hidden])) { min-height: clamp(60px, 23cqh, 96px); }
}
@container (max-height: 240px) {
  .lanes-bar { display: none; }
}
@container (max-width: 720px) { /* keys and wheel do it too; what the trace is has no other place */
  .bar button.wide { display: none; }
}
@container (max-width: 520px) {
  .bar { flex-wrap: wrap; }
  .bar .status { flex-basis: 100%; }
  .bar .wide, .legend .wide, :host([data-tables]) .legend { display: none; }
  .legend { flex-wrap: nowrap; white-space: nowrap; overflow-x: auto; scrollbar-width: none; }
  .legend span { flex: none; }
  .panel dl { grid-template-columns: 1fr; }
}
@media (max-width: 520px) { dialog th { white-space: normal; } }
@media (forced-colors: active) { /* what only a colour tells keeps it, or gets the system's for what is chosen */
  .swatch, .legend i { forced-color-adjust: none; }
  :host :is(button[aria-pressed="true"], .palette li[aria-selected="true"], .tabs button[aria-selected="true"]) {
    forced-color-adjust: none; background: Highlight; border-color: Highlight; color: HighlightText;
  }
}
@media (pointer: coarse) {
  button, input, select { min-height: 34px; }
  button { min-width: 36px; }
}
`;
