// Searching: what is loaded at once, and what the service finds a moment later.
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { clean, type Model, nameOf } from "./model.js";
import type { Service } from "./service.js";

const MOST = 20;
const PAUSE = 150;

interface Hit {
  id: string;
  title: string;
}

export interface Searched {
  readonly model: Model | null;
  readonly service: Service | null;
  taken(id: string): void;
}

export class Search implements ReactiveController {
  private hits: Hit[] | null = null;
  private at = -1;
  private asking: AbortController | null = null;

  constructor(private readonly host: ReactiveControllerHost & Searched) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.asking?.abort();
    this.hits = null;
  }

  private show(hits: Hit[] | null, at = this.at): void {
    this.hits = hits;
    this.at = hits?.length ? Math.max(0, Math.min(at, hits.length - 1)) : -1;
    this.host.requestUpdate();
  }

  private async look(text: string): Promise<void> {
    this.asking?.abort();
    const wanted = text.trim();
    if (!wanted) {
      this.show(null);
      return;
    }
    const asking = (this.asking = new AbortController());
    const found = this.loaded(wanted.toLocaleLowerCase());
    this.show(found, 0);
    const { service, model } = this.host;
    if (!service) return;
    try {
      await new Promise((later) => setTimeout(later, PAUSE));
      if (asking.signal.aborted) return;
      const more = await service.search(wanted, asking.signal);
      if (asking.signal.aborted) return;
      const known = new Set(found.map((hit) => hit.id));
      const kinds = ["Objective", "KeyResult", ...(model?.kind === "org" ? ["Person", "Team"] : [])];
      const further = more.filter((hit) => kinds.includes(hit.kind) && !known.has(hit.id));
      this.show([...found, ...further.map(({ id, title }) => ({ id, title: clean(title) }))]);
    } catch {
      // what is loaded was searched
    }
  }

  private loaded(folded: string): Hit[] {
    const found: Hit[] = [];
    for (const item of this.host.model?.items.values() ?? []) {
      if (found.length >= MOST) break;
      const title = nameOf(item);
      const owner = item.goal?.owner?.name.toLocaleLowerCase();
      if (title.toLocaleLowerCase().includes(folded) || owner?.includes(folded)) found.push({ id: item.id, title });
    }
    return found;
  }

  private keyed(event: KeyboardEvent): void {
    const hits = this.hits;
    if (!hits) return;
    const many = hits.length;
    if (event.key === "ArrowDown" && many) this.show(hits, (this.at + 1) % many);
    else if (event.key === "ArrowUp" && many) this.show(hits, (this.at - 1 + many) % many);
    else if (event.key === "Enter" && hits[this.at]) this.take(hits[this.at]!, event.target as HTMLInputElement);
    else if (event.key === "Escape") this.show(null);
    else return;
    event.preventDefault();
  }

  private take(hit: Hit, input: HTMLInputElement | null | undefined): void {
    if (input) input.value = "";
    this.asking?.abort();
    this.show(null);
    this.host.taken(hit.id);
  }

  render(): TemplateResult {
    const { hits, at } = this;
    return html`<div class="search" part="search">
      <input type="search" role="combobox" placeholder="Search" aria-label="Search goals" autocomplete="off"
        aria-autocomplete="list" aria-expanded=${hits ? "true" : "false"} aria-controls="hits"
        aria-activedescendant=${hits && at >= 0 ? `hit-${at}` : nothing}
        @input=${(event: Event) => void this.look((event.target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => this.keyed(event)} @blur=${() => this.show(null)}>
      <ul class="hits" id="hits" role="listbox" aria-label="Found" ?hidden=${!hits}>${hits?.map((hit, place) => html`
        <li role="option" id="hit-${place}" aria-selected=${place === at ? "true" : "false"}
          @pointerdown=${(event: Event) => {
            event.preventDefault(); // the focus stays in the field
            this.take(hit, (event.target as Element).closest(".search")?.querySelector("input"));
          }}>${hit.title}</li>`)}
        ${hits?.length === 0
          ? html`<li class="none" role="option" aria-selected="false" aria-disabled="true">Nothing found</li>`
          : nothing}</ul>
    </div>`;
  }
}
