// Lays ladders out in a worker, so that the page stays alive meanwhile; here in the page where there can be no worker: a
// page from a file, or one of another origin.
import type { LayeredAnswer, LayeredGraph } from "./layered.js";

const PATIENCE = 3000;

export class Layers {
  private worker: Promise<Worker | null> | null = null;
  private number = 0;

  async lay(graph: LayeredGraph): Promise<LayeredAnswer> {
    const worker = graph.nodes.length > 12 ? await (this.worker ??= start()) : null;
    if (!worker) return (await import("./layered.js")).layered(graph);
    const number = ++this.number;
    return new Promise((resolve) => {
      const heard = (event: MessageEvent) => {
        if (event.data.number !== number) return;
        worker.removeEventListener("message", heard);
        resolve(event.data.laid);
      };
      worker.addEventListener("message", heard);
      worker.postMessage({ number, graph });
    });
  }

  stop(): void {
    void this.worker?.then((worker) => worker?.terminate());
    this.worker = null;
  }
}

function start(): Promise<Worker | null> {
  const address = new URL(import.meta.url);
  if (!address.protocol.startsWith("http") || address.origin !== location.origin || !address.pathname.endsWith(".js"))
    return Promise.resolve(null);
  return new Promise((resolve) => {
    try {
      const worker = new Worker(address, { type: "module" });
      const late = setTimeout(() => resolve(null), PATIENCE);
      worker.addEventListener("message", () => (clearTimeout(late), resolve(worker)), { once: true });
      worker.addEventListener("error", () => (clearTimeout(late), resolve(null)), { once: true });
    } catch {
      resolve(null);
    }
  });
}
