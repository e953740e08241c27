/** Of the page, for light and for dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --ink: #1d1f21; --soft: #5d6469; --rule: #d9dcd8; --shade: #f1f2ee;
  --c0: #2563a8; --c1: #c2640c; --c2: #2c7d4f; --c3: #8a4bb0; --c4: #0f7f8c; --c5: #a08000; --c6: #b03a78; --c7: #6b5b4b;
  --c8: #c22f2f; --c9: #7a8086;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17191b; --ink: #e6e7e4; --soft: #a0a6aa; --rule: #373b3e; --shade: #212427;
    --c0: #6aa8ec; --c1: #f0a050; --c2: #63c08d; --c3: #c493e6; --c4: #4fc3d0; --c5: #d8bb3c; --c6: #ec86b8; --c7: #b9a793;
    --c8: #f07a70; --c9: #9aa1a7;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
ul { margin: .5rem 0; padding-left: 1.4rem; }
section > h2 { border-top: 2px solid var(--rule); padding-top: 1.5rem; }
p { margin: .5rem 0; max-width: 50rem; }
a { color: var(--c0); }
nav ol { margin: .5rem 0; padding-left: 1.4rem; }
.note, .unit { color: var(--soft); font-size: .875rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: right; white-space: nowrap; vertical-align: top; font-weight: normal; }
th:first-child { text-align: left; }
thead th { color: var(--soft); border-bottom: 1px solid var(--rule); vertical-align: bottom; white-space: pre-line; }
tbody tr:nth-child(even) { background: var(--shade); }
th.words, td.words { text-align: left; }
tbody th.words { white-space: normal; min-width: 14rem; }
table.prose td { text-align: left; white-space: normal; }
figure { margin: 1.5rem 0 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
.keys { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .875rem; }
.key::before {
  content: ""; display: inline-block; width: .9em; height: .18em; margin-right: .4em; vertical-align: .28em; background: var(--c);
}
.key.area::before, .key.bars::before { height: .7em; vertical-align: -.05em; }
.key.dashes::before { background: repeating-linear-gradient(90deg, var(--c) 0 4px, transparent 4px 7px); }
svg { display: block; width: 100%; height: auto; margin-top: .25rem; }
.grid { stroke: var(--rule); stroke-width: 1; }
.mark { stroke: var(--soft); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .line { fill: none; stroke: var(--c); stroke-width: 1.6; stroke-linejoin: round; }
svg .dashes { stroke-dasharray: 5 4; }
svg .area, svg .range { fill: var(--c); opacity: .2; }
svg .bars { fill: var(--c); }
.dot { fill: var(--c); }
.hit { fill: transparent; }
.hit:hover { fill: var(--ink); fill-opacity: .1; }
.said { border-left: 3px solid var(--c8); padding-left: .75rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2.5rem; }
.pair figure { min-width: 0; }
.pair figcaption { margin-bottom: .25rem; }
.bar { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; font-size: .875rem; margin-top: .35rem; }
.bar b { font-weight: normal; font-variant-numeric: tabular-nums; }
.bar i { grid-column: 1 / -1; height: .55rem; background: var(--c9); min-width: 1px; }
.bar.ours b, .bar.ours span { font-weight: 600; }
.bar.ours i { background: var(--c0); }
.none { color: var(--soft); border: 1px dashed var(--rule); padding: .75rem; }
@media (max-width: 40rem) { .keys { margin-left: 0; } figure:not(.half) .tick { font-size: 20px; } .half .tick { font-size: 13px; } }
@media print { section { break-before: page; } .hit { display: none; } }
`;
