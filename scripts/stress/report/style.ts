/** What this page adds to the style of all of them, and its colours: told apart without red and green, in light and in dark. */

/** Of the palette. Markets take the first ones in turn. */
export const BLUE = 0;
export const ORANGE = 1;
export const SHORTFALL = 8;
export const GREY = 9;
/** How many markets differ in colour. */
export const MARKET_COLOURS = 8;

export const STYLE = `<style>
:root {
  --c0: #0068a8; --c1: #d07b00; --c2: #00866a; --c3: #b0568f; --c4: #3c9dd6; --c5: #857b00; --c6: #5b3f9e; --c7: #4c443c;
  --c8: #8f1444; --c9: #7f868c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --c0: #5fb0ee; --c1: #f2a640; --c2: #35c79f; --c3: #e694c8; --c4: #9ad4f8; --c5: #d9cf4a; --c6: #b49cf0; --c7: #c7bcae;
    --c8: #ff7aa8; --c9: #8f969c;
  }
}
h1, h2, p, li, table.prose td { overflow-wrap: anywhere; }
.eyebrow { max-width: none; color: var(--soft); font-size: .875rem; margin: 0 0 .25rem; }
.lead { font-size: 1.2rem; line-height: 1.45; max-width: 46rem; margin: 1.25rem 0; }
.points { padding-left: 1.1rem; max-width: 50rem; }
.points li { margin: .4rem 0; }
.banner { border: 2px solid var(--c8); padding: .6rem .9rem; margin: 1rem 0; max-width: none; font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.tile { border-top: 4px solid var(--c); background: var(--shade); padding: .6rem .75rem; }
.tile span { display: block; color: var(--soft); font-size: .8125rem; line-height: 1.3; }
.tile b { display: block; font-size: 1.3rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
section { scroll-margin-top: 1rem; }
.pair figure { display: grid; grid-row: span 2; grid-template-rows: subgrid; align-content: start; }
.pair figcaption { align-content: end; }
.pair .none { align-self: start; margin-top: .5rem; }
nav ol { columns: 16rem; font-size: .9375rem; }
h3 + .pair figure, h3 + figure { margin-top: .5rem; }
.tiers { margin: .75rem 0 1.5rem; }
.tier { display: grid; grid-template-columns: 15rem 1fr 9.5rem; gap: 0 1rem; align-items: center; padding: .3rem 0; font-size: .9375rem; }
.tier .track { height: 1.35rem; background: var(--shade); position: relative; }
.tier .track i { position: absolute; top: 0; bottom: 0; background: var(--c); min-width: 2px; }
.tier b { font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; }
.tier small { display: block; color: var(--soft); font-size: .8125rem; line-height: 1.3; font-weight: normal; }
.zero { stroke: var(--c8); stroke-width: 1.2; stroke-dasharray: 3 3; }
.outline { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: miter; }
.cloud { fill: none; stroke: var(--c); stroke-width: 3.4; stroke-linecap: round; opacity: .4; }
.sparse { stroke-width: 8; opacity: .7; }
.middle { stroke: var(--paper); stroke-width: 1.5; fill: var(--c); }
.key.dot::before { width: .6em; height: .6em; border-radius: 50%; vertical-align: 0; }
.key.outline::before { height: .6em; background: none; border: 2px solid var(--c); border-bottom: 0; vertical-align: -.05em; }
table.rules td.ours, table.rules th.ours { background: color-mix(in srgb, var(--c0) 14%, transparent); }
table.rules td.best { font-weight: 700; }
table.rules td.best::before { content: "★ "; color: var(--c0); font-weight: normal; }
table.rules th { white-space: normal; }
table.rules tbody th { min-width: 11rem; }
table.rules th small { display: block; color: var(--soft); }
table.rules td, table.rules thead th { padding-left: .75rem; }
table.prose th { white-space: normal; padding-right: .75rem; text-align: left; }
table.prose thead th { text-align: left; }
.facts { columns: 2 26rem; column-gap: 2.5rem; }
.facts table { width: 100%; }
.facts th { width: 50%; }
.facts > * { break-inside: avoid; margin: 0 0 1.25rem; }
pre { overflow-x: auto; background: var(--shade); padding: .75rem 1rem; font-size: .8125rem; line-height: 1.4; }
summary { cursor: pointer; }
@media (max-width: 40rem) {
  body { padding: 1.25rem 1rem 3rem; }
  .lead { font-size: 1.075rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .tier { grid-template-columns: 1fr auto; }
  .tier .track { grid-column: 1 / -1; grid-row: 2; height: .9rem; }
  .half .tick { font-size: 14px; }
}
@media print { section { break-before: auto; } figure, .tier { break-inside: avoid; } }
</style>`;
