// The side panel: all that is known of the goal or owner that is selected, and how to embed the chart.
import { html, nothing, svg, type TemplateResult } from "lit";
import { clean, type Finding, type Goal, type Item, nameOf, percent, toneOf, toneOfFinding, type Tone, words } from "./model.js";
import type { Contributor, Details } from "./service.js";

const SIGNS: Record<Tone, string> = {
  good: "M2 6.5l3 3 5-6.5",
  warn: "M6 2v5M6 9.9v.1M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  bad: "M6 1l5.2 9.5H.8zM6 4.5v2.7M6 8.9v.1",
  calm: "M2.5 6h7",
};

const word = (tone: Tone, said: string): TemplateResult =>
  html`<span class="word tone-${tone}"><svg viewBox="0 0 12 12" aria-hidden="true"><path class="sign ${tone}-line" d=${SIGNS[tone]}></path></svg>${words(said)}</span>`;

/** A status as sign and word. */
export const statusWord = (status: string): TemplateResult => word(toneOf(status), status);

function listed(findings: Finding[]): TemplateResult | typeof nothing {
  if (!findings.length) return nothing;
  return html`<h3>Findings</h3><ul class="findings">${findings.map(({ rule, severity, message, advice }) => html`<li>
    ${word(toneOfFinding(severity), severity)} <small>${words(rule)}</small><br>${clean(message)} <small>${clean(advice)}</small></li>`)}</ul>`;
}

function gauge(goal: Goal): TemplateResult {
  const { value, expected } = goal.progress;
  const done = 300 * Math.min(1, Math.max(0, value ?? 0));
  return html`<svg class="gauge" viewBox="0 0 300 14" preserveAspectRatio="none" aria-hidden="true">
    <rect class="rest" y="3" width="300" height="8" rx="4"></rect>
    ${done > 0 ? svg`<rect class=${toneOf(goal.status)} y="3" width=${done} height="8" rx=${Math.min(4, done / 2)}></rect>` : nothing}
    ${expected === null ? nothing : svg`<rect class="mark" x=${Math.max(0, 300 * expected - 2)} width="2.5" height="14"></rect>`}
  </svg>`;
}

export interface PanelActs {
  choose(id: string): void;
  can(view: "cascade" | "ladder"): boolean;
  view(view: "cascade" | "ladder", id: string): void;
  close(): void;
}

type Linked = { node: Goal; kind: string; weight: number; share: number | null };

function links(title: string, goals: Linked[], act: PanelActs): TemplateResult | typeof nothing {
  if (!goals.length) return nothing;
  return html`<h3>${title}</h3><ul>${goals.map(({ node, kind, weight, share }) => html`<li>
    <button class="link" @click=${() => act.choose(node.id)}>${clean(node.title)}</button>
    <small>${[words(kind), weight !== 1 && kind !== "ALIGNED" ? `weight ${weight}` : "", share !== null ? `carries ${percent(share)}` : "",
      percent(node.progress.value)].filter(Boolean).join(" · ")}</small></li>`)}</ul>`;
}

const asLink = (node: Goal, kind: string): Linked => ({ node, kind, weight: 1, share: null });

function contributors(found: Contributor[], act: PanelActs): TemplateResult | typeof nothing {
  if (!found.length) return nothing;
  return html`<h3>Where the progress comes from</h3><ul>${found.map((one) => html`<li>
    <button class="link" @click=${() => act.choose(one.goal.id)}>${clean(one.goal.title)}</button>
    <small>${one.counted && one.contribution !== null
      ? `${percent(one.progress)} × ${percent(one.share)} = ${percent(one.contribution)}`
      : `not counted: ${one.reason ?? "it has no progress yet"}`}</small></li>`)}</ul>`;
}

/** What the panel says of a goal. `details` come later than the goal itself, or never where nobody can be asked. */
export function goalPanel(
  goal: Goal, details: Details["goal"] | null, findings: Finding[], note: string | undefined, act: PanelActs,
): TemplateResult {
  const { value, expected, coverage, confidence } = goal.progress;
  const amount = (number: number | null | undefined) =>
    number === null || number === undefined ? "–" : `${Number(number.toPrecision(10))}${details?.unit ? ` ${clean(details.unit)}` : ""}`;
  const checkIns = details?.checkIns.edges.map((edge) => edge.node) ?? [];
  const up = details
    ? [...(details.objective ? [asLink(details.objective, "KEY_RESULT_OF")] : []), ...(details.parents ?? []), ...details.alignedTo]
    : [];
  const down = details ? [...(details.keyResults ?? []).map((one) => asLink(one, "KEY_RESULT_OF")), ...(details.children ?? [])] : [];
  return html`
    ${head(clean(goal.title), act)}
    <p>${words(goal.level ?? (goal.__typename === "Objective" ? "objective" : "key result"))} · ${goal.owner ? clean(goal.owner.name) : html`<span class="bad-text">no owner</span>`}</p>
    ${gauge(goal)}
    <dl>
      <dt>Status</dt><dd>${statusWord(goal.status)}</dd>
      <dt>Progress</dt><dd>${percent(value)}</dd>
      <dt>Expected</dt><dd>${percent(expected)}</dd>
      ${value !== null && coverage < 1 - 1e-9 ? html`<dt>Measured</dt><dd>${percent(coverage)}</dd>` : nothing}
      ${confidence !== null && confidence !== undefined ? html`<dt>Confidence</dt><dd>${percent(confidence)}</dd>` : nothing}
      ${details?.measure === "DELTA" ? html`<dt>Value</dt><dd>${amount(details.value)} (from ${amount(details.baseline)} to ${amount(details.target)})</dd>` : nothing}
      ${goal.startsOn || goal.endsOn ? html`<dt>Time</dt><dd>${goal.startsOn ?? "?"} to ${goal.endsOn ?? "?"}</dd>` : nothing}
    </dl>
    ${note ? html`<p>${clean(note)}</p>` : nothing}
    ${details?.description ? html`<p>${clean(details.description)}</p>` : nothing}
    ${details?.alignmentNote ? html`<h3>How it serves the goals above</h3><p>${clean(details.alignmentNote)}</p>` : nothing}
    ${listed(findings)}
    ${details ? contributors(details.explain.explain.contributors, act) : nothing}
    ${checkIns.length ? html`<h3>Check-ins</h3><ul>${checkIns.map((one) => html`<li>${one.at.slice(0, 10)}: ${amount(one.value)}
      ${one.confidence === null ? nothing : html`<small>confidence ${percent(one.confidence)}</small>`}
      ${one.by ? html`<small>by ${clean(one.by.name)}</small>` : nothing}
      ${one.note ? html`<br>${clean(one.note)}` : nothing}</li>`)}</ul>` : nothing}
    ${links("Up", up, act)} ${links("Down", down, act)}
    <div class="actions">
      ${(["ladder", "cascade"] as const).filter(act.can).map((view) => html`
        <button @click=${() => act.view(view, goal.id)}>Its ${view}</button>`)}
    </div>`;
}

/** What the panel says of an owner. */
export function ownerPanel(item: Item, findings: Finding[], act: PanelActs): TemplateResult {
  const owner = item.owner!;
  return html`
    ${head(nameOf(item), act)}
    <p>${owner.__typename === "Team" ? "team" : clean(owner.jobTitle ?? "person")}${owner.active ? nothing : " · left"}</p>
    <dl><dt>Progress</dt><dd>${percent(item.progress)} on average of ${item.goals.length} goals</dd></dl>
    ${listed(findings)}
    ${item.goals.length ? html`<h3>Goals</h3><ul>${item.goals.map((goal) => html`<li>
      <button class="link" @click=${() => act.choose(goal.id)}>${clean(goal.title)}</button>
      <small>${percent(goal.progress.value)}</small> ${statusWord(goal.status)}</li>`)}</ul>` : nothing}`;
}

const head = (title: string, act: PanelActs) => html`<header><h2>${title}</h2>
  <button aria-label="Close the panel" @click=${act.close}>✕</button></header>`;

export interface Snippets {
  pieces: [string, string][];
  /** The command that makes the token which the pieces name; null where none is needed. */
  command: string | null;
}

const HOLE = "EMBED_TOKEN";

/** The panel itself, beside the picture. */
export const beside = (inner: TemplateResult, name: string, act: PanelActs): TemplateResult =>
  html`<aside class="panel" part="panel" aria-label=${name} tabindex="0"
    @keydown=${(event: KeyboardEvent) => event.key === "Escape" && act.close()}>${inner}</aside>`;

/** What to copy into another page: the element, and a frame. The reader's own token is no part of it. */
export function snippets(endpoint: string, view: string, root: string | null, label: string, token: boolean): Snippets {
  const { origin, href } = new URL(endpoint, document.baseURI);
  const text = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const rooted = root === null ? "" : ` root="${text(root)}"`;
  const path = root === null ? "" : `/${root.split("/").map(encodeURIComponent).join("/")}`;
  const element = `<script type="module" src="${origin}/embed.js"></script>
<alignment-chart endpoint="${text(href)}"${rooted} view="${view}"${token ? ` token="${HOLE}"` : ""}></alignment-chart>`;
  const frame = `<iframe src="${origin}/embed/${view}${path}${token ? `#token=${HOLE}` : ""}" title="${text(label)}" width="100%" height="640" loading="lazy"></iframe>`;
  const named = root === null ? "" : ` --root '${root.replaceAll("'", "'\\''")}'`;
  const command = `graph-service token create --embed --view ${view === "table" ? "cascade" : view}${named} --name wiki`;
  return { pieces: [["As an element", element], ["As a frame", frame]], command: token ? command : null };
}

/** How to put this chart into another page. */
export function sharePanel({ pieces, command }: Snippets, act: PanelActs): TemplateResult {
  const piece = ([title, text]: [string, string]) => html`<h3>${title}</h3>
    <textarea readonly aria-label=${title} .value=${text} @focus=${(event: Event) => (event.target as HTMLTextAreaElement).select()}></textarea>
    <button @click=${() => void navigator.clipboard?.writeText(text)}>Copy</button>`;
  return html`${head("Show this chart elsewhere", act)}
    ${pieces.map(piece)}
    ${command ? html`${piece([`${HOLE}: whoever looks after the service makes it by`, command])}
      <p><small>It shows this picture and nothing else. Never put your own token there.</small></p>` : nothing}
    <p><small>The service answers other sites only if its settings name them.</small></p>`;
}
