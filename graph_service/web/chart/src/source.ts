// Where the data of a chart comes from: JSON within the element, or the service.
import {
  addBelow, cascadeModel, documents, type Graphic, type Item, type Model, modelOf, orphansModel,
} from "./model.js";
import { Refused, type Service } from "./service.js";

const DEPTH = 3;
const MOST_TOPS = 20;
const GRAPHICS: Graphic[] = ["cascade", "ladder", "org"];

export interface Wanted {
  graphic: Graphic;
  root: string | null;
  depth: number | null;
  orphans: boolean;
}

export class Source {
  service: Service | null = null;
  levels: string[] = [];
  periods = new Map<string, string>();
  private periodsKnown = false;
  private inline: Partial<Record<Graphic, unknown>> = {};

  /** Takes the JSON that stands within an element. */
  read(text: string): void {
    this.inline = documents(JSON.parse(text));
  }

  has(graphic: Graphic): boolean {
    return this.inline[graphic] !== undefined;
  }

  /** The view that the data within the element is of. */
  first(): Graphic {
    return GRAPHICS.find((graphic) => this.has(graphic)) ?? "cascade";
  }

  /** What is wanted; null where nobody can be asked for it. `anew` asks the service even for what was given. */
  async model({ graphic, root, depth, orphans }: Wanted, anew: boolean): Promise<Model | null> {
    const service = this.service;
    if (orphans && service) return orphansModel(await service.orphans());
    const given = this.inline[graphic];
    if (given !== undefined && !anew) {
      const model = modelOf(graphic, given);
      // the data within the element is about one root; for another one the service is asked
      if (!service || root === null || model.items.has(root)) {
        if (service) delete this.inline[graphic]; // it has been shown, and grows old
        return model;
      }
    }
    if (!service) return null;
    if (graphic === "org") {
      const told = await service.org(root, depth ?? DEPTH + 1);
      if (!told) throw new Refused(`No person or team has the id ${root}.`, "NOT_FOUND");
      return modelOf("org", told);
    }
    if (root === null) return this.forest(service);
    const told = graphic === "ladder" ? await service.ladder(root) : await service.cascade(root, depth ?? DEPTH);
    if (!told) throw new Refused(`No goal has the id ${root}.`, "NOT_FOUND");
    return modelOf(graphic, told);
  }

  /** Without a root: the goals of the first level, with what is right under them. */
  private async forest(service: Service): Promise<Model> {
    await this.learnLevels();
    const whole: Model = {
      kind: "cascade", roots: [], items: new Map(), links: [], path: [], hidden: 0, truncated: false,
    };
    for (const id of await service.ofLevel(this.levels[0], MOST_TOPS)) {
      if (whole.items.has(id)) continue;
      const told = await service.cascade(id, 1);
      if (!told) continue;
      const one = cascadeModel(told);
      whole.roots.push(id);
      for (const [id, item] of one.items) if (!whole.items.has(id)) whole.items.set(id, item);
      whole.links.push(...one.links);
      whole.hidden += one.hidden;
    }
    return whole;
  }

  async learnLevels(): Promise<void> {
    if (!this.levels.length && this.service) this.levels = await this.service.levels();
  }

  /** Learns which periods lie within which, once; whether there is anything new by that. No part of an embed token's. */
  async learnPeriods(): Promise<boolean> {
    if (this.periodsKnown || !this.service || this.service.embed) return false;
    this.periodsKnown = true;
    this.periods = await this.service.periods();
    return this.periods.size > 0;
  }

  /** Fetches what lies right under a goal. */
  async below(model: Model, item: Item): Promise<void> {
    if (!this.service || model.kind !== "cascade" || !item.goal) return;
    const told = await this.service.cascade(item.id, 1);
    if (told) addBelow(model, told);
  }

  /**
   * Fetches the way down to a goal that the model does not hold yet. True once it does; else the top that it lies
   * under, or null where there is none.
   */
  async wayTo(model: Model, id: string): Promise<true | string | null> {
    const path = (await this.service?.pathTo(id)) ?? [];
    let known = path.findLastIndex((above) => model.items.has(above));
    if (known < 0) return path[0] ?? null;
    for (; known < path.length - 1; known++) {
      const item = model.items.get(path[known]!);
      if (item) await this.below(model, item);
    }
    return model.items.has(id) ? true : null;
  }
}
