/** The style of reports: light and dark, on a phone and on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --ground: #ffffff; --raised: #f6f8fa;
  --good: #116329; --good-ground: #dafbe1; --bad: #a40e26; --bad-ground: #ffebe9; --warn: #7d4e00; --warn-ground: #fff8c5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --ground: #0d1117;
  --raised: #161b22; --good: #56d364; --good-ground: #0f2a18; --bad: #ff8182; --bad-ground: #36141a; --warn: #e3b341; --warn-ground: #2d2308; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .4rem 0; max-width: 60rem; }
.soft { color: var(--soft); }
.banner { margin: 1.25rem 0; padding: 1rem 1.25rem; border-radius: .5rem; border: 1px solid; }
.banner strong { display: block; font-size: 1.3rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.banner.good { background: var(--good-ground); } .banner.bad { background: var(--bad-ground); } .banner.warn { background: var(--warn-ground); }
.banner p, .banner ul { color: var(--ink); } .banner ul { margin: .4rem 0 0; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
th { background: var(--raised); font-weight: 600; white-space: nowrap; }
td { overflow-wrap: anywhere; } td.mark, td.host { white-space: nowrap; overflow-wrap: normal; } td.mark { font-weight: 600; }
td.text { min-width: 20rem; } td.text p { margin: .25rem 0 0; font-size: .92em; }
code, .id, td.host, td.exact { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details { margin: .5rem 0; } summary { cursor: pointer; padding: .3rem 0; }
ul { padding-left: 1.25rem; } li { margin: .3rem 0; }
@media (max-width: 40rem) { body { padding: 1.25rem .9rem 3rem; } dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .5rem; }
  thead { display: none; } tr { display: block; padding: .5rem .75rem; border-bottom: 1px solid var(--line); } tr:last-child { border-bottom: 0; }
  td, tr:last-child > td { display: block; min-width: 0 !important; padding: .15rem 0; border: 0; }
  td.host { white-space: normal; overflow-wrap: anywhere; }
  td::before { content: attr(data-label); display: block; color: var(--soft); font: 400 .8rem system-ui, "DejaVu Sans", sans-serif; } }
@media print { body { max-width: none; padding: 0; } .wide { overflow: visible; } details > * { display: block; } }
`;
