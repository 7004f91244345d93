// <alignment-chart>: goals and their owners as a picture that can be walked through, or as a table.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type FilterName, FILTERS, type Filters, filterBar, filtered, fits, left } from "./filters.js";
import { Forest } from "./forest.js";
import { Keys } from "./keys.js";
import { Layers } from "./layers.js";
import { Live } from "./live.js";
import { type Goal, goalsOf, type Graphic, type Model, nameOf } from "./model.js";
import { goalPanel, ownerPanel, type PanelActs, sharePanel, snippets } from "./panel.js";
import { type Picture, Scene, type SceneData } from "./scene.js";
import { Search } from "./search.js";
import { type Details, type Moved, Refused, Service } from "./service.js";
import { Source } from "./source.js";
import { styles } from "./styles.js";
import { type Column, rowsOf, sorted, type Sorting, tableView } from "./table.js";
import { useFont } from "./text.js";

export type View = Graphic | "table";

const VIEWS: [View, string][] = [
  ["cascade", "Cascade"], ["ladder", "Ladder"], ["org", "Organization"], ["table", "Table"],
];
const LEGIBLE = 0.6;
const LEGIBLE_LADDER = 0.66;
const ROWS = 200;
const MORE_ROWS = 500;

export class AlignmentChart extends LitElement {
  static override styles = styles;
  static override properties = {
    endpoint: { type: String },
    root: { type: String, reflect: true },
    view: { type: String, reflect: true },
    period: { type: String },
    theme: { type: String, reflect: true },
    expandDepth: { type: Number, attribute: "expand-depth" },
    token: { type: String },
    filters: { state: true },
    orphansOnly: { state: true },
    sorting: { state: true },
    rows: { state: true },
  };

  declare endpoint: string | null;
  declare root: string | null;
  declare view: View;
  declare period: string | null;
  declare theme: string | null;
  declare expandDepth: number | null;
  declare token: string | null;
  declare filters: Filters;
  declare orphansOnly: boolean;
  declare sorting: Sorting;
  declare rows: number;

  private graphic: Graphic = "cascade";
  private readonly rootOf: { goal: string | null; owner: string | null } = { goal: null, owner: null };
  private readonly source = new Source();
  private readonly layers = new Layers();
  private readonly live = new Live();
  private readonly search = new Search(this);
  private readonly keys = new Keys(this.walked());
  private forest: Forest | null = null;
  private scene: Scene | null = null;
  private picture: Picture | null = null;
  private order: string[] = [];
  private selected: string | null = null;
  private panel: "details" | "share" | null = null;
  private details: Details["goal"] | null = null;
  private failure: string | null = null;
  private unreadable: string | null = null;
  private filtering = false;
  private following = false;
  private busy = false;
  private loading = 0;
  private laying = 0;
  private sizes: ResizeObserver | null = null;
  private wanted: URLSearchParams | null = null;
  private findings: Promise<boolean> | null = null;

  constructor() {
    super();
    this.endpoint = this.root = this.period = this.theme = this.token = null;
    this.expandDepth = null;
    this.view = "cascade";
    this.filters = {};
    this.orphansOnly = false;
    this.sorting = { by: null, down: false };
    this.rows = ROWS;
  }

  get model(): Model | null {
    return this.forest?.model ?? null;
  }

  get service(): Service | null {
    return this.source.service;
  }

  // ---------- life ----------

  override connectedCallback(): void {
    super.connectedCallback();
    const data = this.querySelector<HTMLScriptElement>('script[type="application/json"]')?.textContent;
    if (data?.trim() && !this.hasUpdated) {
      try {
        this.source.read(data);
      } catch (wrong) {
        this.unreadable = `The data of the chart cannot be read: ${(wrong as Error).message}.`;
      }
    }
    if (this.hasUpdated) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
    this.layers.stop();
    this.sizes?.disconnect();
    this.scene = null;
  }

  protected override willUpdate(changed: PropertyValues<AlignmentChart>): void {
    if (!VIEWS.some(([view]) => view === this.view)) this.view = "cascade";
    if (this.view !== "table") this.graphic = this.view;
    else if (!this.hasUpdated) this.graphic = this.source.first();
    // a chart of owners begins with an owner, all others with a goal: each keeps its root while another view is shown
    const kind = this.graphic === "org" ? "owner" : "goal";
    if (changed.has("root") || !this.hasUpdated) this.rootOf[kind] = this.root;
    else if (changed.has("view")) this.root = this.rootOf[kind];
    if (changed.has("endpoint") || changed.has("token")) {
      this.source.service = this.endpoint ? new Service(this.endpoint, this.token) : null;
      this.findings = null;
    }
    if (changed.has("period") && this.period) this.filters = { ...this.filters, period: this.period };
  }

  protected override updated(changed: PropertyValues<AlignmentChart>): void {
    const svg = this.renderRoot.querySelector<SVGSVGElement>("svg.picture");
    if (svg && this.scene?.svg !== svg) this.begin(svg);
    const asked = (["endpoint", "token", "root", "expandDepth", "orphansOnly"] as const).some((name) => changed.has(name));
    const shown = this.model?.kind;
    if (asked || (changed.has("view") && shown !== this.graphic && !(shown === "cascade" && this.root === null)))
      void this.load();
    else if (changed.has("view")) this.tell("state");
  }

  private begin(svg: SVGSVGElement): void {
    useFont(getComputedStyle(this).fontFamily);
    svg.replaceChildren();
    this.scene = new Scene(svg, {
      choose: (id) => this.choose(id),
      toggle: (id) => void this.toggle(id),
      jump: (id) => this.jump(id),
    });
    this.sizes = new ResizeObserver(([entry]) => {
      const scene = this.scene!;
      const [first] = scene.size;
      scene.resize(entry!.contentRect.width, entry!.contentRect.height);
      if (!first && this.model) void this.arrange(true);
      else if (scene.fitted) this.fit();
    });
    this.sizes.observe(svg.parentElement!);
    const { width, height } = svg.parentElement!.getBoundingClientRect();
    this.scene.resize(width, height);
    if (this.model) void this.arrange(true);
  }

  // ---------- data ----------

  /** Shows the view anew. `quiet` keeps what is open, selected and in view, and says nothing of what goes wrong. */
  async load(quiet = false): Promise<void> {
    const number = ++this.loading;
    const begun = performance.now();
    const { graphic, root, expandDepth: depth, orphansOnly: orphans } = this;
    if (!quiet) {
      this.failure = null;
      this.busy = true;
      this.requestUpdate();
    }
    try {
      const model = await this.source.model({ graphic, root, depth, orphans }, quiet);
      if (number !== this.loading) return;
      this.busy = false;
      if (!model) {
        this.without();
        return;
      }
      const open = this.forest?.open;
      this.forest = new Forest(model, this.service !== null);
      if (quiet && open) await this.reopen(open);
      else this.forget();
      this.forest.left = left(model, this.filters);
      await this.updateComplete;
      await this.arrange(!quiet);
      if (number !== this.loading) return;
      if (quiet) {
        if (this.selected !== null) void this.look(this.selected);
        return;
      }
      if (graphic === "org") void this.source.learnLevels().then(() => this.repaint(), () => undefined);
      this.takeState();
      this.tell("ready", { count: model.items.size, milliseconds: performance.now() - begun });
      this.tell("state");
      this.watch();
    } catch (wrong) {
      if (number !== this.loading) return;
      this.busy = false;
      const message = wrong instanceof Refused ? wrong.message : `The chart cannot be drawn: ${(wrong as Error).message}`;
      if (!quiet) this.fail(message);
    }
  }

  /** Nobody can be asked: another view may be within the element. */
  private without(): void {
    const other = this.source.first();
    if (this.source.has(other) && other !== this.graphic) this.view = other;
    else this.fail(this.unreadable ?? "There is nothing to draw: give the element an endpoint, or data as JSON.");
  }

  private forget(): void {
    this.selected = null;
    this.details = null;
    if (this.panel === "details") this.panel = null;
    if (this.scene) this.scene.current = null;
  }

  /** Opens again what was open before, and fetches what is missing for it. */
  private async reopen(open: Set<string>): Promise<void> {
    const { model } = this.forest!;
    for (const id of [...open]) {
      const item = model.items.get(id);
      if (!item) open.delete(id);
      else if (!item.children.length && item.hidden) await this.source.below(model, item);
    }
    this.forest!.open = open;
    if (this.selected !== null && !this.goal(this.selected) && !model.items.has(this.selected)) this.forget();
  }

  private fail(message: string): void {
    this.failure = message;
    this.tell("error", { message });
    this.requestUpdate();
  }

  /** Events: `ready`, `select`, `toggle`, `error`, and `state` when the address of what is shown has changed. */
  private tell(name: string, detail: Record<string, unknown> = {}): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // ---------- state as text, for addresses ----------

  /** What is selected and filtered, as the query of an address; it may be set before or after the data is there. */
  get state(): string {
    const said = new URLSearchParams();
    for (const name of FILTERS) if (this.filters[name]) said.set(name, this.filters[name]!);
    if (this.orphansOnly) said.set("orphans", "1");
    if (this.selected !== null) said.set("select", this.selected);
    return said.toString();
  }

  set state(text: string) {
    this.wanted = new URLSearchParams(text);
    if (this.model) this.takeState();
  }

  private takeState(): void {
    const wanted = this.wanted;
    if (!wanted) return;
    const orphans = wanted.get("orphans") === "1" && this.service !== null;
    const given = FILTERS.flatMap((name) => (wanted.get(name) ? [[name, wanted.get(name)!]] : []));
    if (given.length) this.filters = Object.fromEntries(given);
    this.filtering ||= given.length > 0 || orphans;
    if (orphans !== this.orphansOnly) {
      this.orphansOnly = orphans; // loads anew, and comes back here
      return;
    }
    this.wanted = null;
    if (given.length) this.refilter();
    const id = wanted.get("select");
    if (id !== null) void this.find(id);
  }

  private refilter(): void {
    if (!this.forest) return;
    this.forest.left = left(this.forest.model, this.filters);
    if (this.forest.left) this.forest.openKept();
    void this.arrange(true, this.forest.left !== null);
    this.tell("state");
  }

  // ---------- places ----------

  /** Lays the picture out and draws it; `fit` puts all of it in view, opening as many levels as can be read. */
  private async arrange(fit: boolean, keepOpen = false): Promise<void> {
    const { forest, scene } = this;
    if (!forest || !scene) return;
    const number = ++this.laying;
    if (fit && !keepOpen && forest.model.kind !== "ladder")
      forest.openLevels(this.expandDepth, (width, height) => scene.scaleFor(width, height) >= LEGIBLE);
    const picture = forest.model.kind === "ladder" ? await forest.ladder(this.layers) : forest.tree();
    if (number !== this.laying || this.forest !== forest) return;
    this.show(picture);
    if (fit) this.fit();
  }

  private show(picture: Picture): void {
    const { forest, scene } = this;
    if (!forest || !scene) return;
    this.picture = picture;
    this.order = forest.order(picture);
    if (scene.current === null || !picture.places.has(scene.current)) scene.current = this.order[0] ?? null;
    scene.selected = this.selected;
    scene.show(picture, this.sceneData(forest));
    this.requestUpdate();
  }

  private sceneData(forest: Forest): SceneData {
    return {
      items: forest.model.items, open: forest.under, expandable: forest.expandable, dim: forest.left?.dim ?? null,
      levels: this.source.levels, way: forest.way(),
    };
  }

  private repaint(): void {
    if (this.picture) this.show(this.picture);
  }

  private fit(): void {
    this.scene?.fit(this.model?.kind === "ladder" ? LEGIBLE_LADDER : LEGIBLE);
  }

  // ---------- acts ----------

  /** Opens or closes what is under a goal or an owner; what is not known yet is fetched. */
  async toggle(id: string): Promise<void> {
    const { forest, scene } = this;
    const item = forest?.model.items.get(id);
    if (!forest || !scene || !item || !forest.expandable(item)) return;
    const opening = !forest.open.has(id) || !item.children.length;
    if (opening && !item.children.length) {
      try {
        await this.source.below(forest.model, item);
      } catch (wrong) {
        this.tell("error", { message: (wrong as Error).message });
        return;
      }
      forest.left = left(forest.model, this.filters);
    }
    if (opening) forest.open.add(id);
    else forest.open.delete(id);
    scene.current = id;
    scene.hold(id, () => this.show(forest.tree()));
    this.tell("toggle", { id, open: opening });
  }

  /** Selects a goal or an owner, and tells of it in the panel. */
  choose(id: string): void {
    this.selected = id;
    this.panel = "details";
    this.details = null;
    this.scene?.mark(this.model?.items.has(id) ? id : this.scene.current, id);
    this.tell("select", { id });
    this.tell("state");
    this.requestUpdate();
    void this.look(id);
    void this.updateComplete.then(() => requestAnimationFrame(() => this.scene?.reveal(id)));
  }

  private async look(id: string): Promise<void> {
    if (!this.service || this.model?.items.get(id)?.owner) return;
    try {
      this.findings ??= this.service.knows("Finding", "rule", "severity", "message");
      const details = await this.service.details(id, await this.findings);
      if (this.selected !== id) return;
      this.details = details;
      this.requestUpdate();
    } catch (wrong) {
      this.tell("error", { message: (wrong as Error).message });
    }
  }

  /** Shows a goal or an owner: where it is in the picture, else by opening the way to it. */
  async find(id: string): Promise<void> {
    const { forest } = this;
    if (!forest) return;
    const { model } = forest;
    let card = id;
    if (!model.items.has(id)) {
      const holder = [...model.items.values()].find((item) => [...item.goals, ...item.keyResults].some((one) => one.id === id));
      if (holder) {
        card = holder.id;
      } else if (model.kind === "cascade" && this.service) {
        const found = await this.source.wayTo(model, id);
        if (typeof found === "string") {
          this.wanted = new URLSearchParams({ select: id });
          this.orphansOnly = false;
          this.root = found;
        }
        if (found !== true) return;
      } else {
        this.choose(id);
        return;
      }
    }
    if (forest.left && (!forest.left.kept.has(card) || forest.left.dim.has(card))) {
      this.filters = {}; // what was looked for is shown, whatever is filtered
      forest.left = null;
    }
    if (forest.openTo(card) || !this.picture?.places.has(card)) this.show(model.kind === "ladder" ? this.picture! : forest.tree());
    this.jump(card);
    this.choose(id);
  }

  /** Finds what was searched for, and puts the keyboard there. */
  taken(id: string): void {
    if (this.view === "table") this.view = this.graphic;
    void this.updateComplete.then(() => this.find(id)).then(() => this.lead(this.scene?.current));
  }

  private jump(id: string): void {
    this.scene?.mark(id, this.selected);
    this.scene?.reveal(id);
  }

  private lead(id: string | null | undefined): void {
    if (id === undefined || id === null || !this.scene || !this.picture?.places.has(id)) return;
    this.jump(id);
    this.scene.element(id)?.focus({ preventScroll: true });
  }

  private walked(): Keys["walked"] {
    const chart = this;
    return {
      get current() { return chart.picture ? (chart.scene?.current ?? null) : null; },
      get order() { return chart.order; },
      get layered() { return chart.model?.kind === "ladder"; },
      item: (id) => chart.model!.items.get(id)!,
      isOpen: (id) => chart.forest!.under(id).length > 0,
      canOpen: (id) => chart.forest!.expandable(chart.model!.items.get(id)!),
      lead: (id) => chart.lead(id),
      toggle: (id) => chart.toggle(id),
      choose: (id) => chart.choose(id),
      close: () => chart.closePanel(),
      scale: (by) => chart.scene?.scale(by),
      fit: () => chart.fit(),
    };
  }

  private closePanel(): boolean {
    if (!this.panel) return false;
    const within = this.renderRoot.querySelector(".panel")?.contains((this.renderRoot as ShadowRoot).activeElement);
    this.panel = null;
    this.selected = null;
    this.details = null;
    this.scene?.mark(this.scene.current, null);
    this.tell("state");
    this.requestUpdate();
    if (within) void this.updateComplete.then(() => this.lead(this.scene?.current));
    return true;
  }

  private go(view: "cascade" | "ladder", id: string): void {
    this.rootOf.goal = id;
    if (this.graphic !== "org") this.root = id;
    this.view = view;
    this.orphansOnly = false;
  }

  // ---------- live ----------

  private watch(): void {
    if (!this.service) return;
    this.live.start(this.service, {
      moved: (moved) => this.moved(moved),
      stale: () => void this.load(true),
      following: (on) => {
        this.following = on;
        this.requestUpdate();
      },
    });
  }

  /** What moved is drawn anew, as far as it is shown. */
  private moved(changed: Moved[]): void {
    const after = new Map(changed.map((one) => [one.goal.id, one.after]));
    const take = (goal: Goal): boolean => {
      const now = after.get(goal.id);
      if (!now) return false;
      Object.assign(goal.progress, { value: now.value, coverage: now.coverage, confidence: now.confidence });
      goal.status = now.status;
      return true;
    };
    let touched = false;
    for (const item of this.model?.items.values() ?? []) {
      const moved = [...(item.goal ? [item.goal] : []), ...item.goals, ...item.keyResults].filter(take);
      if (!moved.length) continue;
      touched = true;
      if (!item.owner) continue;
      const values = item.goals.map((goal) => goal.progress.value).filter((value) => value !== null);
      item.progress = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
    }
    if (!touched) return;
    this.scene?.draw(true);
    if (this.selected !== null && after.has(this.selected)) void this.look(this.selected);
    this.requestUpdate();
  }

  // ---------- what is seen ----------

  private goal(id: string): Goal | null {
    if (!this.model) return null;
    return this.model.items.get(id)?.goal ?? goalsOf(this.model).find((goal) => goal.id === id) ?? null;
  }

  protected override render(): TemplateResult {
    const table = this.view === "table";
    const many = FILTERS.filter((name) => this.filters[name]).length + (this.orphansOnly ? 1 : 0);
    const turn = (change: () => void) => () => {
      change();
      this.requestUpdate();
    };
    return html`
      <div class="toolbar" part="toolbar">
        ${this.viewButtons()} ${this.search.render()}
        <button aria-expanded=${this.filtering ? "true" : "false"}
          @click=${turn(() => (this.filtering = !this.filtering))}>Filter${many ? ` (${many})` : nothing}</button>
        ${table ? nothing : html`<div class="zoom" role="group" aria-label="Zoom">
          <button aria-label="Zoom out" @click=${() => this.scene?.scale(1 / 1.4)}>−</button>
          <button aria-label="Zoom in" @click=${() => this.scene?.scale(1.4)}>+</button>
          <button @click=${() => this.scene?.fit()}>Fit</button></div>`}
        ${this.service ? html`<button aria-pressed=${this.panel === "share" ? "true" : "false"}
          @click=${turn(() => (this.panel = this.panel === "share" ? null : "share"))}>Share</button>` : nothing}
      </div>
      ${this.filtering ? filterBar(this.model, this.filters, this.service && this.graphic === "cascade" ? this.orphansOnly : null, {
        set: (name: FilterName, value: string) => {
          this.filters = { ...this.filters, [name]: value };
          this.refilter();
        },
        orphans: (only) => (this.orphansOnly = only),
        clear: () => {
          this.filters = {};
          this.orphansOnly = false;
          this.refilter();
        },
      }) : nothing}
      <div class="body">
        <div class="stage" part="canvas" @keydown=${(event: KeyboardEvent) => table || this.keys.pressed(event)}>
          <svg class="picture" role="tree" aria-label=${this.label()} aria-hidden=${table ? "true" : nothing} ?inert=${table}></svg>
          ${table ? this.table() : nothing} ${this.message()}
        </div>
        ${this.panel ? this.side() : nothing}
      </div>
      <div class="status" part="status" role="status">${this.statusLine()}</div>
      <div class="plain"><slot></slot></div>`;
  }

  private viewButtons(): TemplateResult {
    const can = (view: View) => view === "table" || this.service || this.source.has(view) || this.graphic === view;
    return html`<div class="views" role="group" aria-label="View">${VIEWS.filter(([view]) => can(view)).map(([view, name]) =>
      html`<button aria-pressed=${this.view === view ? "true" : "false"} @click=${() => (this.view = view)}>${name}</button>`)}</div>`;
  }

  private label(): string {
    const kind = this.model?.kind ?? this.graphic;
    const root = this.model?.items.get(this.root ?? "");
    if (kind === "org") return "Organization chart";
    const name = kind === "ladder" ? "Ladder" : this.orphansOnly ? "Orphans" : "Cascade";
    return root ? `${name} of ${nameOf(root)}` : name;
  }

  private message(): TemplateResult | typeof nothing {
    if (this.failure !== null)
      return html`<div class="message" role="alert"><p class="bad-text">${this.failure}</p>
        ${this.service ? html`<p><button @click=${() => void this.load()}>Try again</button></p>` : nothing}</div>`;
    if (!this.model) return html`<div class="message"><p>${this.busy ? "Loading …" : ""}</p></div>`;
    if (this.model.items.size) return nothing;
    const none = this.orphansOnly ? "There are no orphans."
      : this.model.kind === "org" ? "Nobody reports to anybody, and there are no teams." : "There are no goals yet.";
    return html`<div class="message"><p>${none}</p></div>`;
  }

  private table(): TemplateResult | typeof nothing {
    if (!this.model) return nothing;
    const all = rowsOf(this.model.items.values());
    const rows = sorted(filtered(this.filters) ? all.filter(({ goal }) => goal !== null && fits(goal, this.filters)) : all, this.sorting);
    const caption = `${this.label()}: ${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
    return tableView(rows, this.rows, this.sorting, this.selected, caption, {
      sort: (by: Column) => {
        const numbers = by === "progress" || by === "expected";
        this.sorting = { by, down: this.sorting.by === by ? !this.sorting.down : numbers };
      },
      choose: (id) => this.choose(id),
      more: () => (this.rows += MORE_ROWS),
    });
  }

  private side(): TemplateResult | typeof nothing {
    const act: PanelActs = {
      choose: (id) => void this.find(id),
      view: (view, id) => this.go(view, id),
      close: () => void this.closePanel(),
    };
    const frame = (inner: TemplateResult, name: string) => html`<aside class="panel" part="panel" aria-label=${name} tabindex="0"
      @keydown=${(event: KeyboardEvent) => event.key === "Escape" && this.closePanel()}>${inner}</aside>`;
    if (this.panel === "share") return frame(sharePanel(snippets(this.endpoint!, this.view, this.root, this.label()), act), "Share");
    if (this.selected === null) return nothing;
    const item = this.model?.items.get(this.selected);
    if (item?.owner) return frame(ownerPanel(item, act), "Details");
    const goal = this.goal(this.selected) ?? this.details;
    return goal ? frame(goalPanel(goal, this.details, item?.note, act), "Details") : nothing;
  }

  private statusLine(): TemplateResult {
    const { model } = this;
    if (!model) return html`<span>${this.busy ? "Loading …" : ""}</span>`;
    const many = model.items.size;
    const noun = `${model.kind === "org" ? "owner" : "goal"}${many === 1 ? "" : "s"}`;
    const levels = model.kind === "org" ? this.source.levels.slice(0, 5) : [];
    return html`<span>${many} ${noun}${model.hidden > 0 ? ` · ${model.hidden} more below` : nothing}${model.truncated ? " · cut at the limit" : nothing}</span>
      <span>the mark on a bar: where it should be by now</span>
      ${levels.length ? html`<span class="keys">${levels.map((level, at) => html`<span class="key"><svg viewBox="0 0 8 8" aria-hidden="true"><circle class="ink level-${at}" cx="4" cy="4" r="4"></circle></svg>${level}</span>`)}</span>` : nothing}
      ${this.following ? html`<span class="live">live</span>` : nothing}${this.busy ? html`<span>loading …</span>` : nothing}`;
  }
}

if (!customElements.get("alignment-chart")) customElements.define("alignment-chart", AlignmentChart);

declare global {
  interface HTMLElementTagNameMap {
    "alignment-chart": AlignmentChart;
  }
}
