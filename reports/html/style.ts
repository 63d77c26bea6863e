/**
 * The page's style. Outcomes use the colours of Okabe and Ito, which stay apart under every common form of
 * colour blindness; both themes keep text at a contrast of at least 4.5 to 1.
 */

/** Values of the custom properties that differ between the themes. */
const LIGHT = `
  --page: #f5f6f8; --panel: #ffffff; --text: #1b1f24; --muted: #5b6470; --line: #dde1e6; --label: #ffffff;
  --ok: #0b6fae; --fail: #7d8794; --info: #b86b00; --bad: #c2340a; --good: #08734d; --doubt: #8a5a00;
  --fault: #77529e; --fault-band: rgba(119, 82, 158, 0.10); --focus: #111827; --accent: #0b5cad;`;
const DARK = `
  --page: #14171c; --panel: #1c2027; --text: #e8eaee; --muted: #a2abb8; --line: #343b46; --label: #10141a;
  --ok: #56b4e9; --fail: #8f99a8; --info: #f0a732; --bad: #ff7a4d; --good: #4cc79a; --doubt: #f0a732;
  --fault: #c3a1e6; --fault-band: rgba(195, 161, 230, 0.13); --focus: #ffffff; --accent: #78bdf2;`;

/** The style sheet's text. */
export const STYLE = `
:root { color-scheme: light; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; ${DARK} } }
:root[data-theme=dark] { color-scheme: dark; ${DARK} }
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
body > header, main, body > footer { max-width: 1280px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; }
h2 { font-size: 19px; margin: 0 0 4px; }
h3 { font-size: 16px; margin: 0 0 6px; }
p { margin: 0 0 10px; max-width: 88ch; }
code, pre, .code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.top { display: flex; justify-content: space-between; align-items: center; gap: 12px; padding: 12px 0; color: var(--muted); }
.brand { font-weight: 600; color: var(--text); }
section, .verdict { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 0 0 16px; }
.verdict { border-left: 10px solid var(--edge); display: grid; grid-template-columns: auto 1fr; gap: 4px 20px; align-items: center; }
.verdict .word { grid-row: span 2; color: var(--panel); background: var(--edge); font-weight: 700; font-size: 22px; letter-spacing: .04em; padding: 8px 18px; border-radius: 8px; }
.verdict p { margin: 0; color: var(--muted); }
.is-pass { --edge: var(--good); } .is-fail { --edge: var(--bad); } .is-unknown { --edge: var(--doubt); } .is-aside { --edge: var(--muted); }
.badge { display: inline-block; min-width: 76px; text-align: center; font-weight: 700; font-size: 12px; letter-spacing: .04em; color: var(--edge); border: 1.5px solid var(--edge); border-radius: 5px; padding: 1px 7px; }
.hint { color: var(--muted); font-size: 14px; }
nav ul { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; margin: 0 0 14px; padding: 0; font-size: 14px; }
a { color: var(--accent); }
section { min-width: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); gap: 0 16px; align-items: stretch; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 0; }
dl.facts dt { color: var(--muted); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll { position: relative; overflow-x: auto; }
.scroll.tall { height: 480px; overflow-y: auto; } .tall thead th { position: sticky; top: 0; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--muted); padding: 2px 0 6px; }
.scroll caption span { position: sticky; left: 0; display: inline-block; max-width: calc(100vw - 120px); }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--muted); font-weight: 600; font-size: 13px; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 18px; }
td.wide { min-width: 180px; overflow-wrap: anywhere; }
.problem { border: 1px solid var(--line); border-left: 5px solid var(--edge); border-radius: 8px; padding: 14px 16px; margin: 12px 0 0; }
button, select, input { font: inherit; font-size: 14px; color: var(--text); background: var(--panel); border: 1px solid var(--muted); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; } button:hover:not(:disabled) { border-color: var(--text); } button:disabled { opacity: .45; cursor: default; }
button.link { border: 0; padding: 0; background: none; color: var(--accent); text-decoration: underline; font-variant-numeric: tabular-nums; }
input[type=search] { min-width: 220px; } input[type=number] { width: 100px; }
:focus-visible, canvas:focus { outline: 3px solid var(--accent); outline-offset: 2px; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin: 8px 0; font-size: 14px; }
.controls fieldset { display: flex; flex-wrap: wrap; gap: 4px 16px; border: 0; padding: 0; margin: 0; }
.controls label { display: inline-flex; gap: 6px; align-items: center; }
.swatch { display: inline-block; width: 22px; height: 13px; border-radius: 2px; }
.swatch.ok { background: var(--ok); } .swatch.fail { background: linear-gradient(transparent 30%, var(--fail) 30%); }
.swatch.info { background: var(--info); clip-path: polygon(0 0, 75% 0, 100% 50%, 75% 100%, 0 100%); }
.swatch.fault { background: var(--fault); } .swatch.problem-mark { border: 2px dashed var(--bad); }
.swatch.leads { background: var(--good); height: 6px; } .swatch.struck { background: var(--fault-band); border: 1px solid var(--line); }
.key .lost { color: var(--bad); } .key .asked { color: var(--info); } .key .timer { color: var(--doubt); } .key .small { color: var(--muted); font-size: 10px; }
.chosen pre { max-height: 320px; }
.canvas-frame { position: relative; }
canvas { display: block; width: 100%; margin: 6px 0; border-radius: 4px; touch-action: pan-y; }
#overview-canvas { cursor: crosshair; } #timeline-canvas, #diagram-canvas { cursor: grab; } #timeline-canvas:active, #diagram-canvas:active { cursor: grabbing; }
.tip { position: absolute; z-index: 2; pointer-events: none; max-width: 480px; background: var(--text); color: var(--panel); font-size: 13px; padding: 3px 9px; border-radius: 5px; }
.tip[hidden] { display: none; }
.chosen { min-height: 48px; border-top: 1px solid var(--line); padding-top: 10px; font-size: 14px; }
.chosen strong { display: block; margin-bottom: 4px; } .chosen dl { grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); }
.chosen dl div { display: grid; grid-template-columns: 120px 1fr; }
.chart-head { display: flex; flex-wrap: wrap; gap: 2px 18px; align-items: baseline; margin-top: 14px; }
.key { display: inline-flex; gap: 6px; align-items: center; font-size: 13px; color: var(--muted); }
.key i { width: 22px; border-top: 2.5px solid; }
.key .ok { border-color: var(--ok); } .key .p95, .key .open { border-color: var(--ok); border-top-style: dashed; }
.key .p99 { border-color: var(--text); } .key .max { border-color: var(--text); border-top-style: dotted; }
.key .fail { border-color: var(--fail); border-top-style: dashed; } .key .info { border-color: var(--info); }
.distribution { display: block; margin: 8px 0; font-size: 14px; } .distribution text { fill: var(--text); }
.distribution .name { font-weight: 600; } .distribution .small, .distribution .small text { fill: var(--muted); font-size: 13px; } .distribution .value { text-anchor: middle; font-size: 12px; }
.distribution .floor { stroke: var(--line); } .distribution .more { visibility: hidden; } .bar:hover .more, .bar:focus .more { visibility: visible; }
.series-1 rect { fill: var(--ok); } .series-2 rect { fill: var(--fault); } .series-3 rect { fill: var(--info); } .series-4 rect { fill: var(--muted); }
.bar:focus { outline: none; } .bar:focus rect { stroke: var(--focus); stroke-width: 3; } .beside rect.whole { fill: var(--line); } .beside rect.part { fill: var(--bad); }
#readout { min-height: 24px; font-size: 14px; color: var(--muted); }
pre { overflow: auto; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.level-warn td:nth-child(3) { color: var(--doubt); font-weight: 700; } .level-error td:nth-child(3) { color: var(--bad); font-weight: 700; }
details > summary { cursor: pointer; color: var(--accent); font-size: 14px; }
kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--muted); border-radius: 4px; padding: 0 5px; }
.alert { border-left: 5px solid var(--bad); padding: 8px 12px; } [hidden] { display: none; }
body > footer { color: var(--muted); font-size: 13px; padding-bottom: 30px; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 640px) { .verdict { grid-template-columns: 1fr; } .verdict .word { justify-self: start; } h1 { font-size: 20px; } }
@media print { button, nav, .controls { display: none; } section { break-inside: avoid; } }
`;
