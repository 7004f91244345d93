// Where the cards of a tree stand. The tidy tree itself is d3's; here stands how it is kept compact: children that have
// none themselves are stacked in a block under their parent. A block is handed to d3 as a chain of rows, so that its
// outline counts row by row and what stands beside it may come as close as the open branch lets it.
import { hierarchy, tree } from "d3-hierarchy";

export interface Grid {
  width: number;
  height: number;
}

export interface Place {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Laid {
  places: Map<string, Place>;
  /** Columns of leaves by their parent. */
  blocks: Map<string, string[][]>;
  width: number;
  height: number;
}

const BESIDE = 28;
export const BELOW = 42;
const STACKED = 14;
export const INDENT = 16;
const FLATNESS = 0.6;
/** Tops with nothing under them stand beside each other; more of them in a block, as what has one parent does. */
const IN_A_ROW = 6;

interface Box {
  id?: string;
  columns?: string[][];
  width: number;
  boxes: Box[];
}

export function columnsOf(leaves: number): number {
  return Math.max(1, Math.round(Math.sqrt(leaves * FLATNESS)));
}

/** The places of a forest. `children` gives those of a place that are open. */
export function tidy(roots: string[], children: (id: string) => string[], grid: Grid): Laid {
  const pitch = grid.height + BELOW;
  const blocks = new Map<string, string[][]>();
  const boxOf = (id: string): Box => ({ id, width: grid.width, boxes: [] });
  const loose = roots.filter((id) => !children(id).length);
  const crowd = loose.length > IN_A_ROW;
  const top: Box = { width: 0, boxes: roots.filter((id) => !crowd || children(id).length).map(boxOf) };
  const waiting = [...top.boxes];
  if (crowd) top.boxes.push(block(null, loose));
  while (waiting.length) {
    const box = waiting.pop()!;
    const leaves: string[] = [];
    const inner: string[] = [];
    for (const child of children(box.id!)) (children(child).length ? inner : leaves).push(child);
    if (leaves.length) box.boxes.push(block(box.id!, leaves));
    for (const child of inner) {
      const below = boxOf(child);
      box.boxes.push(below);
      waiting.push(below);
    }
  }

  function block(parent: string | null, leaves: string[]): Box {
    const deep = Math.ceil(leaves.length / columnsOf(leaves.length));
    const columns: string[][] = [];
    for (let start = 0; start < leaves.length; start += deep) columns.push(leaves.slice(start, start + deep));
    if (parent !== null) blocks.set(parent, columns);
    const width = columns.length * (grid.width + INDENT) + (columns.length - 1) * (STACKED - INDENT / 2);
    const first: Box = { columns, width, boxes: [] };
    let last = first;
    const rows = Math.ceil((deep * (grid.height + STACKED)) / pitch);
    for (let row = 1; row < rows; row++) {
      const next: Box = { width, boxes: [] };
      last.boxes.push(next);
      last = next;
    }
    return first;
  }

  const laid = tree<Box>()
    .nodeSize([1, 1])
    .separation((one, other) => (one.data.width + other.data.width) / 2 + BESIDE)(hierarchy(top, (box) => box.boxes));
  const places = new Map<string, Place>();
  let left = Infinity;
  let right = -Infinity;
  let bottom = 0;
  const put = (id: string, x: number, y: number) => {
    places.set(id, { id, x, y, width: grid.width, height: grid.height });
    left = Math.min(left, x);
    right = Math.max(right, x + grid.width);
    bottom = Math.max(bottom, y + grid.height);
  };
  laid.each((node) => {
    const y = (node.depth - 1) * pitch;
    const { id, columns, width } = node.data;
    if (id !== undefined) put(id, node.x - grid.width / 2, y);
    if (!columns) return;
    const step = columns.length > 1 ? (width - grid.width - INDENT) / (columns.length - 1) : 0;
    columns.forEach((column, at) => {
      const x = node.x - width / 2 + at * step + INDENT;
      column.forEach((leaf, row) => put(leaf, x, y + row * (grid.height + STACKED)));
    });
  });
  if (left === Infinity) return { places, blocks, width: 0, height: 0 };
  for (const place of places.values()) place.x -= left;
  return { places, blocks, width: right - left, height: bottom };
}
