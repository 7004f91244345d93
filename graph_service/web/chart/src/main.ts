// One module with two lives: in a page it defines <alignment-chart>, in a worker of its own it lays ladders out.
if (typeof document === "undefined") {
  const { layered } = await import("./layered.js");
  addEventListener("message", (event: MessageEvent) => {
    const { number, graph } = event.data;
    postMessage({ number, laid: layered(graph) });
  });
  postMessage("ready");
} else {
  await import("./element.js");
}

export {};
