/** The whole look of the read-only pages; light and dark by the reader's own setting, down to the width of a phone. */
export const stylesheet = `
:root { color-scheme: light dark;
  --ink: #1d2330; --soft: #5b6475; --line: #dfe3ea; --paper: #f6f7f9; --card: #fff; --accent: #3454d1;
  --good: #17734a; --good-bg: #e3f4ea; --bad: #b3261e; --bad-bg: #fce8e6; --warn: #8a5300; --warn-bg: #fdf0d5;
  --calm-bg: #e8ecf8; --code: #f1f3f7;
  --s0: #3454d1; --s1: #d9480f; --s2: #17734a; --s3: #9c36b5; --s4: #0b7285; --s5: #a61e4d; --s6: #5c7c00; --s7: #6d4c41; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e7eaf0; --soft: #9aa4b5; --line: #333a47; --paper: #14171d; --card: #1c2028; --accent: #8ea6ff;
  --good: #6fd3a0; --good-bg: #16352a; --bad: #ff9b93; --bad-bg: #41201e; --warn: #f2c06b; --warn-bg: #3d2f14;
  --calm-bg: #252d45; --code: #242933;
  --s0: #8ea6ff; --s1: #ff9f6b; --s2: #6fd3a0; --s3: #d69be6; --s4: #63c7d9; --s5: #f28bb0; --s6: #b6cf5a; --s7: #c9a79b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.eyebrow { color: var(--soft); font-size: .9rem; margin: 0; }
.soft { color: var(--soft); } .small { font-size: .875rem; }
.facts { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; color: var(--soft); font-size: .9rem; margin: .5rem 0 0; }
.facts b { color: var(--ink); font-weight: 600; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; margin: .6rem 0;
  overflow: hidden; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.lead { font-size: 1.1rem; }
.chip { display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .8rem; font-weight: 600;
  background: var(--calm-bg); color: var(--ink); white-space: nowrap; }
.chip.good { background: var(--good-bg); color: var(--good); }
.chip.bad { background: var(--bad-bg); color: var(--bad); }
.chip.warn { background: var(--warn-bg); color: var(--warn); }
.refs { display: flex; flex-wrap: wrap; gap: .35rem; margin: .5rem 0 0; padding: 0; list-style: none; }
.refs a { display: inline-block; border: 1px solid var(--line); border-radius: .4rem; padding: 0 .45rem; font-size: .85rem;
  text-decoration: none; }
.refs a:hover { border-color: var(--accent); }
.rows { list-style: none; margin: 0; padding: 0; }
.card.rows { padding: .25rem 1.1rem; }
.rows > li { display: grid; grid-template-columns: 6.5rem 1fr; gap: .1rem 1rem; padding: .5rem 0; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; }
.rows time, .rows .key { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; padding-top: .12rem; }
.rows p { margin: 0; }
pre { background: var(--code); border-radius: .45rem; padding: .75rem .9rem; margin: .5rem 0; overflow-x: auto;
  font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; tab-size: 4; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.diff span { display: block; min-width: max-content; padding: 0 .3rem; margin: 0 -.3rem; }
.diff .add { background: var(--good-bg); color: var(--good); } .diff .del { background: var(--bad-bg); color: var(--bad); }
.diff .hunk { color: var(--accent); } .diff .file { color: var(--soft); font-weight: 600; }
.log { list-style: none; margin: 0; padding: 0; font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.log li { display: grid; grid-template-columns: 7rem 3.5rem 1fr; gap: 0 .6rem; padding: .2rem 0; border-top: 1px solid var(--line); }
.log li:first-child { border-top: 0; }
.log time { color: var(--soft); } .log .text { white-space: pre-wrap; overflow-wrap: anywhere; }
.level-error, .level-fatal { color: var(--bad); } .level-warn { color: var(--warn); } .level-info, .level-debug, .level-unknown { color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: .8rem; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
svg.chart { display: block; width: 100%; height: auto; overflow: visible; }
svg.chart text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg.chart .grid { stroke: var(--line); } svg.chart .onset { stroke: var(--bad); stroke-dasharray: 5 4; }
svg.chart text.onset-label { fill: var(--bad); font-weight: 600; }
svg.chart path { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.c0 { stroke: var(--s0); } .c1 { stroke: var(--s1); } .c2 { stroke: var(--s2); } .c3 { stroke: var(--s3); }
.c4 { stroke: var(--s4); } .c5 { stroke: var(--s5); } .c6 { stroke: var(--s6); } .c7 { stroke: var(--s7); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .85rem; }
.legend li { display: flex; align-items: center; gap: .4rem; overflow-wrap: anywhere; min-width: 0; }
.legend svg { width: 1.1rem; height: .4rem; flex: none; } .legend line { stroke-width: 4; }
.spans { list-style: none; margin: 0; padding: 0; font-size: .88rem; }
.spans li { padding: .3rem 0; border-top: 1px solid var(--line); } .spans li:first-child { border-top: 0; }
.spans .head { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; }
.spans .took { margin-left: auto; font-variant-numeric: tabular-nums; color: var(--soft); }
.spans svg { display: block; width: 100%; height: .5rem; margin-top: .2rem; }
.spans rect.track { fill: var(--code); } .spans rect.bar { fill: var(--s0); } .spans rect.bar.bad { fill: var(--bad); }
.spans .why { color: var(--bad); white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0 0; }
.d0 { padding-left: 0; } .d1 { padding-left: .9rem; } .d2 { padding-left: 1.8rem; } .d3 { padding-left: 2.7rem; }
.d4 { padding-left: 3.6rem; } .d5 { padding-left: 4.5rem; } .d6 { padding-left: 5.4rem; }
details { margin: .75rem 0 0; } summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) {
  main { padding: 1rem .75rem 3rem; } h1 { font-size: 1.3rem; } .card { padding: .8rem .85rem; }
  .rows > li { grid-template-columns: 1fr; } .log li { grid-template-columns: auto 1fr; } .log .text { grid-column: 1 / -1; }
  svg.chart text { font-size: 23px; } svg.chart text.between { display: none; } svg.chart path { stroke-width: 4; }
  .card.rows { padding: .2rem .85rem; }
  .d3, .d4, .d5, .d6 { padding-left: 2.4rem; }
}
@media print { body { background: #fff; } .card { break-inside: avoid; } }
`;
