/** The drawer's style sheet; its colours are those of styles.mjs and the states' own. */

const STATES = `
  --state-running: #2f7d4f; --state-runnable: #b7791f; --state-waiting: #8a93a3; --state-syscall: #3a6fc4;
  --state-syscall_blocked: #7b52ab;`;
const DARK_STATES = `
  --state-running: #57b987; --state-runnable: #e0a84f; --state-waiting: #737d8f; --state-syscall: #7ba7ee;
  --state-syscall_blocked: #b894e0;`;

export const DRAWER_STYLE = `
:host { ${STATES} }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK_STATES} } }
:host([theme="dark"]) { ${DARK_STATES} }
.drawer {
  display: flex; flex-direction: column; flex: 0 1 auto; height: 55%; min-height: 150px; position: relative;
  background: var(--goroscope-ground); border-bottom: 1px solid var(--goroscope-line);
  box-shadow: 0 -1px 0 var(--goroscope-line); /* also where a panel above it is cut */
}
.splitter {
  position: absolute; left: 0; right: 0; top: -4px; height: 8px; cursor: ns-resize; touch-action: none; z-index: 1;
}
.splitter:focus-visible { outline: none; background: var(--goroscope-accent); }
.drawerbar {
  display: flex; align-items: center; gap: 6px; flex: none; padding: 4px 8px; background: var(--goroscope-panel);
  border-bottom: 1px solid var(--goroscope-line);
}
.drawerbar.second { flex-wrap: wrap; }
.tabs { display: flex; flex: 1; gap: 2px; min-width: 0; overflow-x: auto; scrollbar-width: thin; }
.tabs button { border-color: transparent; background: none; flex: none; }
.tabs button[aria-selected="true"] {
  background: var(--goroscope-ground); border-color: var(--goroscope-line); font-weight: 600;
}
.drawer select, .drawer input[type="search"] {
  font: inherit; color: var(--goroscope-ink); background: var(--goroscope-ground); min-height: 26px; max-width: 100%;
  border: 1px solid var(--goroscope-line); border-radius: 5px; padding: 1px 6px;
}
.drawer input[type="search"] { flex: 1; min-width: 100px; }
.drawer :is(select, input, summary, [tabindex]):focus-visible {
  outline: 2px solid var(--goroscope-accent); outline-offset: -2px;
}
.when { color: var(--goroscope-faint); }
.tools { display: contents; }
.tools[hidden] { display: none; }
.body { flex: 1; min-height: 0; overflow: auto; display: flex; flex-direction: column; outline: none; }
.body > .back { align-self: flex-start; margin: 6px 10px 0; flex: none; }
.wait, .note { margin: 0; padding: 8px 10px; color: var(--goroscope-faint); }
.wait { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
.gridbox { flex: 1; min-height: 78px; min-width: 0; display: flex; flex-direction: column; }
.fill { flex: 1; min-height: 0; display: flex; flex-direction: column; }
/* Whatever it stands in: of a box as high as its rows all rows would have elements. */
.grid { flex: 1; max-height: 100vh; overflow: auto; position: relative; font-variant-numeric: tabular-nums; }
.grid .headgroup { position: sticky; top: 0; z-index: 1; min-width: max-content; }
.grid .rows { position: relative; min-width: max-content; }
.grid .row {
  display: grid; grid-template-columns: var(--columns); height: 26px; align-items: center; min-width: 100%;
  border-bottom: 1px solid var(--goroscope-grid);
}
.grid .rows .row { position: absolute; left: 0; right: 0; }
.grid .heads {
  background: var(--goroscope-panel); border-bottom: 1px solid var(--goroscope-line); height: auto; min-height: 26px;
}
.grid .heads button {
  border: 0; background: none; padding: 0; min-height: 22px; min-width: 0; font-weight: 600; max-width: 100%;
  white-space: normal; text-wrap: balance; line-height: 1.2; text-align: inherit;
}
.grid [aria-sort="descending"] button::after { content: "\u00a0▾"; }
.grid [aria-sort="ascending"] button::after { content: "\u00a0▴"; }
.grid :is([role="gridcell"], [role="columnheader"]) {
  padding: 0 8px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
.grid .number { text-align: right; }
/* The last cell is a sentence, of three lines below the others. */
.grid.stacked :is(.headgroup, .rows) { min-width: 0; }
.grid.stacked .row { grid-template-columns: 92px 1fr max-content; }
.grid.stacked .rows .row { height: 82px; grid-template-rows: 26px 1fr; align-items: start; }
.grid.stacked .rows [role="gridcell"] { line-height: 26px; }
.grid.stacked .rows [role="gridcell"]:last-child {
  grid-column: 1 / -1; white-space: normal; line-height: 17px; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 3;
}
.grid.stacked [role="columnheader"]:last-child { display: none; }
.grid .row.opens { cursor: pointer; }
.grid .row.opens:hover { background: var(--goroscope-panel); }
.grid:focus-visible .row[aria-selected="true"] { outline: 2px solid var(--goroscope-accent); outline-offset: -2px; }
.page { padding: 4px 10px 12px; display: flex; flex-direction: column; gap: 8px; }
.page > * { flex: none; }
.page h3 { margin: 4px 0 0; font-size: 15px; overflow-wrap: anywhere; }
.page h4 { margin: 6px 0 -4px; font-size: 13px; }
.page h3 span { font-weight: 400; color: var(--goroscope-faint); }
.page .actions { margin: 0; display: flex; gap: 6px; flex-wrap: wrap; }
.page .note { padding: 4px 0; }
.page .gridbox { min-height: 120px; max-height: 260px; }
.statebar { display: flex; height: 16px; border-radius: 4px; overflow: hidden; background: var(--goroscope-track); }
.statebar i { min-width: 1px; }
${['running', 'runnable', 'waiting', 'syscall', 'syscall_blocked']
    .map((s) => `.state-${s} { background-color: var(--state-${s}); }`).join('\n')}
.state-runnable { background-image: repeating-linear-gradient(135deg, #0000 0 4px, #fff6 4px 6px); }
.state-waiting { background-image: repeating-linear-gradient(90deg, #0000 0 4px, #fff5 4px 5px); }
.state-syscall_blocked { background-image: repeating-linear-gradient(45deg, #0000 0 4px, #fff5 4px 6px); }
:is(.page, .split) .states { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; }
:is(.page, .split) .states .swatch { display: inline-block; margin-right: 6px; vertical-align: -1px; }
.facts { grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 2px 18px; margin: 0; }
.facts div { display: grid; grid-template-columns: 150px 1fr; gap: 8px; }
.histograms { display: flex; flex-wrap: wrap; gap: 8px 20px; }
.histogram { margin: 0; width: 260px; }
.histogram.none { color: var(--goroscope-faint); }
.histogram svg, .plot svg { display: block; width: 100%; height: auto; }
.histogram .bar { fill: var(--goroscope-accent); }
.histogram .bar.opens, .dot { cursor: pointer; }
.histogram .bar:focus-visible { outline: 2px solid var(--goroscope-ink); outline-offset: 1px; }
.histogram text, .plot text { fill: var(--goroscope-faint); font-size: 11px; }
.histogram .axis, .plot .gridline { stroke: var(--goroscope-line); }
.plot { max-width: 560px; }
.plot .curve { fill: none; stroke: var(--goroscope-accent); stroke-width: 2; }
.plot .dot { fill: var(--goroscope-accent); }
.plot .dot:hover { stroke: var(--goroscope-ink); stroke-width: 2; }
.checks { display: flex; flex-wrap: wrap; gap: 4px 16px; }
.checks label { display: inline-flex; gap: 5px; align-items: center; }
.plain { border-collapse: collapse; align-self: flex-start; font-variant-numeric: tabular-nums; }
.plain th { text-align: right; font-weight: 600; padding: 2px 0 2px 20px; }
.plain th:first-child { text-align: left; padding: 2px 0; }
.plain tbody th { font-weight: 400; }
.about .plain th { white-space: nowrap; }
.plain td { text-align: right; padding: 2px 0 2px 20px; }
.two { display: flex; gap: 12px; flex: 1; min-height: 0; }
.two > * { flex: 1; min-width: 0; }
.two > .gridbox { flex: 1 0 auto; max-width: 62%; } /* all its columns, where there is room */
.instances { display: flex; flex-direction: column; min-height: 0; border-left: 1px solid var(--goroscope-line); }
.about {
  display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 6px 10px; flex: 0 1 auto; min-height: 0; overflow: auto;
}
.about .split { display: flex; flex-direction: column; gap: 4px; flex: 1 1 170px; min-width: 0; }
.profile { min-width: 0; }
.flamebox { padding: 0 10px 10px; }
.page .flamebox { padding: 0; }
.way { padding: 2px 0 6px; min-height: 30px; overflow-wrap: anywhere; }
.flame { position: relative; min-width: 0; }
.flame button {
  position: absolute; height: 19px; min-height: 0; min-width: 0; padding: 0 4px; border: 0; border-radius: 2px;
  overflow: hidden; text-overflow: clip; text-align: left; font-size: 12px; line-height: 19px; color: #1b1206;
  background: hsl(var(--hue) 78% 66%); box-shadow: inset -1px 0 0 var(--goroscope-ground);
}
.flame button:hover { filter: brightness(1.08); }
.flame button.faded { opacity: .35; }
.flame button.found { background: #d99bff; }
.why { margin: 6px 0 0; }
.why p { margin: 4px 0; max-width: 90em; overflow-wrap: anywhere; }
@container (max-width: 620px) {
  .drawer { height: 62%; }
  .drawerbar.second select { flex: 1 1 120px; min-width: 0; }
  .two { flex-direction: column; overflow: auto; }
  .two > :is(*, .gridbox) { flex: none; max-width: none; }
  .two .gridbox { flex: none; height: 200px; }
  .two > .gridbox { height: auto; max-height: 200px; } /* few names leave the room to what is in them */
  .instances { border-left: 0; border-top: 1px solid var(--goroscope-line); }
  .facts div { grid-template-columns: 120px 1fr; }
}
@media (pointer: coarse) { .drawer select, .drawer input[type="search"] { min-height: 34px; } }
`;
