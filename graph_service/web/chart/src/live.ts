// Following the service: by its stream of events where it has one, by asking for its revision where it has none, and not
// at all while nobody looks.
import type { Moved } from "./model.js";
import type { Service } from "./service.js";

const POLL = 10_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** What changes numbers and nothing else of a chart; after anything else it is fetched anew. */
const NUMBERS = new Set(["checkInKeyResult", "checkInObjective", "completeMilestone"]);

export interface Heard {
  moved(changed: Moved[]): void;
  stale(): void;
  following(on: boolean): void;
}

export class Live {
  private stopping: AbortController | null = null;

  start(service: Service, heard: Heard): void {
    this.stop();
    const stopping = (this.stopping = new AbortController());
    void this.run(service, heard, stopping.signal);
  }

  stop(): void {
    this.stopping?.abort();
    this.stopping = null;
  }

  private async run(service: Service, heard: Heard, signal: AbortSignal): Promise<void> {
    let wait = FIRST_WAIT;
    let known: number | null = null;
    await seen(signal);
    let streams = true;
    while (!signal.aborted) {
      await seen(signal);
      if (signal.aborted) return;
      try {
        const revision = await service.revision();
        if (known !== null && revision !== known) heard.stale();
        known = revision;
        if (streams) {
          const begun = performance.now();
          heard.following(true);
          streams = await service.follow(revision, (event) => {
            known = event.revision;
            const whole = event.changedCount <= event.changed.length && event.changes.every(({ kind }) => NUMBERS.has(kind));
            if (whole) heard.moved(event.changed);
            else heard.stale();
          }, signal);
          if (performance.now() - begun > 30_000) wait = FIRST_WAIT;
        } else {
          wait = POLL;
        }
      } catch {
        if (signal.aborted) return;
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
      heard.following(false);
      if (!signal.aborted) await pause(streams ? wait : POLL, signal);
    }
  }
}

/** Resolves when the page is looked at. */
function seen(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
