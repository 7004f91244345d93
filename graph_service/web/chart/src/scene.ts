// The picture: only what is in view is drawn. Panning moves one group; cards come and go as their places come into view.
// From afar cards become plain rectangles, one path for each status.
import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import { card, heightOf, s, type Detail } from "./cards.js";
import { type Item, toneOf, type Tone, under } from "./model.js";
import { BELOW, INDENT, type Laid, type Place } from "./tidy.js";

const FAR = 0.28;
const PLAIN = 0.5;
const MARGIN = 0.4;

export interface Picture {
  places: Map<string, Place>;
  blocks: Map<string, string[][]>;
  ways: { from: string; to: string; points: [number, number][]; dotted: boolean }[];
  dots: [string, string][];
  width: number;
  height: number;
}

export interface SceneData {
  items: Map<string, Item>;
  /** Children that are open, in order. */
  open(id: string): string[];
  expandable(item: Item): boolean;
  dim: Set<string> | null;
  levels: string[];
  way: Map<string, string>;
}

export interface SceneEvents {
  choose(id: string): void;
  toggle(id: string): void;
  jump(id: string): void;
}

interface Drawn {
  element: SVGGElement;
  /** What the element was drawn from; `shown` is the part of it that is about goals and owners. */
  key: string;
  shown: string;
}

export class Scene {
  readonly world: SVGGElement;
  private readonly far: Record<Tone, SVGPathElement>;
  private readonly lines: SVGPathElement;
  private readonly dotted: SVGPathElement;
  private readonly cross: SVGPathElement;
  private readonly cards: SVGGElement;
  private readonly zooming: ZoomBehavior<SVGSVGElement, unknown>;
  private readonly drawn = new Map<string, Drawn>();
  private picture: Picture = { places: new Map(), blocks: new Map(), ways: [], dots: [], width: 0, height: 0 };
  private data: SceneData | null = null;
  private box: [number, number, number, number] = [0, 0, 0, 0];
  private detail: Detail | "far" = "full";
  private frame = 0;
  private width = 0;
  private height = 0;
  current: string | null = null;
  selected: string | null = null;
  hovered: string | null = null;
  transform: ZoomTransform = zoomIdentity;
  /** Whether the view is still as `fit` left it, so that it may follow the size of the window. */
  fitted = false;

  constructor(readonly svg: SVGSVGElement, private readonly events: SceneEvents) {
    this.world = s("g", { role: "none" }) as SVGGElement;
    this.far = Object.fromEntries((["good", "warn", "bad", "calm"] as Tone[]).map((tone) =>
      [tone, s("path", { class: `far ${tone}`, "aria-hidden": "true" })])) as Record<Tone, SVGPathElement>;
    this.lines = s("path", { class: "line", "aria-hidden": "true" }) as SVGPathElement;
    this.dotted = s("path", { class: "line dotted", "aria-hidden": "true" }) as SVGPathElement;
    this.cross = s("path", { class: "line cross", "aria-hidden": "true" }) as SVGPathElement;
    this.cards = s("g", { role: "none" }) as SVGGElement;
    this.world.append(this.lines, this.dotted, this.cross, ...Object.values(this.far), this.cards);
    svg.append(this.world);
    this.zooming = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.04, 2])
      .filter((event: Event) => !(event instanceof WheelEvent) && !(event as MouseEvent).button)
      .clickDistance(5)
      .on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => this.moved(event.transform));
    select(svg).call(this.zooming).on("dblclick.zoom", null);
    svg.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    svg.addEventListener("click", (event) => this.clicked(event));
    svg.addEventListener("pointerover", (event) => this.hover(this.idAt(event.target)));
    svg.addEventListener("pointerleave", () => this.hover(null));
  }

  // ---------- what is shown ----------

  show(picture: Picture, data: SceneData): void {
    this.picture = picture;
    this.data = data;
    const reach = 400 / this.transform.k;
    this.zooming.translateExtent([[-reach - 400, -reach - 400], [picture.width + reach + 400, picture.height + reach + 400]]);
    this.draw(true);
  }

  resize(width: number, height: number): void {
    if (!width || !height || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    this.zooming.extent([[0, 0], [width, height]]);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.draw(true);
  }

  get size(): [number, number] {
    return [this.width, this.height];
  }

  /** The scale at which all of a picture is in view. */
  scaleFor(width: number, height: number): number {
    return Math.min(1, (this.width - 48) / Math.max(1, width), (this.height - 48) / Math.max(1, height));
  }

  /** Puts the whole picture in view, though never smaller than `least`: then its top is in view. */
  fit(least = 0.04): void {
    const k = Math.max(least, this.scaleFor(this.picture.width, this.picture.height));
    const middle = this.anchor();
    const wide = this.picture.width * k;
    const x = wide <= this.width - 48 ? (this.width - wide) / 2
      : Math.max(this.width - 24 - wide, Math.min(24, this.width / 2 - middle * k)); // no room is left empty beside it
    const high = this.picture.height * k;
    const y = high < this.height - 48 ? Math.max(24, (this.height - high) / 3) : 24;
    this.go(zoomIdentity.translate(x, y).scale(k));
    this.fitted = true;
    this.draw(true);
  }

  /** Scales about the middle of the view. */
  scale(by: number): void {
    select(this.svg).call(this.zooming.scaleBy, by);
  }

  /** Moves so that a card is in view, if it is not; `centre` moves in any case. */
  reveal(id: string, centre = false): void {
    const place = this.picture.places.get(id);
    if (!place || !this.width) return;
    let { x, y, k } = this.transform;
    if (k < PLAIN) k = 0.75;
    const left = place.x * k + x, top = place.y * k + y;
    const seen = left >= 12 && top >= 12 && left + place.width * k <= this.width - 12 &&
      top + Math.min(place.height * k, this.height) <= this.height - 12;
    if (seen && !centre && k === this.transform.k) return;
    x = this.width / 2 - (place.x + place.width / 2) * k;
    y = Math.min(this.height / 3, this.height / 2) - place.y * k;
    this.go(zoomIdentity.translate(x, y).scale(k));
  }

  /** Keeps a card where it is on the screen, after the picture around it has changed. */
  hold(id: string, act: () => void): void {
    const before = this.picture.places.get(id);
    act();
    const after = this.picture.places.get(id);
    if (!before || !after) return;
    const { x, y, k } = this.transform;
    this.go(zoomIdentity.translate(x + (before.x - after.x) * k, y + (before.y - after.y) * k).scale(k));
  }

  element(id: string): SVGGElement | null {
    return this.drawn.get(id)?.element ?? null;
  }

  private anchor(): number {
    let first: Place | undefined;
    for (const place of this.picture.places.values()) if (!first || place.y < first.y) first = place;
    return first ? first.x + first.width / 2 : 0;
  }

  private go(to: ZoomTransform): void {
    select(this.svg).call(this.zooming.transform, to);
  }

  // ---------- moving ----------

  private moved(transform: ZoomTransform): void {
    this.fitted = false;
    this.transform = transform;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
    this.world.setAttribute("transform", transform.toString());
  }

  private wheeled(event: WheelEvent): void {
    const lines = event.deltaMode === 1 ? 18 : 1;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const box = this.svg.getBoundingClientRect();
      const by = 2 ** (-event.deltaY * lines * 0.006);
      select(this.svg).call(this.zooming.scaleBy, by, [event.clientX - box.left, event.clientY - box.top]);
      return;
    }
    const before = this.transform;
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    select(this.svg).call(this.zooming.translateBy, (-dx * lines) / before.k, (-dy * lines) / before.k);
    // where the picture ends, the page scrolls on
    if (Math.abs(this.transform.x - before.x) + Math.abs(this.transform.y - before.y) > 0.5) event.preventDefault();
  }

  private idAt(target: EventTarget | null): string | null {
    return target instanceof Element ? (target.closest("[data-id]")?.getAttribute("data-id") ?? null) : null;
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const id = this.idAt(target);
    if (id === null) {
      const at = this.under(event);
      if (at) this.events.jump(at);
      return;
    }
    const row = target.closest("[data-goal]")?.getAttribute("data-goal");
    if (target.closest("[data-act=toggle]")) this.events.toggle(id);
    else if (target.closest("[data-act=up]")) {
      const further = this.data?.items.get(id)?.further.find((up) => this.picture.places.has(up));
      if (further) this.events.jump(further);
      else this.events.choose(id);
    } else this.events.choose(row ?? id);
  }

  /** From afar: the card under the pointer. */
  private under(event: MouseEvent): string | null {
    if (this.detail !== "far") return null;
    const box = this.svg.getBoundingClientRect();
    const [x, y] = this.transform.invert([event.clientX - box.left, event.clientY - box.top]);
    for (const place of this.picture.places.values())
      if (x >= place.x && x <= place.x + place.width && y >= place.y && y <= place.y + place.height) return place.id;
    return null;
  }

  private hover(id: string | null): void {
    if (id === this.hovered) return;
    this.hovered = id;
    this.crosses();
  }

  // ---------- drawing ----------

  /** Draws what is in view. Unless `anew`, nothing is done while the view stays within what is drawn already. */
  draw(anew = false): void {
    const { x, y, k } = this.transform;
    const view: [number, number, number, number] =
      [-x / k, -y / k, (this.width - x) / k, (this.height - y) / k];
    const detail = k < FAR ? "far" : k < PLAIN ? "plain" : "full";
    const [left, top, right, bottom] = this.box;
    const within = view[0] >= left && view[1] >= top && view[2] <= right && view[3] <= bottom;
    if (!anew && within && detail === this.detail) return;
    if (!this.data || !this.width) return;
    this.detail = detail;
    const wide = (view[2] - view[0]) * MARGIN, high = (view[3] - view[1]) * MARGIN;
    this.box = [view[0] - wide, view[1] - high, view[2] + wide, view[3] + high];
    const seen: Place[] = [];
    for (const place of this.picture.places.values()) if (this.inBox(place)) seen.push(place);
    this.drawFar(detail === "far" ? seen : []);
    const kept = detail === "far" ? [] : seen;
    const here = this.current !== null ? this.picture.places.get(this.current) : undefined;
    if (here && !kept.includes(here)) kept.push(here);
    this.drawCards(kept, detail === "far" ? "plain" : detail);
    this.drawLines();
    this.crosses();
  }

  private inBox({ x, y, width, height }: Place): boolean {
    const [left, top, right, bottom] = this.box;
    return x <= right && x + width >= left && y <= bottom && y + height >= top;
  }

  private drawFar(seen: Place[]): void {
    const paths: Record<Tone, string[]> = { good: [], warn: [], bad: [], calm: [] };
    for (const { id, x, y, width, height } of seen) {
      const item = this.data!.items.get(id);
      if (!item || id === this.current) continue;
      if (this.data!.dim?.has(id)) continue;
      const tone = item.goal ? toneOf(item.goal.status) : "calm";
      paths[tone].push(`M${x | 0} ${y | 0}h${width}v${height}h-${width}z`);
    }
    for (const tone of Object.keys(paths) as Tone[]) this.far[tone].setAttribute("d", paths[tone].join(""));
  }

  private drawCards(places: Place[], detail: Detail): void {
    const data = this.data!;
    const wanted = new Set(places.map((place) => place.id));
    for (const [id, { element }] of this.drawn) {
      if (wanted.has(id)) continue;
      element.remove();
      this.drawn.delete(id);
    }
    const made: SVGGElement[] = [];
    for (const place of places) {
      const item = data.items.get(place.id);
      if (!item) continue;
      const open = data.open(item.id).length > 0;
      const expandable = data.expandable(item);
      const shown = shownOf(item);
      const key = `${detail} ${expandable} ${open} ${item.hidden} ${item.children.length} ${data.levels.length} ${shown}`;
      let known = this.drawn.get(item.id);
      if (!known || known.key !== key) {
        const pulse = known !== undefined && known.shown !== shown;
        const element = known?.element ?? (s("g", { "data-id": item.id, tabindex: -1 }) as SVGGElement);
        // The title is the name of the card, for pointers and for who listens; what is drawn would only say the same
        // once more, and cut.
        const [title, ...drawn] = [...card(item, detail, data.levels, data.way.get(item.id)), ...this.opener(item, open, expandable)];
        element.replaceChildren(title!, s("g", { "aria-hidden": "true" }, ...drawn));
        if (pulse) this.pulse(element);
        if (!known) made.push(element);
        known = { element, key, shown };
        this.drawn.set(item.id, known);
      }
      const element = known.element;
      element.setAttribute("transform", `translate(${place.x} ${place.y})`);
      element.setAttribute("class", this.classOf(item.id));
      describe(element, item, data, open, expandable, item.id === this.current, item.id === this.selected);
    }
    this.cards.append(...made);
  }

  private classOf(id: string): string {
    return ["item", id === this.selected && "selected", id === this.current && "current", this.data!.dim?.has(id) && "dim"]
      .filter(Boolean).join(" ");
  }

  private opener(item: Item, open: boolean, expandable: boolean): SVGElement[] {
    if (!expandable) return [];
    const said = open ? "–" : `+${under(this.data!.items, item)}`;
    const wide = open ? 22 : 16 + 7 * said.length;
    return [
      s("g", { class: "opener", "data-act": "toggle", transform: `translate(${(264 - wide) / 2} ${heightOf(item) - 6})` },
        s("rect", { class: "chip", width: wide, height: 17, rx: 8.5 }),
        s("text", { class: "n ink", x: wide / 2, y: 12.5, "text-anchor": "middle" }, said)),
    ];
  }

  private pulse(element: SVGGElement): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.animate([{ opacity: 0.25 }, { opacity: 1 }], { duration: 700, easing: "ease-out" });
  }

  private drawLines(): void {
    const drawn: string[] = [];
    const dotted: string[] = [];
    const { places, blocks, ways, dots } = this.picture;
    const [left, top, right, bottom] = this.box;
    for (const place of places.values()) {
      const under = this.data!.open(place.id);
      if (!under.length || ways.length || place.y > bottom) continue;
      const middle = place.x + place.width / 2;
      const foot = place.y + place.height;
      const along = foot + BELOW / 2;
      let first = middle, last = middle;
      const columns = blocks.get(place.id) ?? [];
      for (const column of columns) {
        const head = places.get(column[0]!)!, end = places.get(column.at(-1)!)!;
        const side = head.x - INDENT / 2;
        first = Math.min(first, side);
        last = Math.max(last, side);
        if (end.y + end.height < top || side < left - INDENT || side > right) continue;
        drawn.push(`M${side} ${along}V${end.y + end.height / 2}`);
        for (const leaf of column) {
          const at = places.get(leaf)!;
          if (this.inBox(at)) drawn.push(`M${side} ${at.y + at.height / 2}H${at.x}`);
        }
      }
      for (const child of under) {
        const at = places.get(child);
        if (!at || !this.data!.open(child).length) continue;
        const over = at.x + at.width / 2;
        first = Math.min(first, over);
        last = Math.max(last, over);
        if (over >= left && over <= right && at.y >= top) drawn.push(`M${over} ${along}V${at.y}`);
      }
      if (along < top || along > bottom || last < left || first > right) continue;
      drawn.push(`M${middle} ${foot}V${along}M${Math.max(first, left)} ${along}H${Math.min(last, right)}`);
    }
    for (const way of ways) {
      const [start, ...rest] = way.points;
      if (!start) continue;
      (way.dotted ? dotted : drawn).push(`M${start.join(" ")}${rest.map((point) => `L${point.join(" ")}`).join("")}`);
    }
    for (const [from, to] of dots) {
      const a = places.get(from), b = places.get(to);
      if (a && b && (this.inBox(a) || this.inBox(b))) dotted.push(bent(a, b));
    }
    this.lines.setAttribute("d", drawn.join(""));
    this.dotted.setAttribute("d", dotted.join(""));
  }

  /** The further links of what is selected or pointed at, and nothing else's. */
  private crosses(): void {
    const { places, dots, ways } = this.picture;
    const found: string[] = [];
    if (!dots.length && !ways.length)
      for (const id of new Set([this.selected, this.hovered])) {
        const from = id === null ? undefined : places.get(id);
        if (!from) continue;
        for (const up of this.data?.items.get(from.id)?.further ?? []) {
          const to = places.get(up);
          if (to) found.push(bent(from, to));
        }
      }
    this.cross.setAttribute("d", found.join(""));
  }

  /** Marks the card that has the focus and the one that is selected. */
  mark(current: string | null, selected: string | null): void {
    this.current = current;
    this.selected = selected;
    this.draw(true);
  }
}

/** All of an item that its card shows: drawn anew when it is another. */
function shownOf(item: Item): string {
  const goals = [...(item.goal ? [item.goal] : []), ...item.goals, ...item.keyResults];
  const { owner, progress, note, further, badge } = item;
  const said = goals.map(({ title, status, level, owner, progress }) =>
    [title, status, level, owner?.name, progress.value, progress.expected, progress.coverage]);
  return JSON.stringify([said, owner?.name, owner?.jobTitle, owner?.active, progress, note, further.length, badge]);
}

function bent(from: Place, to: Place): string {
  const x = from.x + from.width * 0.75, toX = to.x + to.width * 0.75, toY = to.y + to.height;
  return `M${x} ${from.y}C${x} ${from.y - 40} ${toX} ${toY + 40} ${toX} ${toY}`;
}

function describe(
  element: SVGGElement, item: Item, data: SceneData, open: boolean, expandable: boolean, current: boolean, selected: boolean,
): void {
  const siblings = item.parent === null ? null : data.items.get(item.parent)?.children;
  const set = (name: string, value: string | number) => element.setAttribute(name, String(value));
  set("role", "treeitem");
  set("aria-level", item.depth + 1);
  set("tabindex", current ? 0 : -1);
  set("aria-selected", selected ? "true" : "false");
  if (expandable) set("aria-expanded", open ? "true" : "false");
  else element.removeAttribute("aria-expanded");
  if (siblings) {
    set("aria-setsize", siblings.length);
    set("aria-posinset", siblings.indexOf(item.id) + 1);
  }
}

/** A tree as the picture takes it. */
export const treePicture = (laid: Laid, dots: [string, string][]): Picture => ({ ...laid, ways: [], dots });
