// <alignment-chart>: goals and their owners as a picture that can be walked through, or as a table.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { heightOf, OWNER_HEIGHT, HEIGHT, WIDTH } from "./cards.js";
import { Layers } from "./layers.js";
import { Live } from "./live.js";
import {
  addBelow, cascadeModel, clean, documents, type Goal, type Item, type Model, modelOf, nameOf, orphansModel, words,
} from "./model.js";
import { goalPanel, ownerPanel, sharePanel } from "./panel.js";
import { type Picture, Scene, type SceneData, treePicture } from "./scene.js";
import { type Details, type Moved, Refused, Service } from "./service.js";
import { styles } from "./styles.js";
import { type Column, rowsOf, sorted, type Sorting, tableView } from "./table.js";
import { useFont } from "./text.js";
import { tidy } from "./tidy.js";

export type View = "cascade" | "ladder" | "org" | "table";
type Graphic = Exclude<View, "table">;

const VIEWS: [View, string][] = [["cascade", "Cascade"], ["ladder", "Ladder"], ["org", "Organization"], ["table", "Table"]];
const FILTERS = ["status", "level", "owner", "period"] as const;
type FilterName = (typeof FILTERS)[number];
const LEGIBLE = 0.6;
const MOST_OPEN = 700;
const DEPTH = 3;
const ROWS = 200;

interface Hit {
  id: string;
  title: string;
}

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
    model: { state: true },
    failure: { state: true },
    details: { state: true },
    panel: { state: true },
    hits: { state: true },
    hitAt: { state: true },
    filters: { state: true },
    filtering: { state: true },
    orphansOnly: { state: true },
    sorting: { state: true },
    rows: { state: true },
    following: { state: true },
    busy: { state: true },
  };

  declare endpoint: string | null;
  declare root: string | null;
  declare view: View;
  declare period: string | null;
  declare theme: string | null;
  declare expandDepth: number | null;
  declare token: string | null;
  declare model: Model | null;
  declare failure: string | null;
  declare details: Details["goal"] | null;
  declare panel: "goal" | "share" | null;
  declare hits: Hit[] | null;
  declare hitAt: number;
  declare filters: Partial<Record<FilterName, string>>;
  declare filtering: boolean;
  declare orphansOnly: boolean;
  declare sorting: Sorting;
  declare rows: number;
  declare following: boolean;
  declare busy: boolean;

  private graphic: Graphic = "cascade";
  private inline: Partial<Record<Graphic, unknown>> = {};
  private service: Service | null = null;
  private scene: Scene | null = null;
  private readonly layers = new Layers();
  private readonly live = new Live();
  private open = new Set<string>();
  private kept: Set<string> | null = null;
  private dim: Set<string> | null = null;
  private order: string[] = [];
  private levels: string[] = [];
  private selected: string | null = null;
  private loading = 0;
  private laying = 0;
  private typed = "";
  private typedAt = 0;
  private searching: AbortController | null = null;
  private sizes: ResizeObserver | null = null;
  private wanted: URLSearchParams | null = null;
  private findings: Promise<boolean> | null = null;

  constructor() {
    super();
    this.endpoint = this.root = this.period = this.theme = this.token = null;
    this.expandDepth = null;
    this.view = "cascade";
    this.model = this.failure = this.details = this.panel = this.hits = null;
    this.hitAt = -1;
    this.filters = {};
    this.filtering = this.orphansOnly = this.following = this.busy = false;
    this.sorting = { by: null, down: false };
    this.rows = ROWS;
  }

  // ---------- life ----------

  override connectedCallback(): void {
    super.connectedCallback();
    const data = this.querySelector<HTMLScriptElement>('script[type="application/json"]');
    if (data?.textContent?.trim()) {
      try {
        this.inline = documents(JSON.parse(data.textContent));
      } catch (wrong) {
        this.fail(`The data of the chart cannot be read: ${(wrong as Error).message}.`);
      }
    }
    if (this.hasUpdated) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
    this.layers.stop();
    this.sizes?.disconnect();
    this.sizes = null;
    this.searching?.abort();
  }

  protected override willUpdate(changed: PropertyValues<AlignmentChart>): void {
    if (!VIEWS.some(([view]) => view === this.view)) this.view = "cascade";
    if (this.view !== "table") this.graphic = this.view;
    else if (!this.hasUpdated) this.graphic = this.firstGraphic();
    if (changed.has("endpoint") || changed.has("token")) {
      this.service = this.endpoint ? new Service(this.endpoint, this.token) : null;
      this.findings = null;
    }
    if (changed.has("period") && this.period) this.filters = { ...this.filters, period: this.period };
  }

  private firstGraphic(): Graphic {
    return (["cascade", "ladder", "org"] as Graphic[]).find((one) => this.inline[one] !== undefined) ?? "cascade";
  }

  protected override updated(changed: PropertyValues<AlignmentChart>): void {
    const svg = this.renderRoot.querySelector<SVGSVGElement>("svg.picture");
    if (svg && this.scene?.svg !== svg) this.begin(svg);
    const again = ["endpoint", "token", "root", "expandDepth"].some((name) => changed.has(name as keyof AlignmentChart));
    if (again || (changed.has("view") && this.model?.kind !== this.graphic) || changed.has("orphansOnly")) void this.load();
    else if (changed.has("view")) this.tell("state");
  }

  private begin(svg: SVGSVGElement): void {
    const family = getComputedStyle(this).fontFamily;
    if (family) useFont(family);
    this.scene = new Scene(svg, {
      choose: (id) => this.choose(id),
      toggle: (id) => void this.toggle(id),
      jump: (id) => this.jump(id),
    });
    this.sizes?.disconnect();
    this.sizes = new ResizeObserver(([entry]) => {
      const first = !this.scene!.size[0];
      this.scene!.resize(entry!.contentRect.width, entry!.contentRect.height);
      if (first && this.model) void this.arrange(true);
    });
    this.sizes.observe(svg.parentElement!);
    const box = svg.parentElement!.getBoundingClientRect();
    this.scene.resize(box.width, box.height);
    if (this.model) void this.arrange(true);
  }

  // ---------- data ----------

  /** Shows the view anew, from the data within the element or from the service. */
  async load(quiet = false): Promise<void> {
    const number = ++this.loading;
    if (!quiet) {
      this.failure = null;
      this.details = null;
      this.busy = true;
    }
    const begun = performance.now();
    try {
      const model = await this.asked(quiet);
      if (number !== this.loading) return;
      this.busy = false;
      if (!model) return;
      const before = quiet ? this.open : null;
      this.model = model;
      if (before) await this.reopen(before);
      if (this.selected !== null && !this.goalOf(this.selected) && !model.items.has(this.selected)) this.selected = null;
      if (!this.levels.length && this.service) void this.learnLevels();
      this.takeFilters();
      if (!quiet) {
        this.open = new Set();
        this.selected = null;
        this.panel = this.panel === "share" ? "share" : null;
      }
      await this.updateComplete;
      await this.arrange(!quiet);
      if (number !== this.loading) return;
      if (!quiet) {
        this.takeState();
        this.tell("ready", { count: model.items.size, milliseconds: performance.now() - begun });
        this.tell("state");
        this.watch();
      } else if (this.selected !== null && this.panel === "goal") void this.look(this.selected);
    } catch (wrong) {
      if (number !== this.loading) return;
      this.busy = false;
      if (!quiet) this.fail(wrong instanceof Refused ? wrong.message : `The chart cannot be drawn: ${(wrong as Error).message}`);
    }
  }

  private async asked(anew: boolean): Promise<Model | null> {
    const given = this.inline[this.graphic];
    const root = this.root;
    if (this.orphansOnly && this.service) return orphansModel(await this.service.orphans());
    if (given !== undefined && !anew) {
      const model = modelOf(this.graphic, given);
      // the data within the element is about one root; for another one the service is asked
      if (root === null || this.service === null || this.graphic === "org" || model.items.has(root)) {
        if (this.service) delete this.inline[this.graphic];
        return model;
      }
    }
    if (!this.service) {
      const other = this.firstGraphic();
      if (this.inline[other] !== undefined && this.graphic !== other) {
        this.view = other;
        return null;
      }
      if (this.failure === null) this.fail("There is nothing to draw: give the element an endpoint, or data as JSON.");
      return null;
    }
    if (this.graphic === "org") {
      const told = await this.service.org(this.ownerRoot(), this.expandDepth ?? DEPTH + 1);
      if (!told) throw new Refused(`No person or team has the id ${root}.`, "NOT_FOUND");
      return modelOf("org", told);
    }
    if (root === null) return this.forest();
    const told = this.graphic === "ladder" ? await this.service.ladder(root) : await this.service.cascade(root, this.expandDepth ?? DEPTH);
    if (!told) throw new Refused(`No goal has the id ${root}.`, "NOT_FOUND");
    return modelOf(this.graphic, told);
  }

  /** An owner is the root of an organization chart; a goal is not. */
  private ownerRoot(): string | null {
    return this.getAttribute("org-root");
  }

  /** Without a root: all goals of the first level, with what is under them. */
  private async forest(): Promise<Model> {
    const service = this.service!;
    const query = `query($levels: [String!]) { objectives(first: 20, filter: { levels: $levels }) { edges { node { id } } } }`;
    this.levels = await service.levels();
    const found = await service.ask<{ objectives: { edges: { node: { id: string } }[] } }>(query, { levels: this.levels.slice(0, 1) });
    const whole: Model = { kind: "cascade", roots: [], items: new Map(), links: [], path: [], hidden: 0, truncated: false };
    for (const { node } of found.objectives.edges) {
      if (whole.items.has(node.id)) continue;
      const told = await service.cascade(node.id, 1);
      if (!told) continue;
      const one = cascadeModel(told);
      whole.roots.push(node.id);
      for (const [id, item] of one.items) if (!whole.items.has(id)) whole.items.set(id, item);
      whole.links.push(...one.links);
      whole.hidden += one.hidden;
    }
    if (this.graphic === "ladder") this.view = "cascade";
    return whole;
  }

  private async learnLevels(): Promise<void> {
    try {
      this.levels = await this.service!.levels();
      if (this.graphic === "org") this.redraw();
    } catch {
      // the levels only colour dots
    }
  }

  /** Opens again what was open before, and fetches what is missing for it. */
  private async reopen(open: Set<string>): Promise<void> {
    this.open = open;
    let fetched = 0;
    for (const id of [...open]) {
      const item = this.model!.items.get(id);
      if (!item) open.delete(id);
      else if (!item.children.length && item.hidden && fetched++ < 50) await this.fetchBelow(item);
    }
  }

  private async fetchBelow(item: Item): Promise<void> {
    if (!this.service || this.model?.kind !== "cascade" || !item.goal) return;
    const told = await this.service.cascade(item.id, 1);
    if (told && this.model) addBelow(this.model, told);
  }

  private fail(message: string): void {
    this.failure = message;
    this.tell("error", { message });
  }

  /** Events: `ready`, `select`, `toggle`, `error`, and `state` when the address of what is shown has changed. */
  private tell(name: string, detail: Record<string, unknown> = {}): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // ---------- state as text, for addresses ----------

  /** What is selected and filtered, as the query of an address; may be set before or after the data is there. */
  get state(): string {
    const said = new URLSearchParams();
    if (this.view === "table" && this.graphic !== "cascade") said.set("of", this.graphic);
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
    this.filters = Object.fromEntries(FILTERS.flatMap((name) => (wanted.get(name) ? [[name, wanted.get(name)!]] : [])));
    this.filtering = Object.keys(this.filters).length > 0 || orphans || this.filtering;
    if (orphans !== this.orphansOnly) {
      this.orphansOnly = orphans; // loads anew, and comes back here
      return;
    }
    this.wanted = null;
    this.takeFilters();
    void this.arrange(false);
    const id = wanted.get("select");
    if (id !== null) void this.find(id);
  }

  // ---------- filters ----------

  private goals(): Goal[] {
    const found: Goal[] = [];
    for (const item of this.model?.items.values() ?? []) {
      if (item.goal) found.push(item.goal);
      found.push(...item.goals, ...item.keyResults);
    }
    return found;
  }

  private fits(goal: Goal): boolean {
    const { status, level, owner, period } = this.filters;
    return (
      (!status || goal.status === status) &&
      (!level || goal.level === level) &&
      (!owner || (owner === "-" ? goal.owner === null : goal.owner?.id === owner)) &&
      (!period || goal.period?.id === period)
    );
  }

  /** What the filters leave: what matches, and the way to it, dimmed. */
  private takeFilters(): void {
    this.kept = this.dim = null;
    if (!this.model || !FILTERS.some((name) => this.filters[name])) return;
    const kept = new Set<string>();
    const hit = new Set<string>();
    for (const item of this.model.items.values()) {
      if (!(item.goal ? this.fits(item.goal) : item.goals.some((goal) => this.fits(goal)))) continue;
      hit.add(item.id);
      for (let at: Item | undefined = item; at && !kept.has(at.id); at = at.parent === null ? undefined : this.model.items.get(at.parent))
        kept.add(at.id);
    }
    for (const id of this.model.kind === "ladder" ? this.model.items.keys() : this.model.roots) kept.add(id);
    this.kept = kept;
    this.dim = new Set([...kept].filter((id) => !hit.has(id)));
  }

  private filter(name: FilterName, value: string): void {
    this.filters = { ...this.filters, [name]: value };
    this.takeFilters();
    if (this.kept && this.model?.kind !== "ladder") for (const id of this.kept) if (this.open.size < MOST_OPEN) this.open.add(id);
    void this.arrange(true, true);
    this.tell("state");
  }

  // ---------- places ----------

  private under = (id: string): string[] => {
    const model = this.model;
    if (!model || model.kind === "ladder" || !this.open.has(id)) return [];
    const children = model.items.get(id)?.children ?? [];
    return this.kept ? children.filter((child) => this.kept!.has(child)) : children;
  };

  private expandable = (item: Item): boolean =>
    this.model?.kind !== "ladder" && (item.children.length > 0 || (item.hidden > 0 && this.model?.kind === "cascade" && this.service !== null));

  /** Lays the picture out and draws it; `fit` puts it in view. */
  private async arrange(fit: boolean, keepOpen = false): Promise<void> {
    const { model, scene } = this;
    if (!model || !scene) return;
    const number = ++this.laying;
    let picture: Picture;
    if (model.kind === "ladder") {
      const nodes = [...model.items.values()].map((item) => ({ id: item.id, width: WIDTH, height: heightOf(item) }));
      const path = new Set(model.path.map((id, place) => `${id} ${model.path[place - 1] ?? ""}`));
      const edges = model.links.map((link) => ({ from: link.from, to: link.to, heavy: path.has(`${link.from} ${link.to}`) }));
      const laid = await this.layers.lay({ nodes, edges });
      if (number !== this.laying || this.model !== model) return;
      const kinds = new Map(model.links.map((link) => [`${link.from} ${link.to}`, link.kind]));
      picture = {
        places: new Map(laid.places.map((place) => [place.id, place])),
        blocks: new Map(),
        ways: laid.ways.map((way) => ({ ...way, dotted: kinds.get(`${way.from} ${way.to}`) === "ALIGNED" })),
        dots: [],
        width: laid.width,
        height: laid.height,
      };
      const rungs = [...picture.places.values()].sort((one, other) => one.y - other.y || one.x - other.x);
      for (const [at, place] of rungs.entries()) if (!model.items.get(place.id)!.rung) model.items.get(place.id)!.depth = at;
      model.path.forEach((id, depth) => (model.items.get(id)!.depth = depth));
      this.order = rungs.map((place) => place.id);
    } else {
      if (fit && !keepOpen) this.openAsFits();
      picture = this.tree();
      this.order = this.visible();
    }
    if (scene.current === null || !picture.places.has(scene.current)) scene.current = this.order[0] ?? null;
    scene.selected = this.selected;
    scene.show(picture, this.sceneData());
    if (fit) scene.fit(model.kind === "ladder" ? 0.5 : LEGIBLE);
    scene.draw(true);
    this.requestUpdate();
  }

  private sceneData(): SceneData {
    const model = this.model!;
    const way = new Map<string, string>();
    model.path.forEach((id, place) => {
      const below = model.path[place + 1];
      if (below) way.set(id, below);
    });
    return { items: model.items, open: this.under, expandable: this.expandable, dim: this.dim, levels: this.levels, way };
  }

  private tree(): Picture {
    const model = this.model!;
    const grid = { width: WIDTH, height: model.kind === "org" ? OWNER_HEIGHT : HEIGHT };
    const laid = tidy(this.roots(), this.under, grid);
    const dots: [string, string][] = [];
    if (model.kind === "org")
      for (const item of model.items.values())
        for (const boss of item.further) if (laid.places.has(item.id) && laid.places.has(boss) && dots.length < 200) dots.push([item.id, boss]);
    return treePicture(laid, dots);
  }

  private roots(): string[] {
    const roots = this.model?.roots ?? [];
    return this.kept && roots.length > 1 ? roots.filter((id) => !this.dim?.has(id) || this.hasKept(id)) : roots;
  }

  private hasKept = (id: string): boolean =>
    (this.model?.items.get(id)?.children ?? []).some((child) => this.kept?.has(child));

  /** Opens as many levels as can be read at once. */
  private openAsFits(): void {
    const model = this.model!;
    const scene = this.scene!;
    const levels: string[][] = [];
    for (const item of model.items.values()) if (item.children.length) (levels[item.depth] ??= []).push(item.id);
    const wanted = this.expandDepth;
    this.open = new Set();
    let many = model.roots.length;
    for (let depth = 0; depth < levels.length; depth++) {
      const before = new Set(this.open);
      for (const id of levels[depth] ?? []) {
        this.open.add(id);
        many += model.items.get(id)!.children.length;
      }
      if (wanted !== null) {
        if (depth + 1 >= wanted) break;
        continue;
      }
      const laid = many > MOST_OPEN ? null : this.tree();
      if (depth > 0 && (!laid || scene.scaleFor(laid.width, laid.height) < LEGIBLE)) {
        this.open = before;
        break;
      }
    }
  }

  private visible(): string[] {
    const order: string[] = [];
    const waiting = [...this.roots()].reverse();
    while (waiting.length) {
      const id = waiting.pop()!;
      order.push(id);
      const under = this.under(id);
      const leaves = under.filter((child) => !this.under(child).length);
      const inner = under.filter((child) => this.under(child).length);
      waiting.push(...[...leaves, ...inner].reverse());
    }
    return order;
  }

  private redraw(): void {
    if (!this.model || !this.scene) return;
    this.scene.show(this.model.kind === "ladder" ? (this.scene as unknown as { picture: Picture }).picture : this.tree(), this.sceneData());
  }

  // ---------- acts ----------

  /** Opens or closes what is under a goal or an owner; what is not known yet is fetched. */
  async toggle(id: string): Promise<void> {
    const item = this.model?.items.get(id);
    if (!item || !this.expandable(item)) return;
    const opening = !this.open.has(id) || !item.children.length;
    if (opening && item.hidden && !item.children.length) {
      try {
        this.busy = true;
        await this.fetchBelow(item);
        this.takeFilters();
      } catch (wrong) {
        this.tell("error", { message: (wrong as Error).message });
        return;
      } finally {
        this.busy = false;
      }
    }
    if (opening) this.open.add(id);
    else this.open.delete(id);
    const scene = this.scene!;
    scene.hold(id, () => {
      const picture = this.tree();
      this.order = this.visible();
      if (scene.current === null || !picture.places.has(scene.current)) scene.current = id;
      scene.show(picture, this.sceneData());
    });
    this.tell("toggle", { id, open: opening });
    this.requestUpdate();
  }

  /** Selects a goal or an owner and tells of it in the panel. */
  choose(id: string): void {
    this.selected = id;
    this.panel = "goal";
    const item = this.model?.items.get(id);
    if (item) this.scene?.mark(id, id);
    this.details = null;
    this.tell("select", { id });
    this.tell("state");
    void this.look(id);
    this.requestUpdate();
  }

  private async look(id: string): Promise<void> {
    if (!this.service || this.model?.items.get(id)?.owner) return;
    try {
      this.findings ??= this.service.knowsFindings();
      const details = await this.service.details(id, await this.findings);
      if (this.selected === id) this.details = details;
    } catch (wrong) {
      this.tell("error", { message: (wrong as Error).message });
    }
  }

  /** Shows a goal: in the picture if it is in it, else by opening the way to it. */
  async find(id: string): Promise<void> {
    const model = this.model;
    if (!model) return;
    if (!model.items.has(id)) {
      const holder = [...model.items.values()].find((item) => [...item.goals, ...item.keyResults].some((goal) => goal.id === id));
      if (holder) {
        this.openTo(holder.id);
        this.jump(holder.id);
        this.choose(id);
        return;
      }
      if (model.kind !== "cascade" || !this.service) {
        this.choose(id);
        return;
      }
      if (!(await this.fetchTo(id))) return;
    }
    this.openTo(id);
    this.jump(id);
    this.choose(id);
  }

  private async fetchTo(id: string): Promise<boolean> {
    const path = await this.service!.pathTo(id);
    let known = path.findLastIndex((above) => this.model!.items.has(above));
    if (known < 0) {
      if (!path.length) return false;
      this.wanted = new URLSearchParams({ select: id });
      this.root = path[0]!;
      return false;
    }
    for (; known < path.length - 1; known++) {
      const item = this.model!.items.get(path[known]!);
      if (!item) return false;
      await this.fetchBelow(item);
    }
    return this.model!.items.has(id);
  }

  /** Opens the way to a card, and nothing else. */
  private openTo(id: string): void {
    if (this.model?.kind === "ladder") return;
    const open = new Set<string>();
    for (let at = this.model?.items.get(id)?.parent; at; at = this.model?.items.get(at)?.parent) open.add(at);
    if ([...open].every((above) => this.open.has(above))) return;
    this.open = open;
    const picture = this.tree();
    this.order = this.visible();
    this.scene?.show(picture, this.sceneData());
  }

  /** Moves to a card and puts the keyboard there. */
  private jump(id: string): void {
    this.scene?.mark(id, this.selected);
    this.scene?.reveal(id);
  }

  private lead(id: string | undefined): void {
    if (id === undefined || !this.scene) return;
    this.scene.mark(id, this.selected);
    this.scene.reveal(id);
    this.scene.draw(true);
    this.scene.element(id)?.focus({ preventScroll: true });
  }

  private keyed(event: KeyboardEvent): void {
    const scene = this.scene;
    const id = scene?.current;
    if (!scene || !this.model || id === null || id === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const item = this.model.items.get(id)!;
    const at = this.order.indexOf(id);
    const under = this.under(id);
    switch (event.key) {
      case "ArrowDown": this.lead(this.order[at + 1]); break;
      case "ArrowUp": this.lead(this.order[at - 1]); break;
      case "ArrowRight":
        if (this.model.kind === "ladder") this.lead(item.children[0]);
        else if (under.length) this.lead(this.order[at + 1]);
        else if (this.expandable(item)) void this.toggle(id).then(() => this.lead(id));
        break;
      case "ArrowLeft":
        if (under.length && this.model.kind !== "ladder") void this.toggle(id).then(() => this.lead(id));
        else if (item.parent !== null) this.lead(item.parent);
        break;
      case "Home": this.lead(this.order[0]); break;
      case "End": this.lead(this.order.at(-1)); break;
      case "Enter": this.choose(id); this.lead(id); break;
      case " ": void this.toggle(id).then(() => this.lead(id)); break;
      case "Escape":
        if (!this.panel) return;
        this.closePanel();
        break;
      case "+": scene.scale(1.3); break;
      case "-": scene.scale(1 / 1.3); break;
      case "0": scene.fit(); break;
      default: {
        if (event.key.length !== 1) return;
        this.typed = event.timeStamp - this.typedAt > 700 ? event.key : this.typed + event.key;
        this.typedAt = event.timeStamp;
        const wanted = this.typed.toLocaleLowerCase();
        const from = this.typed.length > 1 ? at : at + 1;
        const round = [...this.order.slice(from), ...this.order.slice(0, from)];
        this.lead(round.find((one) => nameOf(this.model!.items.get(one)!).toLocaleLowerCase().startsWith(wanted)));
      }
    }
    event.preventDefault();
  }

  private closePanel(): void {
    const had = this.renderRoot.querySelector(".panel")?.contains((this.renderRoot as ShadowRoot).activeElement);
    this.panel = null;
    this.selected = null;
    this.details = null;
    this.scene?.mark(this.scene.current, null);
    this.tell("state");
    if (had) void this.updateComplete.then(() => this.lead(this.scene?.current ?? undefined));
  }

  private go(view: "cascade" | "ladder", id: string): void {
    this.root = id;
    this.view = view;
    this.orphansOnly = false;
  }

  private share(): void {
    this.panel = this.panel === "share" ? null : "share";
  }

  // ---------- search ----------

  private async search(text: string): Promise<void> {
    this.searching?.abort();
    const wanted = text.trim();
    if (!wanted) {
      this.hits = null;
      return;
    }
    const searching = (this.searching = new AbortController());
    const folded = wanted.toLocaleLowerCase();
    const found: Hit[] = [];
    for (const item of this.model?.items.values() ?? []) {
      if (found.length >= 20) break;
      const title = nameOf(item);
      if (title.toLocaleLowerCase().includes(folded) || item.goal?.owner?.name.toLocaleLowerCase().includes(folded))
        found.push({ id: item.id, title });
    }
    this.hits = found;
    this.hitAt = found.length ? 0 : -1;
    if (!this.service) return;
    try {
      await new Promise((later) => setTimeout(later, 150));
      if (searching.signal.aborted) return;
      const more = await this.service.search(wanted, searching.signal);
      if (searching.signal.aborted) return;
      const known = new Set(found.map((hit) => hit.id));
      const org = this.model?.kind === "org";
      const fit = more.filter((hit) => ["Objective", "KeyResult", ...(org ? ["Person", "Team"] : [])].includes(hit.kind));
      this.hits = [...found, ...fit.filter((hit) => !known.has(hit.id)).map(({ id, title }) => ({ id, title: clean(title) }))];
      if (this.hitAt < 0 && this.hits.length) this.hitAt = 0;
    } catch {
      // what is loaded was searched
    }
  }

  private searchKeyed(event: KeyboardEvent): void {
    if (!this.hits) return;
    const many = this.hits.length;
    if (event.key === "ArrowDown" && many) this.hitAt = (this.hitAt + 1) % many;
    else if (event.key === "ArrowUp" && many) this.hitAt = (this.hitAt - 1 + many) % many;
    else if (event.key === "Enter" && this.hits[this.hitAt]) this.take(this.hits[this.hitAt]!);
    else if (event.key === "Escape") this.hits = null;
    else return;
    event.preventDefault();
  }

  private take(hit: Hit): void {
    this.hits = null;
    const input = this.renderRoot.querySelector<HTMLInputElement>(".search input");
    if (input) input.value = "";
    if (this.view === "table") this.view = this.graphic;
    void this.updateComplete.then(() => this.find(hit.id)).then(() => this.lead(this.scene?.current ?? undefined));
  }

  // ---------- live ----------

  private watch(): void {
    if (!this.service) return;
    this.live.start(this.service, {
      moved: (moved) => this.moved(moved),
      stale: () => void this.load(true),
      following: (on) => (this.following = on),
    });
  }

  /** What moved is drawn anew, as far as it is shown. */
  private moved(changed: Moved[]): void {
    if (!this.model) return;
    const after = new Map(changed.map((one) => [one.goal.id, one.after]));
    let touched = false;
    const take = (goal: Goal): boolean => {
      const now = after.get(goal.id);
      if (!now) return false;
      Object.assign(goal.progress, { value: now.value, coverage: now.coverage, confidence: now.confidence });
      goal.status = now.status;
      return true;
    };
    for (const item of this.model.items.values()) {
      let moved = item.goal ? take(item.goal) : false;
      for (const goal of [...item.goals, ...item.keyResults]) moved = take(goal) || moved;
      if (!moved) continue;
      touched = true;
      item.drawn += 1;
      if (item.owner) {
        const values = item.goals.map((goal) => goal.progress.value).filter((value) => value !== null);
        item.progress = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
      }
    }
    if (!touched) return;
    this.scene?.draw(true);
    if (this.selected !== null && after.has(this.selected)) void this.look(this.selected);
    this.requestUpdate();
  }

  // ---------- what is seen ----------

  private goalOf(id: string): Goal | null {
    return this.model?.items.get(id)?.goal ?? this.goals().find((goal) => goal.id === id) ?? null;
  }

  protected override render(): TemplateResult {
    const table = this.view === "table";
    return html`
      <div class="toolbar" part="toolbar">
        ${this.viewButtons()}
        <div class="search" part="search">
          <input type="search" role="combobox" placeholder="Search" aria-label="Search goals" autocomplete="off" aria-autocomplete="list"
            aria-expanded=${this.hits ? "true" : "false"} aria-controls="hits" aria-activedescendant=${this.hits && this.hitAt >= 0 ? `hit-${this.hitAt}` : nothing}
            @input=${(event: Event) => void this.search((event.target as HTMLInputElement).value)} @keydown=${this.searchKeyed}
            @blur=${() => setTimeout(() => (this.hits = null), 150)}>
          <ul class="hits" id="hits" role="listbox" aria-label="Found" ?hidden=${!this.hits}>${this.hits?.map((hit, place) => html`
            <li role="option" id="hit-${place}" aria-selected=${place === this.hitAt ? "true" : "false"}
              @pointerdown=${(event: Event) => { event.preventDefault(); this.take(hit); }}>${hit.title}</li>`)}
            ${this.hits?.length === 0 ? html`<li class="none" role="option" aria-selected="false" aria-disabled="true">Nothing found</li>` : nothing}</ul>
        </div>
        <button aria-expanded=${this.filtering ? "true" : "false"} @click=${() => (this.filtering = !this.filtering)}>Filter${this.filterCount() ? ` (${this.filterCount()})` : nothing}</button>
        ${table ? nothing : html`<div class="zoom" role="group" aria-label="Zoom">
          <button aria-label="Zoom out" @click=${() => this.scene?.scale(1 / 1.4)}>−</button>
          <button aria-label="Zoom in" @click=${() => this.scene?.scale(1.4)}>+</button>
          <button @click=${() => this.scene?.fit()}>Fit</button></div>`}
        ${this.service ? html`<button aria-pressed=${this.panel === "share" ? "true" : "false"} @click=${this.share}>Share</button>` : nothing}
      </div>
      ${this.filtering ? this.filterBar() : nothing}
      <div class="body">
        <div class="stage" part="canvas" @keydown=${this.keyed}>
          <svg class="picture" role="tree" aria-label=${this.label()} aria-hidden=${table ? "true" : nothing} ?inert=${table}></svg>
          ${table ? this.table() : nothing}
          ${this.message()}
        </div>
        ${this.panel ? this.side() : nothing}
      </div>
      <div class="status" part="status" role="status">${this.statusLine()}</div>
      <div class="plain"><slot></slot></div>`;
  }

  private viewButtons(): TemplateResult {
    const can = (view: View) => view === "table" || this.service !== null || this.inline[view] !== undefined || this.graphic === view;
    return html`<div class="views" role="group" aria-label="View">${VIEWS.filter(([view]) => can(view)).map(([view, name]) => html`
      <button aria-pressed=${this.view === view ? "true" : "false"} @click=${() => (this.view = view)}>${name}</button>`)}</div>`;
  }

  private filterCount(): number {
    return FILTERS.filter((name) => this.filters[name]).length + (this.orphansOnly ? 1 : 0);
  }

  private filterBar(): TemplateResult {
    const goals = this.goals();
    const options: Record<FilterName, Map<string, string>> = { status: new Map(), level: new Map(), owner: new Map(), period: new Map() };
    for (const goal of goals) {
      options.status.set(goal.status, words(goal.status));
      if (goal.level) options.level.set(goal.level, clean(goal.level));
      options.owner.set(goal.owner?.id ?? "-", goal.owner ? clean(goal.owner.name) : "no owner");
      if (goal.period) options.period.set(goal.period.id, clean(goal.period.title ?? goal.period.id));
    }
    for (const name of FILTERS) if (this.filters[name] && !options[name].has(this.filters[name]!)) options[name].set(this.filters[name]!, this.filters[name]!);
    return html`<div class="filters" part="filters">${FILTERS.filter((name) => options[name].size > 0).map((name) => html`<label>${words(name)}
        <select .value=${this.filters[name] ?? ""} @change=${(event: Event) => this.filter(name, (event.target as HTMLSelectElement).value)}>
          <option value="">any</option>
          ${[...options[name]].sort((one, other) => one[1].localeCompare(other[1])).map(([value, said]) => html`<option value=${value} ?selected=${this.filters[name] === value}>${said}</option>`)}
        </select></label>`)}
      ${this.service && this.graphic === "cascade" ? html`<label class="check"><input type="checkbox" .checked=${this.orphansOnly}
        @change=${(event: Event) => (this.orphansOnly = (event.target as HTMLInputElement).checked)}>orphans only</label>` : nothing}
      ${this.filterCount() ? html`<button @click=${this.clearFilters}>Clear</button>` : nothing}</div>`;
  }

  private clearFilters(): void {
    this.filters = {};
    this.orphansOnly = false;
    this.takeFilters();
    void this.arrange(true);
    this.tell("state");
  }

  private label(): string {
    const kind = this.model?.kind ?? this.graphic;
    const root = this.root === null ? undefined : this.model?.items.get(this.root);
    const name = kind === "org" ? "Organization chart" : kind === "ladder" ? "Ladder" : this.orphansOnly ? "Orphans" : "Cascade";
    return root && kind !== "org" ? `${name} of ${nameOf(root)}` : name;
  }

  private message(): TemplateResult | typeof nothing {
    if (this.failure !== null)
      return html`<div class="message" role="alert"><p class="bad-text">${this.failure}</p>${this.service ? html`<p><button @click=${() => void this.load()}>Try again</button></p>` : nothing}</div>`;
    if (!this.model) return html`<div class="message"><p>${this.busy ? "Loading …" : ""}</p></div>`;
    if (!this.model.items.size)
      return html`<div class="message"><p>${this.orphansOnly ? "There are no orphans." : this.model.kind === "org" ? "Nobody reports to anybody, and there are no teams." : "There are no goals yet."}</p></div>`;
    return nothing;
  }

  private table(): TemplateResult | typeof nothing {
    if (!this.model) return nothing;
    const filtered = FILTERS.some((name) => this.filters[name]);
    const rows = sorted(rowsOf(this.model.items.values()).filter(({ goal }) => !filtered || (goal !== null && this.fits(goal))), this.sorting);
    const caption = `${this.label()}: ${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
    return tableView(rows, this.rows, this.sorting, this.selected, caption, {
      sort: (by: Column) => (this.sorting = { by, down: this.sorting.by === by ? !this.sorting.down : by === "progress" || by === "expected" }),
      choose: (id) => this.choose(id),
      more: () => (this.rows += 500),
    });
  }

  private side(): TemplateResult | typeof nothing {
    const act = {
      choose: (id: string) => void this.find(id),
      view: (view: "cascade" | "ladder", id: string) => this.go(view, id),
      close: () => this.closePanel(),
    };
    const frame = (inner: TemplateResult, name: string) => html`<aside class="panel" part="panel" aria-label=${name} tabindex="0"
      @keydown=${(event: KeyboardEvent) => event.key === "Escape" && this.closePanel()}>${inner}</aside>`;
    if (this.panel === "share") return frame(sharePanel(this.snippets(), act), "Share");
    if (this.selected === null) return nothing;
    const item = this.model?.items.get(this.selected);
    if (item?.owner) return frame(ownerPanel(item, act), "Details");
    const goal = this.goalOf(this.selected) ?? this.details;
    return goal ? frame(goalPanel(goal, this.details, item?.note, act), "Details") : nothing;
  }

  /** What to copy into another page: the element, and a frame. */
  private snippets(): [string, string][] {
    const address = new URL(this.endpoint ?? "/graphql", document.baseURI);
    const text = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
    const root = this.root === null ? "" : ` root="${text(this.root)}"`;
    const path = this.root === null ? "" : `/${this.root.split("/").map(encodeURIComponent).join("/")}`;
    return [
      ["As an element", `<script type="module" src="${address.origin}/embed.js"></script>\n<alignment-chart endpoint="${text(address.href)}"${root} view="${this.view}"></alignment-chart>`],
      ["As a frame", `<iframe src="${address.origin}/embed/${this.view}${text(path)}" title="${text(this.label())}" width="100%" height="640" loading="lazy" style="border:0"></iframe>`],
    ];
  }

  private statusLine(): TemplateResult {
    const model = this.model;
    if (!model) return html`<span>${this.busy ? "Loading …" : ""}</span>`;
    const many = model.items.size;
    const noun = model.kind === "org" ? (many === 1 ? "owner" : "owners") : many === 1 ? "goal" : "goals";
    return html`<span>${many} ${noun}${model.hidden > 0 ? html` · ${model.hidden} more below` : nothing}${model.truncated ? " · cut at the limit" : nothing}</span>
      <span>the mark on a bar: where it should be by now</span>
      ${model.kind === "org" && this.levels.length ? html`<span>${this.levels.slice(0, 5).map((level, at) => html`<span class="key"><svg viewBox="0 0 8 8" aria-hidden="true"><circle class="ink level-${at}" cx="4" cy="4" r="4"></circle></svg>${level} </span> `)}</span>` : nothing}
      ${this.following ? html`<span class="live">live</span>` : nothing}${this.busy ? html`<span>loading …</span>` : nothing}`;
  }
}

if (!customElements.get("alignment-chart")) customElements.define("alignment-chart", AlignmentChart);

declare global {
  interface HTMLElementTagNameMap {
    "alignment-chart": AlignmentChart;
  }
}
