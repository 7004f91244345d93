// Ladders as layers: every goal above all that leads to it, several parents and all. Runs in a worker where there is one.
import { Graph, layout } from "@dagrejs/dagre";
import type { Place } from "./tidy.js";

export interface LayeredGraph {
  nodes: { id: string; width: number; height: number }[];
  edges: { from: string; to: string; heavy: boolean }[];
}

export interface LayeredAnswer {
  places: Place[];
  /** For each edge the points that it is drawn through, from the lower goal to the upper one. */
  ways: { from: string; to: string; points: [number, number][] }[];
  width: number;
  height: number;
}

export function layered(graph: LayeredGraph): LayeredAnswer {
  const drawn = new Graph({ multigraph: true });
  drawn.setGraph({ rankdir: "TB", ranksep: 56, nodesep: 32, edgesep: 12, marginx: 0, marginy: 0 });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) drawn.setNode(node.id, { width: node.width, height: node.height });
  graph.edges.forEach((edge, number) =>
    drawn.setEdge(edge.to, edge.from, { weight: edge.heavy ? 12 : 1, minlen: 1 }, String(number)));
  layout(drawn);
  const places = graph.nodes.map(({ id, width, height }) => {
    const at = drawn.node(id) as { x: number; y: number };
    return { id, width, height, x: at.x - width / 2, y: at.y - height / 2 };
  });
  const ways = graph.edges.map((edge, number) => {
    const laid = drawn.edge(edge.to, edge.from, String(number)) as { points: { x: number; y: number }[] };
    return { from: edge.from, to: edge.to, points: laid.points.map((p): [number, number] => [p.x, p.y]).reverse() };
  });
  return {
    places,
    ways,
    width: Math.max(0, ...places.map((place) => place.x + place.width)),
    height: Math.max(0, ...places.map((place) => place.y + place.height)),
  };
}
