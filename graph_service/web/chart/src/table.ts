// The same data as a table: for who listens to it, for who sorts it, for who prefers it.
import { html, nothing, type TemplateResult } from "lit";
import { type Badge, type Goal, type Item, clean, nameOf, percent, toneOfFinding, words } from "./model.js";
import { statusWord, word } from "./panel.js";

export type Column = "title" | "level" | "owner" | "progress" | "expected" | "status" | "due" | "findings";

export interface Sorting {
  by: Column | null;
  down: boolean;
}

const HEADS: [Column, string][] = [
  ["title", "Goal"], ["level", "Level"], ["owner", "Owner"], ["progress", "Progress"], ["expected", "Expected"],
  ["status", "Status"], ["due", "Due"], ["findings", "Findings"],
];

interface Row {
  id: string;
  goal: Goal | null;
  item: Item;
}

/** The rows of a chart: its goals, each once; owners stand in for themselves where they own nothing. */
export function rowsOf(items: Iterable<Item>): Row[] {
  const rows: Row[] = [];
  const met = new Set<string>();
  const add = (goal: Goal, item: Item) => {
    if (met.has(goal.id)) return;
    met.add(goal.id);
    rows.push({ id: goal.id, goal, item });
  };
  for (const item of items) {
    if (item.goal) add(item.goal, item);
    for (const goal of item.goals) add(goal, item);
    for (const goal of item.keyResults) add(goal, item);
    if (item.owner && !item.goals.length) rows.push({ id: item.id, goal: null, item });
  }
  return rows;
}

function valueOf(row: Row, by: Column): string | number | null {
  const goal = row.goal;
  if (by === "findings") return (goal ?? row.item).badge?.many ?? null;
  if (!goal) return by === "title" ? nameOf(row.item) : by === "owner" ? nameOf(row.item) : null;
  switch (by) {
    case "title": return goal.title;
    case "level": return levelOf(goal);
    case "owner": return goal.owner?.name ?? null;
    case "progress": return goal.progress.value;
    case "expected": return goal.progress.expected;
    case "status": return goal.status;
    case "due": return goal.endsOn;
  }
}

const levelOf = (goal: Goal): string => goal.level ?? (goal.__typename === "Objective" ? "objective" : "key result");

const findings = (badge: Badge | null | undefined) =>
  badge ? html`${badge.many} ${word(toneOfFinding(badge.gravest), badge.gravest)}` : "";

const letters = new Intl.Collator(undefined, { numeric: true });

export function sorted(rows: Row[], { by, down }: Sorting): Row[] {
  if (by === null) return rows;
  return [...rows].sort((one, other) => {
    const a = valueOf(one, by), b = valueOf(other, by);
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1; // what is unknown comes last either way
    const order = typeof a === "number" && typeof b === "number" ? a - b : letters.compare(String(a), String(b));
    return down ? -order : order;
  });
}

export function tableView(
  rows: Row[], shown: number, sorting: Sorting, selected: string | null, caption: string,
  act: { sort(by: Column): void; choose(id: string): void; more(): void },
): TemplateResult {
  return html`<div class="sheet" part="table" tabindex="0" role="region" aria-label="Table of goals">
    <table>
      <caption>${caption}</caption>
      <thead><tr>${HEADS.map(([by, head]) => html`<th scope="col"
        aria-sort=${sorting.by === by ? (sorting.down ? "descending" : "ascending") : "none"}>
        <button @click=${() => act.sort(by)}>${head}${sorting.by === by ? (sorting.down ? " ↓" : " ↑") : nothing}</button></th>`)}
      </tr></thead>
      <tbody>${rows.slice(0, shown).map(({ id, goal, item }) => html`<tr aria-current=${id === selected ? "true" : "false"}>
        <td class="title"><button class="link" data-row=${id} @click=${() => act.choose(id)}>${goal ? clean(goal.title) : nameOf(item)}</button></td>
        <td>${goal ? clean(levelOf(goal)) : item.owner ? words(item.owner.__typename) : ""}</td>
        <td>${goal ? (goal.owner ? clean(goal.owner.name) : "no owner") : ""}</td>
        <td class="number">${goal ? percent(goal.progress.value) : percent(item.progress)}</td>
        <td class="number">${goal ? percent(goal.progress.expected) : ""}</td>
        <td>${goal ? statusWord(goal.status) : "no goals of their own"}</td>
        <td class="number">${goal?.endsOn ?? ""}</td>
        <td>${findings((goal ?? item).badge)}</td></tr>`)}
      </tbody>
    </table>
    ${rows.length > shown ? html`<p class="more"><button @click=${act.more}>Show ${Math.min(500, rows.length - shown)} more of ${rows.length}</button></p>` : nothing}
  </div>`;
}
