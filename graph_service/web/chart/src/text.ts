// Letters in SVG know no ellipsis: they are measured and cut here, in the font that the chart is shown in.
const MORE = "…";
let pen: CanvasRenderingContext2D | null | undefined;
let family = "sans-serif";
const widths = new Map<string, number>();
const cuts = new Map<string, string[]>();

/** The font that is measured from now on. */
export function useFont(name: string): void {
  if (name === family) return;
  family = name;
  widths.clear();
  cuts.clear();
}

export function room(text: string, size: number, weight = 400): number {
  const key = `${size} ${weight} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (pen === undefined) pen = document.createElement("canvas").getContext("2d");
    if (pen) {
      pen.font = `${weight} ${size}px ${family}`;
      width = pen.measureText(text).width;
    } else {
      width = text.length * size * 0.6;
    }
    if (widths.size > 20000) widths.clear();
    widths.set(key, width);
  }
  return width;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A text cut to a width, between whole letters. */
export function cut(text: string, width: number, size: number, weight = 400): string {
  if (room(text, size, weight) <= width) return text;
  const parts = [...letters.segment(text.slice(0, 300))].map((part) => part.segment);
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (room(parts.slice(0, middle).join("").trimEnd() + MORE, size, weight) <= width) low = middle;
    else high = middle - 1;
  }
  return parts.slice(0, low).join("").trimEnd() + MORE;
}

/** A text on at most two lines. */
export function twoLines(text: string, width: number, size: number, weight = 400): string[] {
  const key = `${width} ${size} ${weight} ${text}`;
  let found = cuts.get(key);
  if (found) return found;
  const words = text.slice(0, 400).split(/\s+/).filter(Boolean);
  let line = "";
  let taken = 0;
  for (const word of words) {
    const longer = line ? `${line} ${word}` : word;
    if (room(longer, size, weight) > width) break;
    line = longer;
    taken++;
  }
  if (taken === words.length) {
    found = [line];
  } else if (!taken) {
    const head = cut(words[0]!, width, size, weight).slice(0, -MORE.length);
    const rest = [words[0]!.slice(head.length), ...words.slice(1)].join(" ");
    found = [head, cut(rest, width, size, weight)];
  } else {
    found = [line, cut(words.slice(taken).join(" "), width, size, weight)];
  }
  if (cuts.size > 20000) cuts.clear();
  cuts.set(key, found);
  return found;
}
