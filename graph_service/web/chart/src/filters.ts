// Filters: what matches stays, and so does the way to it, dimmed.
import { html, nothing, type TemplateResult } from "lit";
import { clean, type Goal, goalsOf, type Item, type Model, words } from "./model.js";

export const FILTERS = ["status", "level", "owner", "period"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Partial<Record<FilterName, string>>;

const NOBODY = "-";

/** What is filtered and selected, as the query of an address. */
export function stateOf(filters: Filters, orphans: boolean, selected: string | null): string {
  const said = new URLSearchParams();
  for (const name of FILTERS) if (filters[name]) said.set(name, filters[name]!);
  if (orphans) said.set("orphans", "1");
  if (selected !== null) said.set("select", selected);
  return said.toString();
}

/** The filters that an address names; null for none. */
export function filtersOf(state: URLSearchParams): Filters | null {
  const given = FILTERS.flatMap((name) => (state.get(name) ? [[name, state.get(name)!]] : []));
  return given.length ? (Object.fromEntries(given) as Filters) : null;
}

export const filtered = (filters: Filters): boolean => FILTERS.some((name) => filters[name]);

/** Periods by the one that they lie within. */
export type Periods = Map<string, string>;

function lies(period: string | undefined, within: string, periods: Periods): boolean {
  for (let at = period, steps = 0; at !== undefined && steps < 20; at = periods.get(at), steps++) if (at === within) return true;
  return false;
}

/** Whether a goal meets all filters. A key result is of its objective's level, and of its period if it has none. */
export function fits(goal: Goal, { status, level, owner, period }: Filters, periods: Periods): boolean {
  return (
    (!status || goal.status === status) &&
    (!level || (goal.level ?? goal.objective?.level) === level) &&
    (!owner || (goal.owner?.id ?? NOBODY) === owner) &&
    (!period || lies((goal.period ?? goal.objective?.period)?.id, period, periods))
  );
}

export interface Left {
  kept: Set<string>;
  dim: Set<string>;
  /** How many cards match. */
  many: number;
}

/** What the filters leave of a model; null where they leave everything. */
export function left(model: Model, filters: Filters, periods: Periods): Left | null {
  if (!filtered(filters)) return null;
  const kept = new Set<string>();
  const hit = new Set<string>();
  for (const item of model.items.values()) {
    if (!(item.goal ? fits(item.goal, filters, periods) : item.goals.some((goal) => fits(goal, filters, periods)))) continue;
    hit.add(item.id);
    for (let at: Item | undefined = item; at && !kept.has(at.id); at = model.items.get(at.parent ?? "")) kept.add(at.id);
  }
  for (const id of model.kind === "ladder" ? model.items.keys() : model.roots) kept.add(id);
  return { kept, dim: new Set([...kept].filter((id) => !hit.has(id))), many: hit.size };
}

export interface FilterActs {
  set(name: FilterName, value: string): void;
  orphans(only: boolean): void;
  clear(): void;
}

/** The row of filters; `orphans` is null where nobody can be asked for them. */
export function filterBar(model: Model | null, filters: Filters, orphans: boolean | null, act: FilterActs): TemplateResult {
  const options: Record<FilterName, Map<string, string>> = {
    status: new Map(), level: new Map(), owner: new Map(), period: new Map(),
  };
  for (const goal of model ? goalsOf(model) : []) {
    options.status.set(goal.status, words(goal.status));
    if (goal.level) options.level.set(goal.level, clean(goal.level));
    options.owner.set(goal.owner?.id ?? NOBODY, goal.owner ? clean(goal.owner.name) : "no owner");
    if (goal.period) options.period.set(goal.period.id, clean(goal.period.title ?? goal.period.id));
  }
  for (const name of FILTERS) {
    const chosen = filters[name];
    if (chosen && !options[name].has(chosen)) options[name].set(chosen, chosen);
  }
  const choice = (name: FilterName) => html`<label>${name}
    <select .value=${filters[name] ?? ""} @change=${(event: Event) => act.set(name, (event.target as HTMLSelectElement).value)}>
      <option value="">any</option>
      ${[...options[name]].sort((one, other) => one[1].localeCompare(other[1])).map(([value, said]) =>
        html`<option value=${value} ?selected=${filters[name] === value}>${said}</option>`)}
    </select></label>`;
  return html`<div class="filters" part="filters">
    ${FILTERS.filter((name) => options[name].size > 0).map(choice)}
    ${orphans === null ? nothing : html`<label class="check"><input type="checkbox" .checked=${orphans}
      @change=${(event: Event) => act.orphans((event.target as HTMLInputElement).checked)}>orphans only</label>`}
    ${filtered(filters) || orphans ? html`<button @click=${act.clear}>Clear</button>` : nothing}</div>`;
}
