// How many findings each goal and owner has. They are asked for once the picture stands, so that it need not wait for an audit.
import { type Badge, goalsOf, type Model } from "./model.js";
import type { Service } from "./service.js";

const TOGETHER = 500;
const PAUSE = 1500;

export class Badges {
  private readonly known = new Map<string, Badge | null>();
  private readonly waiting = new Set<string>();
  private number = 0;

  constructor(private readonly learned: () => void) {}

  /** Puts what is known already into a model, and asks for all that is in it: `anew` for what is known as well. */
  async learn(service: Service, model: Model, anew: boolean): Promise<void> {
    const number = ++this.number;
    this.put(model);
    const ids = [...idsOf(model)].filter((id) => anew || !this.known.has(id));
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

  /** Asks again for what has moved: soon, and for all that move until then together. */
  soon(service: Service, model: Model, ids: Iterable<string>): void {
    const asked = this.waiting.size > 0;
    const here = idsOf(model);
    for (const id of ids) if (here.has(id)) this.waiting.add(id);
    if (asked || !this.waiting.size) return;
    setTimeout(() => {
      for (const id of this.waiting) this.known.delete(id);
      this.waiting.clear();
      void this.learn(service, model, false);
    }, PAUSE);
  }

  private put(model: Model): boolean {
    let changed = false;
    for (const one of [...model.items.values(), ...goalsOf(model)]) {
      const badge = this.known.has(one.id) ? (this.known.get(one.id) ?? null) : (one.badge ?? null);
      if (badge?.many === one.badge?.many && badge?.gravest === one.badge?.gravest) continue;
      one.badge = badge;
      changed = true;
    }
    return changed;
  }
}

const idsOf = (model: Model): Set<string> => new Set([...model.items.keys(), ...goalsOf(model).map((goal) => goal.id)]);
