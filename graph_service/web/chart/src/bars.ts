// What stands around the picture: the bar of tools above it, what is said in its place, and the line below it.
import { html, nothing, type TemplateResult } from "lit";
import { type Graphic, type Item, type Model, nameOf } from "./model.js";

export type View = Graphic | "table";

export const VIEWS: [View, string][] = [
  ["cascade", "Cascade"], ["ladder", "Ladder"], ["org", "Organization"], ["table", "Table"],
];

export interface Tools {
  view: View;
  can(view: View): boolean;
  search: TemplateResult;
  filtering: boolean;
  filters: number;
  /** Whether there is a service, and whether the panel tells how to share the chart; null without one. */
  sharing: boolean | null;
}

export interface ToolActs {
  show(view: View): void;
  filter(): void;
  scale(by: number): void;
  fit(): void;
  share(): void;
}

export function toolbar(tools: Tools, act: ToolActs): TemplateResult {
  const views = VIEWS.filter(([view]) => tools.can(view));
  return html`<div class="toolbar" part="toolbar">
    <div class="views" role="group" aria-label="View">${views.map(([view, name]) =>
      html`<button aria-pressed=${tools.view === view ? "true" : "false"} @click=${() => act.show(view)}>${name}</button>`)}</div>
    ${tools.search}
    <button aria-expanded=${tools.filtering ? "true" : "false"}
      @click=${act.filter}>Filter${tools.filters ? ` (${tools.filters})` : nothing}</button>
    ${tools.view === "table" ? nothing : html`<div class="zoom" role="group" aria-label="Zoom">
      <button aria-label="Zoom out" @click=${() => act.scale(1 / 1.4)}>−</button>
      <button aria-label="Zoom in" @click=${() => act.scale(1.4)}>+</button>
      <button @click=${act.fit}>Fit</button></div>`}
    ${tools.sharing === null ? nothing : html`<button aria-pressed=${tools.sharing ? "true" : "false"} @click=${act.share}>Share</button>`}
  </div>`;
}

/** What a picture is of. */
export function label(kind: Graphic, root: Item | undefined, orphans: boolean): string {
  if (kind === "org") return "Organization chart";
  const name = kind === "ladder" ? "Ladder" : orphans ? "Orphans" : "Cascade";
  return root ? `${name} of ${nameOf(root)}` : name;
}

/** What is said where there is no picture; `again` is null where nobody can be asked once more. */
export function message(
  failure: string | null, model: Model | null, busy: boolean, orphans: boolean, again: (() => void) | null,
): TemplateResult | typeof nothing {
  if (failure !== null)
    return html`<div class="message" role="alert"><p class="bad-text">${failure}</p>
      ${again ? html`<p><button @click=${again}>Try again</button></p>` : nothing}</div>`;
  if (!model) return html`<div class="message"><p>${busy ? "Loading …" : ""}</p></div>`;
  if (model.items.size) return nothing;
  const none = orphans ? "There are no orphans."
    : model.kind === "org" ? "Nobody reports to anybody, and there are no teams." : "There are no goals yet.";
  return html`<div class="message"><p>${none}</p></div>`;
}

/** `matching` is how many cards the filters are about; null where they leave everything. */
export function statusLine(
  model: Model | null, matching: number | null, levels: string[], following: boolean, busy: boolean,
): TemplateResult {
  if (!model) return html`<span>${busy ? "Loading …" : ""}</span>`;
  const many = model.items.size;
  const noun = `${model.kind === "org" ? "owner" : "goal"}${many === 1 ? "" : "s"}`;
  const keys = model.kind === "org" ? levels.slice(0, 5) : [];
  const of = matching === null ? "" : `${matching} of `;
  return html`<span>${of}${many} ${noun}${matching === null ? "" : matching === 1 ? " matches" : " match"}${model.hidden > 0 ? ` · ${model.hidden} more below` : nothing}${model.truncated ? " · cut at the limit" : nothing}</span>
    <span>the mark on a bar: where it should be by now</span>
    ${keys.length ? html`<span class="keys">${keys.map((level, at) => html`<span class="key"><svg viewBox="0 0 8 8" aria-hidden="true"><circle class="ink level-${at}" cx="4" cy="4" r="4"></circle></svg>${level}</span>`)}</span>` : nothing}
    ${following ? html`<span class="live">live</span>` : nothing}${busy ? html`<span>loading …</span>` : nothing}`;
}
