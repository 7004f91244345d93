// <alignment-chart>: goals and their owners as a picture that can be walked through, or as a table.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Badges } from "./badges.js";
import { label, message, statusLine, toolbar, type View, VIEWS } from "./bars.js";
import { type FilterName, FILTERS, type Filters, filterBar, filtered, filtersOf, fits, left, stateOf } from "./filters.js";
import { Forest } from "./forest.js";
import { Live } from "./live.js";
import { type Finding, type Goal, goalsOf, type Graphic, type Model, type Moved, take } from "./model.js";
import { beside, goalPanel, ownerPanel, type PanelActs, sharePanel, snippets } from "./panel.js";
import { Search } from "./search.js";
import { type Details, Refused, Service } from "./service.js";
import { Source } from "./source.js";
import { Stage } from "./stage.js";
import { styles } from "./styles.js";
import { type Column, rowsOf, sorted, type Sorting, tableView } from "./table.js";

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
  private readonly stage = new Stage(this);
  private readonly badges = new Badges(() => this.stage.repaint());
  private readonly live = new Live();
  private readonly search = new Search(this);
  selected: string | null = null;
  private panel: "details" | "share" | null = null;
  private details: Details["goal"] | null = null;
  private findings: Finding[] = [];
  private failure: string | null = null;
  private unreadable: string | null = null;
  private filtering = false;
  private following = false;
  private busy = false;
  private loading = 0;
  private wanted: URLSearchParams | null = null;

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
    return this.stage.model;
  }

  get levels(): string[] {
    return this.source.levels;
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
    this.stage.stop();
  }

  protected override willUpdate(changed: PropertyValues<AlignmentChart>): void {
    if (!VIEWS.some(([view]) => view === this.view)) this.view = "cascade";
    if (this.view !== "table") this.graphic = this.view;
    else if (!this.hasUpdated) this.graphic = this.source.first();
    // a chart of owners begins with an owner, all others with a goal: each keeps its root while another view is shown
    const kind = this.graphic === "org" ? "owner" : "goal";
    if (changed.has("root") || !this.hasUpdated) this.rootOf[kind] = this.root;
    else if (changed.has("view")) this.root = this.rootOf[kind];
    if (changed.has("endpoint") || changed.has("token"))
      this.source.service = this.endpoint ? new Service(this.endpoint, this.token) : null;
    if (changed.has("period") && this.period) this.filters = { ...this.filters, period: this.period };
  }

  protected override updated(changed: PropertyValues<AlignmentChart>): void {
    const svg = this.renderRoot.querySelector<SVGSVGElement>("svg.picture");
    if (svg) this.stage.into(svg);
    const asked = (["endpoint", "token", "root", "expandDepth", "orphansOnly"] as const).some((name) => changed.has(name));
    const shown = this.model?.kind;
    if (asked || (changed.has("view") && shown !== this.graphic && !(shown === "cascade" && this.root === null)))
      void this.load();
    else if (changed.has("view")) this.tell("state");
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
      const open = this.stage.forest?.open;
      const forest = (this.stage.forest = new Forest(model, this.service !== null));
      if (quiet && open) await this.reopen(open);
      else this.forget();
      forest.left = left(model, this.filters, this.source.periods);
      this.notice(quiet);
      await this.updateComplete;
      await this.stage.arrange(!quiet);
      if (number !== this.loading) return;
      if (quiet) {
        if (this.selected !== null) void this.look(this.selected);
        return;
      }
      if (graphic === "org") void this.source.learnLevels().then(() => this.stage.repaint(), () => undefined);
      this.takeState();
      this.learnPeriods();
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
    this.clear();
    if (this.panel === "details") this.panel = null;
    this.stage.forget();
  }

  /** Learns how many findings there are about what is shown. */
  private notice(anew = false): void {
    if (this.service && this.model) void this.badges.learn(this.service, this.model, anew);
  }

  private clear(): void {
    this.details = null;
    this.findings = [];
  }

  /** Opens again what was open before, and fetches what is missing for it. */
  private async reopen(open: Set<string>): Promise<void> {
    const forest = this.stage.forest!;
    const { model } = forest;
    for (const id of [...open]) {
      const item = model.items.get(id);
      if (!item) open.delete(id);
      else if (!item.children.length && item.hidden) await this.source.below(model, item);
    }
    forest.open = open;
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
    return stateOf(this.filters, this.orphansOnly, this.selected);
  }

  set state(text: string) {
    this.wanted = new URLSearchParams(text);
    if (this.model) this.takeState();
  }

  private takeState(): void {
    const wanted = this.wanted;
    if (!wanted) return;
    const orphans = wanted.get("orphans") === "1" && this.service !== null;
    const given = filtersOf(wanted);
    if (given) this.filters = given;
    this.filtering ||= given !== null || orphans;
    if (orphans !== this.orphansOnly) {
      this.orphansOnly = orphans; // loads anew, and comes back here
      return;
    }
    this.wanted = null;
    if (given) this.refilter();
    const id = wanted.get("select");
    if (id !== null) void this.find(id);
  }

  private refilter(stay = false): void {
    const { forest } = this.stage;
    if (!forest) return;
    this.learnPeriods();
    forest.left = left(forest.model, this.filters, this.source.periods);
    if (forest.left) forest.openKept();
    void this.stage.arrange(true, forest.left !== null);
    if (stay && this.selected !== null) this.stage.reveal(this.selected);
    this.tell("state");
  }

  /** A period is for what lies within it as well: which periods do is asked once, when one is filtered by. */
  private learnPeriods(): void {
    if (this.filters.period) void this.source.learnPeriods().then((more) => more && this.refilter(true), () => undefined);
  }

  // ---------- acts ----------

  /** Opens or closes what is under a goal or an owner; what is not known yet is fetched. */
  async toggle(id: string): Promise<void> {
    const { forest } = this.stage;
    const item = forest?.model.items.get(id);
    if (!forest || !item || !forest.expandable(item)) return;
    const opening = !forest.open.has(id) || !item.children.length;
    if (opening && !item.children.length) {
      try {
        await this.source.below(forest.model, item);
      } catch (wrong) {
        this.tell("error", { message: (wrong as Error).message });
        return;
      }
      forest.left = left(forest.model, this.filters, this.source.periods);
      this.notice();
    }
    this.stage.turn(item, opening);
    this.tell("toggle", { id, open: opening });
  }

  /** Selects a goal or an owner, and tells of it in the panel. */
  choose(id: string): void {
    this.selected = id;
    this.panel = "details";
    this.clear();
    this.stage.mark(this.model?.items.has(id) ? id : this.stage.current, id);
    this.tell("select", { id });
    this.tell("state");
    this.requestUpdate();
    void this.look(id);
    void this.updateComplete.then(() => this.stage.reveal(id));
  }

  private async look(id: string): Promise<void> {
    const { service } = this;
    if (!service) return;
    try {
      const owner = this.model?.items.get(id)?.owner;
      const details = owner ? null : await service.details(id);
      const findings = owner ? await service.findingsOf(id) : (details?.findings ?? []);
      if (this.selected !== id) return;
      this.details = details;
      this.findings = findings;
      this.requestUpdate();
    } catch (wrong) {
      this.tell("error", { message: (wrong as Error).message });
    }
  }

  /** Shows a goal or an owner: where it is in the picture, else by opening the way to it. */
  async find(id: string): Promise<void> {
    const { forest } = this.stage;
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
        this.notice();
      } else {
        this.choose(id);
        return;
      }
    }
    if (forest.left && (!forest.left.kept.has(card) || forest.left.dim.has(card))) {
      this.filters = {}; // what was looked for is shown, whatever is filtered
      forest.left = null;
    }
    this.stage.openTo(card);
    this.choose(id);
  }

  /** Finds what was searched for, and puts the keyboard there. */
  taken(id: string): void {
    if (this.view === "table") this.view = this.graphic;
    void this.updateComplete.then(() => this.find(id)).then(() => this.stage.lead(this.stage.current));
  }

  closePanel(): boolean {
    if (!this.panel) return false;
    const within = this.renderRoot.querySelector(".panel")?.contains((this.renderRoot as ShadowRoot).activeElement);
    this.panel = null;
    this.selected = null;
    this.stage.mark(this.stage.current, null);
    this.tell("state");
    this.requestUpdate();
    if (within) void this.updateComplete.then(() => this.stage.lead(this.stage.current));
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
    const { model } = this;
    if (!model || !take(model, changed)) return;
    this.stage.redraw();
    const ids = changed.map((one) => one.goal.id);
    if (this.service) this.badges.soon(this.service, model, ids.filter((id) => model.items.has(id)));
    if (this.selected !== null && ids.includes(this.selected)) void this.look(this.selected);
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
    const turn = (change: () => void) => () => (change(), this.requestUpdate());
    return html`
      ${toolbar({
        view: this.view, can: (view) => this.can(view), search: this.search.render(), filtering: this.filtering,
        filters: many, sharing: this.service && this.panel === "share",
      }, {
        show: (view) => (this.view = view),
        filter: turn(() => (this.filtering = !this.filtering)),
        scale: (by) => this.stage.scale(by),
        fit: () => this.stage.fitAll(),
        share: turn(() => (this.panel = this.panel === "share" ? null : "share")),
      })}
      ${this.filtering ? filterBar(this.model, this.filters, this.service && !this.service.embed && this.graphic === "cascade" ? this.orphansOnly : null, {
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
        <div class="stage" part="canvas" @keydown=${(event: KeyboardEvent) => table || this.stage.keys.pressed(event)}>
          <svg class="picture" role="tree" aria-label=${this.label()} aria-hidden=${table ? "true" : nothing} ?inert=${table}></svg>
          ${table ? this.table() : nothing}
          ${message(this.failure, this.model, this.busy, this.orphansOnly, this.service ? () => void this.load() : null)}
        </div>
        ${this.panel ? this.side() : nothing}
      </div>
      <div class="status" part="status" role="status">${statusLine(this.model, this.stage.forest?.left?.many ?? null, this.levels, this.following, this.busy)}</div>
      <div class="plain"><slot></slot></div>`;
  }

  /** Whether a view can be shown: an embed token shows one alone, and that as a table. */
  private can(view: View): boolean {
    if (view === "table" || view === this.graphic || this.source.has(view)) return true;
    return this.service !== null && !this.service.embed;
  }

  private label(): string {
    return label(this.model?.kind ?? this.graphic, this.model?.items.get(this.root ?? ""), this.orphansOnly);
  }

  private table(): TemplateResult | typeof nothing {
    if (!this.model) return nothing;
    const all = rowsOf(this.model.items.values());
    const rows = sorted(filtered(this.filters) ? all.filter(({ goal }) => goal !== null && fits(goal, this.filters, this.source.periods)) : all, this.sorting);
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
      can: (view) => this.can(view),
      view: (view, id) => this.go(view, id),
      close: () => void this.closePanel(),
    };
    const frame = (inner: TemplateResult, name: string) => beside(inner, name, act);
    if (this.panel === "share") return frame(sharePanel(snippets(this.endpoint!, this.view, this.root, this.label(), this.token !== null), act), "Share");
    if (this.selected === null) return nothing;
    const item = this.model?.items.get(this.selected);
    if (item?.owner) return frame(ownerPanel(item, this.findings, act), "Details");
    const goal = this.goal(this.selected) ?? this.details;
    return goal ? frame(goalPanel(goal, this.details, this.findings, item?.note, act), "Details") : nothing;
  }
}

if (!customElements.get("alignment-chart")) customElements.define("alignment-chart", AlignmentChart);

declare global {
  interface HTMLElementTagNameMap {
    "alignment-chart": AlignmentChart;
  }
}
