/** Of the page: follows the reader's scheme on a screen, and is dark on light on paper. Needs no network. */
export const STYLE = `
:root {
  --back: #fff; --raised: #f6f8fa; --text: #1f2328; --dim: #59636e; --edge: #d1d9e0;
  --blue: #0969da; --red: #cf222e; --green: #1a7f37; --purple: #8250df; --yellow: #9a6700;
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --raised: #161b22; --text: #e6edf3; --dim: #9da5ae; --edge: #3d444d;
    --blue: #4493f8; --red: #ff6a61; --green: #3fb950; --purple: #b083f9; --yellow: #d8a01f;
    color-scheme: dark;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 40px; }
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.75em; line-height: 1.25; }
h2 { font-size: 1.2em; padding-bottom: 10px; }
section { padding-top: 26px; }
section > * + * { margin-top: 12px; }
h2 + * { margin-top: 0; }
.facts { color: var(--dim); }
code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  unicode-bidi: isolate; }
strong, .state { unicode-bidi: isolate; }
.pass { --state: var(--green); } .fail { --state: var(--red); } .inconclusive { --state: var(--yellow); }
.state { color: var(--state); white-space: nowrap; font-weight: 600; }
.verdict { margin-top: 20px; padding: 14px 18px; background: var(--raised);
  border: 1px solid var(--edge); border-left: 5px solid var(--state); border-radius: 6px; }
.verdict p { font-size: 1.15em; }
ul { padding-left: 22px; }
li + li { margin-top: 4px; }
.warnings { list-style: none; padding: 0; }
.warnings li { padding: 8px 12px; border-left: 4px solid var(--yellow); background: var(--raised); }
dl.pairs { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; }
dl.pairs dt { color: var(--dim); } dl.pairs dd { min-width: 0; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(148px, 1fr)); gap: 10px; }
dl.figures > div { padding: 10px 14px; border: 1px solid var(--edge); border-radius: 6px; }
dl.figures dt, .note { color: var(--dim); font-size: 0.87em; }
dl.figures .value { font-size: 1.3em; font-weight: 600; font-variant-numeric: tabular-nums; }
.bad .value { color: var(--red); }
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
table { border-collapse: collapse; width: max-content; min-width: min(100%, 420px); font-size: 0.93em; }
caption { text-align: left; color: var(--dim); padding-bottom: 4px; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--edge); text-align: right;
  font-variant-numeric: tabular-nums; vertical-align: top; }
th { font-weight: 600; } tbody th { font-weight: 400; }
th.text, td.text { text-align: left; max-width: 420px; min-width: 60px; }
td.figure { white-space: nowrap; }
.charts { display: grid; gap: 22px 34px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.charts.wide { grid-template-columns: minmax(0, 1fr); }
figure { min-width: 0; break-inside: avoid; }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 16px; padding-bottom: 10px; }
figcaption .legend { display: inline-flex; align-items: center; gap: 6px; color: var(--dim); font-size: 0.87em; }
.plot { padding: 0 26px 22px 66px; } .plot.named { padding-bottom: 38px; }
svg { display: block; } .defs { position: absolute; } svg.chart { overflow: visible; }
svg.chart text { fill: var(--dim); font-size: 11.5px; }
.c-blue { --c: var(--blue); } .c-red { --c: var(--red); } .c-green { --c: var(--green); }
.c-purple { --c: var(--purple); } .c-yellow { --c: var(--yellow); } .c-text { --c: var(--text); }
.grid { stroke: var(--edge); stroke-width: 1; opacity: 0.6; }
.line { fill: none; stroke: var(--c); stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }
.line[stroke-width="2"] { stroke-width: 2.2; } .line[stroke-dasharray] { stroke-linecap: butt; }
.area, .band { fill: var(--c); opacity: 0.14; } .bar, .mark { fill: var(--c); } .bar { shape-rendering: crispEdges; }
.hatch { stroke: var(--dim); stroke-width: 2; opacity: 0.5; }
.rule { stroke: var(--text); stroke-width: 1; stroke-dasharray: 3 3; }
svg.chart .rule-label { fill: var(--text); paint-order: stroke; stroke: var(--back); stroke-width: 4px; }
details { margin-top: 6px; font-size: 0.93em; } summary { cursor: pointer; color: var(--dim); width: fit-content; }
details .scroll { max-height: 340px; overflow: auto; margin-top: 6px; }
footer { margin-top: 34px; padding-top: 12px; border-top: 1px solid var(--edge); color: var(--dim); }
@media (max-width: 560px) {
  main { padding: 18px 14px 28px; }
  dl.pairs { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.pairs dd { padding-bottom: 8px; }
  .plot { padding-left: 54px; padding-right: 18px; }
}
@media (forced-colors: active) { svg { forced-color-adjust: none; } }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  details { display: none; } .scroll { overflow: visible; max-height: none; }
  table { width: 100%; font-size: 0.85em; } td.figure { white-space: normal; }
  h2 { break-after: avoid; } tr, .verdict, dl.figures > div, li { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
