"""How the report looks: on a screen, and on paper."""

from __future__ import annotations

CSS = """
:root { --ink: #1d2b36; --soft: #5d6b76; --line: #dde3e8; --bar: #2f6f8f; --pale: #a9c9d8; --red: #b3372f }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 62rem; color: var(--ink); background: #fff;
  font: 15px/1.45 system-ui, "Segoe UI", "Liberation Sans", Helvetica, Arial, sans-serif }
h1 { margin: 0; font-size: 1.7rem } h2 { margin: 2.2rem 0 .6rem; font-size: 1.1rem }
p { margin: .3rem 0; color: var(--soft) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .7rem; margin-top: 1.3rem }
.card { padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .5rem }
.card b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums }
.card span { color: var(--soft); font-size: .85rem }
.card.alarm b { color: var(--red) }
.funnel { display: grid; grid-template-columns: max-content minmax(8rem, 1fr) max-content; gap: .35rem .8rem;
  grid-auto-flow: row dense; align-items: center }
.name { grid-column: 1 } .sum { grid-column: 3 }
.track { grid-column: 2; height: 1.15rem; background: #f1f4f6; border-radius: .25rem }
.bar { height: 100%; min-width: 2px; background: var(--bar); border-radius: .25rem }
.bar.won { background: #3c8a5b } .bar.lost { background: #b9c1c7 } .bar.unknown { background: #d9a441 }
.sum { color: var(--soft); font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .92rem }
th, td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 6.4rem }
th { color: var(--soft); font-weight: 600; border-bottom-color: var(--soft) }
td.figure, th.figure { min-width: 0; text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; padding-right: 1.2rem }
td:first-child, th:first-child { min-width: 3.6rem; overflow-wrap: normal }
thead { display: table-header-group } tr { break-inside: avoid }
@media (max-width: 40rem) { body { padding: 1.2rem .9rem 2rem } .cards { grid-template-columns: 1fr 1fr }
  .funnel { grid-template-columns: 1fr auto; gap: .25rem .8rem } .sum { grid-column: 2; text-align: right }
  .track { grid-column: 1 / -1; margin-bottom: .4rem } th, td { min-width: 8rem }
  td:first-child, th:first-child { min-width: 3.6rem } }
@media print { .scroll { overflow: visible }
  body { padding: 0; max-width: none; font-size: 10.5pt } h2 { break-after: avoid }
  td, th { min-width: 4.6rem } .bar, .track { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""
