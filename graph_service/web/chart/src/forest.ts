// Which branches are open, and where that puts the cards.
import { HEIGHT, heightOf, OWNER_HEIGHT, WIDTH } from "./cards.js";
import type { Left } from "./filters.js";
import type { Layers } from "./layers.js";
import type { Item, Model } from "./model.js";
import { type Picture, treePicture } from "./scene.js";
import { tidy } from "./tidy.js";

const MOST_OPEN = 700;
const MOST_DOTS = 200;

export class Forest {
  open = new Set<string>();
  left: Left | null = null;

  constructor(readonly model: Model, private readonly canFetch: boolean) {}

  /** The children of a place that are open, in order. */
  under = (id: string): string[] => {
    if (this.model.kind === "ladder" || !this.open.has(id)) return [];
    return this.kept(this.model.items.get(id)?.children ?? []);
  };

  expandable = (item: Item): boolean =>
    this.model.kind !== "ladder" &&
    (item.children.length > 0 || (item.hidden > 0 && this.model.kind === "cascade" && this.canFetch));

  private kept(ids: string[]): string[] {
    return this.left ? ids.filter((id) => this.left!.kept.has(id)) : ids;
  }

  private roots(): string[] {
    const { roots, items } = this.model;
    const left = this.left;
    if (!left || roots.length === 1) return roots;
    return roots.filter((id) => !left.dim.has(id) || items.get(id)!.children.some((child) => left.kept.has(child)));
  }

  /** Opens as many levels as can be read at once, or as many as are wanted. */
  openLevels(wanted: number | null, legible: (width: number, height: number) => boolean): void {
    const { items, roots } = this.model;
    const levels: string[][] = [];
    for (const item of items.values()) if (item.children.length) (levels[item.depth] ??= []).push(item.id);
    this.open = new Set();
    let many = roots.length;
    for (let depth = 0; depth < levels.length && (wanted === null || depth < wanted); depth++) {
      const before = new Set(this.open);
      for (const id of levels[depth] ?? []) {
        this.open.add(id);
        many += items.get(id)!.children.length;
      }
      if (wanted !== null || depth === 0) continue;
      if (many <= MOST_OPEN) {
        const { width, height } = this.tree();
        if (legible(width, height)) continue;
      }
      this.open = before;
      return;
    }
  }

  /** Opens the way to all that the filters left. */
  openKept(): void {
    for (const id of this.left?.kept ?? []) if (this.open.size < MOST_OPEN) this.open.add(id);
  }

  /** Opens the way to a card, and nothing else; whether that changed anything. */
  openTo(id: string): boolean {
    if (this.model.kind === "ladder") return false;
    const open = new Set<string>();
    for (let at = this.model.items.get(id)?.parent; at; at = this.model.items.get(at)?.parent) open.add(at);
    if ([...open].every((above) => this.open.has(above))) return false;
    this.open = open;
    return true;
  }

  tree(): Picture {
    const { kind, items } = this.model;
    const laid = tidy(this.roots(), this.under, { width: WIDTH, height: kind === "org" ? OWNER_HEIGHT : HEIGHT });
    const dots: [string, string][] = [];
    if (kind === "org")
      for (const item of items.values())
        for (const boss of item.further)
          if (laid.places.has(item.id) && laid.places.has(boss) && dots.length < MOST_DOTS) dots.push([item.id, boss]);
    return treePicture(laid, dots);
  }

  async ladder(layers: Layers): Promise<Picture> {
    const { items, path, links } = this.model;
    const steps = new Set(path.map((id, place) => `${id} ${path[place - 1] ?? ""}`));
    const laid = await layers.lay({
      nodes: [...items.values()].map((item) => ({ id: item.id, width: WIDTH, height: heightOf(item) })),
      edges: links.map(({ from, to }) => ({ from, to, heavy: steps.has(`${from} ${to}`) })),
    });
    return {
      places: new Map(laid.places.map((place) => [place.id, place])),
      blocks: new Map(),
      ways: laid.ways.map((way, number) => ({ ...way, dotted: links[number]!.kind === "ALIGNED" })),
      dots: [],
      width: laid.width,
      height: laid.height,
    };
  }

  /** The cards in the order in which the keyboard walks them. */
  order(picture: Picture): string[] {
    if (this.model.kind === "ladder")
      return [...picture.places.values()].sort((one, other) => one.y - other.y || one.x - other.x).map(({ id }) => id);
    const order: string[] = [];
    const waiting = [...this.roots()].reverse();
    while (waiting.length) {
      const id = waiting.pop()!;
      order.push(id);
      const under = this.under(id);
      const branches = under.filter((child) => this.under(child).length);
      waiting.push(...branches.reverse(), ...under.filter((child) => !this.under(child).length).reverse());
    }
    return order;
  }

  /** For each rung the key result or goal by which the ladder goes on. */
  way(): Map<string, string> {
    const { path } = this.model;
    return new Map(path.slice(0, -1).map((id, place) => [id, path[place + 1]!]));
  }
}
