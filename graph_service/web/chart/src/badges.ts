// How many findings each card has. They are asked for once the picture stands, so that it need not wait for an audit.
import type { Badge, Model } from "./model.js";
import type { Service } from "./service.js";

const TOGETHER = 500;
const PAUSE = 1500;

export class Badges {
  private readonly known = new Map<string, Badge | null>();
  private readonly waiting = new Set<string>();
  private number = 0;

  constructor(private readonly learned: () => void) {}

  /** Puts what is known already on the cards of a model, and asks for all of them: `anew` for those as well. */
  async learn(service: Service, model: Model, anew: boolean): Promise<void> {
    const number = ++this.number;
    this.put(model);
    const ids = [...model.items.keys()].filter((id) => anew || !this.known.has(id));
    for (let at = 0; at < ids.length; at += TOGETHER) {
      try {
        const some = ids.slice(at, at + TOGETHER);
        const found = await service.badges(some);
        for (const id of some) this.known.set(id, found.get(id) ?? null);
      } catch {
        return; // a picture without them is one all the same
      }
      if (number !== this.number) return;
    }
    if (this.put(model)) this.learned();
  }

  /** Asks again for cards that have moved: soon, and for all that move until then together. */
  soon(service: Service, model: Model, ids: Iterable<string>): void {
    const asked = this.waiting.size > 0;
    for (const id of ids) this.waiting.add(id);
    if (asked || !this.waiting.size) return;
    setTimeout(() => {
      for (const id of this.waiting) this.known.delete(id);
      this.waiting.clear();
      void this.learn(service, model, false);
    }, PAUSE);
  }

  private put(model: Model): boolean {
    let changed = false;
    for (const item of model.items.values()) {
      const badge = this.known.has(item.id) ? (this.known.get(item.id) ?? null) : (item.badge ?? null);
      if (badge?.many === item.badge?.many && badge?.gravest === item.badge?.gravest) continue;
      item.badge = badge;
      changed = true;
    }
    return changed;
  }
}
