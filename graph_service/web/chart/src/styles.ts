// The public theming interface are the custom properties that begin with --alignment-, and the parts.
import { css } from "lit";

const light = css`
  --paper: var(--alignment-paper, #fbfaf7);
  --card: var(--alignment-card, #ffffff);
  --ink: var(--alignment-ink, #1d2326);
  --quiet: var(--alignment-quiet, #566066);
  --line: var(--alignment-line, #858e8a);
  --edge: var(--alignment-edge, #d9d6cd);
  --rest: var(--alignment-rest, #e4e2da);
  --good: var(--alignment-good, #177245);
  --warn: var(--alignment-warn, #96590a);
  --bad: var(--alignment-bad, #b3261e);
  --accent: var(--alignment-accent, #1f6a5c);
  --level-0: var(--alignment-level-1, #7a3fb3);
  --level-1: var(--alignment-level-2, #1769aa);
  --level-2: var(--alignment-level-3, #7a6000);
  --level-3: var(--alignment-level-4, #b3541e);
  --level-4: var(--alignment-level-5, #a8326e);
  color-scheme: light;
`;
const dark = css`
  --paper: var(--alignment-paper, #14191b);
  --card: var(--alignment-card, #1b2224);
  --ink: var(--alignment-ink, #e9ecea);
  --quiet: var(--alignment-quiet, #a7b1b3);
  --line: var(--alignment-line, #6d787a);
  --edge: var(--alignment-edge, #333c3f);
  --rest: var(--alignment-rest, #333c3f);
  --good: var(--alignment-good, #5fd39a);
  --warn: var(--alignment-warn, #f0b45a);
  --bad: var(--alignment-bad, #ff8f85);
  --accent: var(--alignment-accent, #7fd1bf);
  --level-0: var(--alignment-level-1, #c79bf2);
  --level-1: var(--alignment-level-2, #7bbcf0);
  --level-2: var(--alignment-level-3, #e0cc5a);
  --level-3: var(--alignment-level-4, #f2a071);
  --level-4: var(--alignment-level-5, #f08cba);
  color-scheme: dark;
`;

export const styles = css`
  :host {
    ${light}
    display: flex;
    flex-direction: column;
    min-height: 22rem;
    height: var(--alignment-height, 40rem);
    color: var(--ink);
    background: var(--paper);
    font: 0.875rem/1.4 var(--alignment-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
    border: 1px solid var(--edge);
    border-radius: 8px;
    overflow: hidden;
    position: relative;
    container-type: inline-size;
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) { ${dark} }
  }
  :host([theme="dark"]) { ${dark} }
  :host([hidden]) { display: none; }
  * { box-sizing: border-box; }
  button, select, input, textarea { font: inherit; color: inherit; }
  button, select, input[type="search"] {
    min-height: 2rem; padding: 0.15rem 0.6rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  }
  button { cursor: pointer; }
  button:hover { border-color: var(--ink); }
  button[aria-pressed="true"], button[aria-current="true"] { background: var(--accent); color: var(--paper); border-color: var(--accent); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
  .toolbar { display: flex; flex-wrap: wrap; gap: 0.4rem; padding: 0.5rem; border-bottom: 1px solid var(--edge); align-items: center; }
  .toolbar .views, .toolbar .zoom { display: flex; }
  .toolbar .views { flex-wrap: wrap; row-gap: 0.3rem; }
  .views button { border-radius: 0; margin-left: -1px; }
  .views button:first-child, .zoom button:first-child { border-radius: 6px 0 0 6px; margin-left: 0; }
  .views button:last-child, .zoom button:last-child { border-radius: 0 6px 6px 0; }
  .zoom button { border-radius: 0; margin-left: -1px; min-width: 2rem; }
  .search { position: relative; flex: 1 1 10rem; max-width: 22rem; }
  .search input { width: 100%; }
  .hits { position: absolute; z-index: 5; top: 100%; left: 0; right: 0; margin: 2px 0 0; padding: 0.25rem; list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 6px; max-height: 18rem; overflow: auto; min-width: 14rem; }
  .hits li { padding: 0.3rem 0.5rem; border-radius: 4px; cursor: pointer; overflow-wrap: anywhere; }
  .hits li[aria-selected="true"], .hits li:hover { background: var(--rest); }
  .hits .none { color: var(--quiet); cursor: default; }
  .filters { display: flex; flex-wrap: wrap; gap: 0.5rem 0.8rem; padding: 0.5rem; border-bottom: 1px solid var(--edge); align-items: end; }
  .filters label { display: grid; gap: 0.1rem; font-size: 0.8rem; color: var(--quiet); }
  .filters select { max-width: 14rem; color: var(--ink); }
  .filters label.check { display: flex; align-items: center; gap: 0.35rem; min-height: 2rem; color: var(--ink); font-size: inherit; }
  .filters input[type="checkbox"] { accent-color: var(--accent); width: 1.1rem; height: 1.1rem; }
  .body { flex: 1; display: flex; min-height: 0; position: relative; }
  .stage { flex: 1; min-width: 0; position: relative; overflow: hidden; }
  svg.picture { position: absolute; inset: 0; width: 100%; height: 100%; display: block; touch-action: none; cursor: grab; user-select: none; }
  svg.picture:active { cursor: grabbing; }
  .status { padding: 0.3rem 0.6rem; border-top: 1px solid var(--edge); color: var(--quiet); font-size: 0.8rem; display: flex; gap: 0.3rem 1rem; flex-wrap: wrap; overflow-wrap: anywhere; }
  .status .live::before { content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--good); margin-right: 0.35rem; }
  .message { position: absolute; inset: 0; display: grid; place-content: center; padding: 1rem; text-align: center; gap: 0.5rem; background: var(--paper); }
  .message p { margin: 0; max-width: 34rem; overflow-wrap: anywhere; }
  .bad-text { color: var(--bad); }

  text { font: 400 11px var(--alignment-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif); }
  .t { font-size: 13px; font-weight: 600; }
  .s { font-size: 12px; }
  .n { font-variant-numeric: tabular-nums; font-weight: 600; }
  .i { font-size: 9px; font-weight: 600; }
  .ink { fill: var(--ink); }
  .quiet, .calm { fill: var(--quiet); }
  .rest { fill: var(--rest); }
  .good { fill: var(--good); }
  .warn { fill: var(--warn); }
  .bad { fill: var(--bad); }
  .mark { fill: var(--ink); }
  .card { fill: var(--card); stroke: var(--edge); }
  .chip { fill: var(--paper); stroke: var(--line); }
  .chip-of, .opener, .row, .item { cursor: pointer; }
  .sign { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
  .good-line { stroke: var(--good); }
  .warn-line { stroke: var(--warn); }
  .bad-line { stroke: var(--bad); }
  .calm-line { stroke: var(--quiet); }
  .line { fill: none; stroke: var(--line); stroke-width: 1.25; }
  .dotted { stroke-dasharray: 4 4; }
  .cross { stroke: var(--accent); stroke-width: 2; stroke-dasharray: 6 4; }
  .far { stroke: var(--paper); stroke-width: 8; }
  .row-back { fill: transparent; }
  .row-back.way { fill: var(--rest); }
  .row:hover .row-back, .opener:hover .chip, .chip-of:hover .chip { fill: var(--rest); }
  .item:hover .card { stroke: var(--line); }
  .item.selected .card { stroke: var(--accent); stroke-width: 2.5; }
  .item.dim { opacity: 0.35; }
  .item:focus { outline: none; }
  .item:focus-visible .card { stroke: var(--accent); stroke-width: 4; }
  .done { transition: width 0.6s ease; }
  .level-0 { fill: var(--level-0); }
  .level-1 { fill: var(--level-1); }
  .level-2 { fill: var(--level-2); }
  .level-3 { fill: var(--level-3); }
  .level-4 { fill: var(--level-4); }
  .keys { display: flex; flex-wrap: wrap; gap: 0 0.9rem; }
  .key { display: inline-flex; align-items: center; gap: 0.3rem; }
  .key svg { width: 0.7rem; height: 0.7rem; }

  .panel { width: min(24rem, 100%); overflow: auto; border-left: 1px solid var(--edge); background: var(--card); padding: 0.8rem 1rem 1.2rem; overflow-wrap: anywhere; }
  @container (max-width: 20rem) { .views button { padding: 0.15rem 0.3rem; font-size: 0.75rem; } }
  @container (max-width: 44rem) {
    .panel { position: absolute; inset: 0 0 0 auto; width: min(24rem, 100%); z-index: 4; box-shadow: -4px 0 16px rgb(0 0 0 / 0.2); }
    .search { max-width: none; flex-basis: 100%; order: 9; }
  }
  .panel header { display: flex; gap: 0.5rem; align-items: start; }
  .panel h2 { font-size: 1.05rem; line-height: 1.3; margin: 0; flex: 1; }
  .panel h3 { font-size: 0.8rem; margin: 1.1rem 0 0.3rem; color: var(--quiet); font-weight: 600; }
  .panel p { margin: 0.3rem 0; }
  .panel dl { display: grid; grid-template-columns: auto 1fr; gap: 0.15rem 0.8rem; margin: 0.6rem 0 0; }
  .panel dt { color: var(--quiet); }
  .panel dd { margin: 0; font-variant-numeric: tabular-nums; }
  .panel ul { list-style: none; margin: 0; padding: 0; }
  .panel li { padding: 0.15rem 0; }
  .panel li > button.link { text-align: left; }
  .panel small { color: var(--quiet); }
  .panel .findings li { padding: 0.3rem 0; }
  button.link { text-align: left; background: none; border: 0; padding: 0.1rem 0; min-height: 1.5rem; color: var(--accent); text-decoration: underline; text-underline-offset: 0.15em; overflow-wrap: anywhere; }
  .actions { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 0.8rem; }
  .gauge { width: 100%; height: 14px; margin-top: 0.6rem; display: block; }
  textarea { width: 100%; min-height: 7.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem; font: 0.75rem/1.4 ui-monospace, monospace; }
  .word { display: inline-flex; align-items: center; gap: 0.35rem; }
  .word svg { width: 12px; height: 12px; flex: none; }
  .tone-good { color: var(--good); } .tone-warn { color: var(--warn); } .tone-bad { color: var(--bad); } .tone-calm { color: var(--quiet); }

  .sheet { position: absolute; inset: 0; overflow: auto; background: var(--paper); }
  table { border-collapse: collapse; width: 100%; min-width: 34rem; }
  caption { text-align: left; padding: 0.5rem 0.8rem; color: var(--quiet); }
  th, td { text-align: left; padding: 0.35rem 0.8rem; border-bottom: 1px solid var(--edge); vertical-align: top; }
  thead th { position: sticky; top: 0; background: var(--card); z-index: 1; white-space: nowrap; }
  thead button { border: 0; background: none; padding: 0; min-height: 1.5rem; font-weight: 600; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  tr[aria-current="true"] { background: var(--rest); }
  td.title { min-width: 14rem; overflow-wrap: anywhere; }
  .more { padding: 0.8rem; }
  .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .plain { display: none; }
  @media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
  @media print {
    :host { display: block; height: auto; border: 0; overflow: visible; background: none; color: black; }
    .toolbar, .filters, .body, .status { display: none; }
    .plain { display: block; }
  }
`;
