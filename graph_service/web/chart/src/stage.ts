// The picture as it stands: which branches are open, where the cards are, and which of them has the keyboard.
import type { Forest } from "./forest.js";
import { Keys } from "./keys.js";
import { Layers } from "./layers.js";
import type { Item, Model } from "./model.js";
import { type Picture, Scene } from "./scene.js";
import { useFont } from "./text.js";

const LEGIBLE = 0.6;
const LEGIBLE_LADDER = 0.66;

/** What a picture asks of the chart that it is part of. */
export interface Staged extends HTMLElement {
  readonly selected: string | null;
  readonly expandDepth: number | null;
  readonly levels: string[];
  choose(id: string): void;
  toggle(id: string): Promise<void>;
  closePanel(): boolean;
  requestUpdate(): void;
}

export class Stage {
  forest: Forest | null = null;
  readonly keys = new Keys(this.walked());
  private scene: Scene | null = null;
  private picture: Picture | null = null;
  private order: string[] = [];
  private readonly layers = new Layers();
  private laying = 0;
  private sizes: ResizeObserver | null = null;

  constructor(private readonly chart: Staged) {}

  get model(): Model | null {
    return this.forest?.model ?? null;
  }

  get current(): string | null {
    return this.scene?.current ?? null;
  }

  /** Draws into an element from now on. */
  into(svg: SVGSVGElement): void {
    if (this.scene?.svg === svg) return;
    useFont(getComputedStyle(this.chart).fontFamily);
    svg.replaceChildren();
    this.scene = new Scene(svg, {
      choose: (id) => this.chart.choose(id),
      toggle: (id) => void this.chart.toggle(id),
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

  stop(): void {
    this.layers.stop();
    this.sizes?.disconnect();
    this.scene = null;
  }

  forget(): void {
    if (this.scene) this.scene.current = null;
  }

  /** Lays the picture out and draws it; `fit` puts all of it in view, opening as many levels as can be read. */
  async arrange(fit: boolean, keepOpen = false): Promise<void> {
    const { forest, scene } = this;
    if (!forest || !scene) return;
    const number = ++this.laying;
    if (fit && !keepOpen && forest.model.kind !== "ladder")
      forest.openLevels(this.chart.expandDepth, (width, height) => scene.scaleFor(width, height) >= LEGIBLE);
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
    scene.selected = this.chart.selected;
    scene.show(picture, {
      items: forest.model.items, open: forest.under, expandable: forest.expandable, dim: forest.left?.dim ?? null,
      levels: this.chart.levels, way: forest.way(),
    });
    this.chart.requestUpdate();
  }

  /** Draws again what is there, since something else is known of it. */
  repaint(): void {
    if (this.picture) this.show(this.picture);
  }

  /** Draws the cards in view again, where they are. */
  redraw(): void {
    this.scene?.draw(true);
  }

  fit(): void {
    this.scene?.fit(this.model?.kind === "ladder" ? LEGIBLE_LADDER : LEGIBLE);
  }

  fitAll(): void {
    this.scene?.fit();
  }

  scale(by: number): void {
    this.scene?.scale(by);
  }

  /** Opens or closes what is under a card, which stays where it is. */
  turn(item: Item, opening: boolean): void {
    const { forest, scene } = this;
    if (!forest || !scene) return;
    if (opening) forest.open.add(item.id);
    else forest.open.delete(item.id);
    scene.current = item.id;
    scene.hold(item.id, () => this.show(forest.tree()));
  }

  /** Opens the way to a card, and moves it into view. */
  openTo(id: string): void {
    const { forest } = this;
    if (!forest) return;
    if (forest.openTo(id) || !this.picture?.places.has(id))
      this.show(forest.model.kind === "ladder" ? this.picture! : forest.tree());
    this.jump(id);
  }

  mark(id: string | null, selected: string | null): void {
    this.scene?.mark(id, selected);
  }

  /** Moves a card into view once the panel has taken its room, of which the scene learns at the end of a frame. */
  reveal(id: string): void {
    requestAnimationFrame(() => requestAnimationFrame(() => this.scene?.reveal(id)));
  }

  jump(id: string): void {
    this.scene?.mark(id, this.chart.selected);
    this.scene?.reveal(id);
  }

  /** Puts the keyboard on a card. */
  lead(id: string | null | undefined): void {
    if (id === undefined || id === null || !this.scene || !this.picture?.places.has(id)) return;
    this.jump(id);
    this.scene.element(id)?.focus({ preventScroll: true });
  }

  private walked(): Keys["walked"] {
    const stage = this;
    return {
      get current() { return stage.picture ? stage.current : null; },
      get order() { return stage.order; },
      get layered() { return stage.model?.kind === "ladder"; },
      item: (id) => stage.model!.items.get(id)!,
      isOpen: (id) => stage.forest!.under(id).length > 0,
      canOpen: (id) => stage.forest!.expandable(stage.model!.items.get(id)!),
      lead: (id) => stage.lead(id),
      toggle: (id) => stage.chart.toggle(id),
      choose: (id) => stage.chart.choose(id),
      close: () => stage.chart.closePanel(),
      scale: (by) => stage.scale(by),
      fit: () => stage.fit(),
    };
  }
}
