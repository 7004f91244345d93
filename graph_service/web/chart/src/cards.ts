// The cards of a picture as SVG elements. Letters are set as text nodes, so that they stay letters.
import type { Goal, Item, Tone } from "./model.js";
import { clean, found, initials, nameOf, percent, toneOf, toneOfFinding, told, words } from "./model.js";
import { cut, room, twoLines } from "./text.js";

export const WIDTH = 264;
export const HEIGHT = 98;
export const OWNER_HEIGHT = 122;
export const ROW = 24;
const INNER = 14;
const BAR = 96;
const SIGNS: Record<Tone, string> = {
  good: "M2 6.5l3 3 5-6.5",
  warn: "M6 2v5M6 9.9v.1M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  bad: "M6 1l5.2 9.5H.8zM6 4.5v2.7M6 8.9v.1",
  calm: "M2.5 6h7",
};
const NS = "http://www.w3.org/2000/svg";

/** How much of a card is drawn: all of it, or only what can be read from afar. */
export type Detail = "full" | "plain";

type Attributes = Record<string, string | number>;

export function s(tag: string, attributes: Attributes = {}, ...inner: (Node | string)[]): SVGElement {
  const made = document.createElementNS(NS, tag);
  for (const name in attributes) made.setAttribute(name, String(attributes[name]));
  made.append(...inner);
  return made;
}

const line = (kind: string, x: number, y: number, said: string, anchor?: string): SVGElement =>
  s("text", anchor ? { class: kind, x, y, "text-anchor": anchor } : { class: kind, x, y }, said);

const sign = (x: number, y: number, tone: Tone): SVGElement =>
  s("path", { class: `sign ${tone}-line`, transform: `translate(${x} ${y})`, d: SIGNS[tone] });

function bar(x: number, y: number, width: number, goal: Goal): SVGElement[] {
  const { value, expected } = goal.progress;
  const drawn = [s("rect", { class: "rest", x, y, width, height: 6, rx: 3 })];
  const done = width * Math.min(1, Math.max(0, value ?? 0));
  if (done >= 0.05)
    drawn.push(s("rect", { class: `done ${toneOf(goal.status)}`, x, y, width: done, height: 6, rx: Math.min(3, done / 2) }));
  if (expected !== null)
    drawn.push(s("rect", { class: "mark", x: x + width * expected - 1, y: y - 3, width: 2, height: 12 }));
  return drawn;
}

const kindSign = (goal: Goal, x: number, y: number, level?: number): SVGElement => {
  const colour = level === undefined || level < 0 ? "" : ` level-${level % 5}`;
  return goal.__typename === "Objective"
    ? s("circle", { class: `ink${colour}`, cx: x, cy: y, r: 4 })
    : s("circle", { class: "sign calm-line", cx: x, cy: y, r: 3.4 });
};

/** How high a card is. */
export const heightOf = (item: Item): number =>
  item.owner ? OWNER_HEIGHT : HEIGHT + (item.keyResults.length ? Math.min(item.keyResults.length, 12) * ROW + 12 : 0);

interface Chip {
  /** What it says, and what where there is little room. */
  said: string;
  short?: string;
  act?: string;
  tone?: Tone;
}

/** What stands in short beside the owner of a goal, what matters most last. */
function chips(item: Item): Chip[] {
  const chips: Chip[] = [];
  const goal = item.goal!;
  if (goal.progress.value !== null && goal.progress.coverage < 1 - 1e-9)
    chips.push({ said: `${percent(goal.progress.coverage)} measured` });
  if (item.badge)
    chips.push({ said: found(item.badge), short: `! ${item.badge.many}`, tone: toneOfFinding(item.badge.gravest) });
  if (item.further.length) chips.push({ said: `+${item.further.length} up`, act: "up" });
  return chips;
}

/** The elements of a card, at (0, 0). `levels` are the levels of the workspace, whose colours owners' goals take. */
export function card(item: Item, detail: Detail, levels: string[], keyResult?: string): SVGElement[] {
  return item.owner ? ownerCard(item, detail, levels) : goalCard(item, detail, keyResult);
}

const badge = (item: Item): string =>
  item.badge ? `${found(item.badge)}, the gravest: ${words(item.badge.gravest)}` : "";

function goalCard(item: Item, detail: Detail, way?: string): SVGElement[] {
  const goal = item.goal!;
  const tone = toneOf(goal.status);
  const high = heightOf(item);
  const level = item.rung ? [line("quiet", 2, -7, goal.level ?? (goal.__typename === "Objective" ? "objective" : "key result"))] : [];
  const drawn = [
    s("title", {}, [told(goal), item.note, badge(item)].filter(Boolean).join(" · ")),
    s("rect", { class: "card", width: WIDTH, height: high, rx: goal.__typename === "Objective" ? 8 : 16 }),
    s("rect", { class: tone, x: 0, y: 16, width: 4, height: high - 32, rx: 2 }),
    kindSign(goal, INNER + 5, 21),
    ...level,
  ];
  twoLines(clean(goal.title), WIDTH - 2 * INNER - 16, 13, 600).forEach((text, number) =>
    drawn.push(line("t ink", INNER + 16, 25 + 17 * number, text)));
  if (detail === "plain") return [...drawn, ...bar(INNER, 79, WIDTH - 2 * INNER, goal)];
  let right = WIDTH - INNER;
  const few = chips(item).reverse();
  const least = INNER + 100;
  const tight = few.reduce((at, { said }) => at - room(said, 11) - 16, right) + 4 < least;
  for (const { said, short, act, tone } of few) {
    const text = tight && short ? short : said;
    const wide = room(text, 11) + 12;
    if (right - wide < least) break;
    right -= wide;
    drawn.push(
      s("g", act ? { class: "chip-of", "data-act": act } : {},
        s("rect", { class: tone ? `chip ${tone}-line` : "chip", x: right, y: 51, width: wide, height: 17, rx: 8.5 }),
        line(tone && tone !== "calm" ? tone : "quiet", right + 6, 63.5, text)),
    );
    right -= 4;
  }
  drawn.push(...owner(goal.owner ? clean(goal.owner.name) : "", INNER, 63, right - INNER - 6));
  drawn.push(...numbers(INNER, 86, goal, BAR));
  item.keyResults.slice(0, 12).forEach((one, place) => {
    const y = HEIGHT + 4 + place * ROW;
    const row = s("g", { class: "row", "data-goal": one.id }, s("title", {}, told(one)));
    row.append(s("rect", { class: one.id === way ? "row-back way" : "row-back", x: 6, y, width: WIDTH - 12, height: ROW, rx: 5 }));
    row.append(kindSign(one, INNER + 5, y + 12));
    row.append(line("ink", INNER + 16, y + 16, cut(clean(one.title), WIDTH - 2 * INNER - 104, 11)));
    row.append(sign(WIDTH - INNER - 84, y + 6, toneOf(one.status)), ...bar(WIDTH - INNER - 68, y + 9, 34, one));
    row.append(line("quiet n", WIDTH - INNER, y + 16, percent(one.progress.value), "end"));
    drawn.push(row);
  });
  return drawn;
}

function owner(name: string, x: number, y: number, width: number): SVGElement[] {
  if (!name) return [line("bad", x, y, "no owner")];
  return [
    s("circle", { class: "rest", cx: x + 9, cy: y - 4, r: 9 }),
    line("i ink", x + 9, y - 0.7, initials(name), "middle"),
    line("quiet", x + 24, y, cut(name, width - 24, 11)),
  ];
}

function numbers(x: number, y: number, goal: Goal, width: number): SVGElement[] {
  const tone = toneOf(goal.status);
  return [
    ...bar(x, y - 7, width, goal),
    line("n ink", x + width + 46, y, percent(goal.progress.value), "end"),
    sign(x + width + 56, y - 10, tone),
    line(tone, x + width + 72, y, words(goal.status)),
  ];
}

function ownerCard(item: Item, detail: Detail, levels: string[]): SVGElement[] {
  const owner = item.owner!;
  const name = nameOf(item);
  const person = owner.__typename === "Person";
  const about = [person ? clean(owner.jobTitle ?? "") : "team", person && !owner.active ? "left" : ""].filter(Boolean);
  const whole = [name, ...about, `${item.goals.length} goals`, ...item.goals.map(told), badge(item)].filter(Boolean);
  const drawn = [
    s("title", {}, whole.join("\n")),
    s("rect", { class: "card", width: WIDTH, height: OWNER_HEIGHT, rx: person ? 16 : 8 }),
    s("circle", { class: "rest", cx: INNER + 15, cy: 27, r: 15 }),
    line("s ink", INNER + 15, 31, initials(name), "middle"),
    line("t ink", INNER + 38, 25, cut(name, WIDTH - 2 * INNER - 84, 13, 600)),
  ];
  if (item.progress !== null) drawn.push(line("n ink", WIDTH - INNER, 25, percent(item.progress), "end"));
  if (detail === "plain") return drawn;
  const noted = item.badge ? found(item.badge) : "";
  const tone = item.badge && toneOfFinding(item.badge.gravest);
  if (noted) drawn.push(line(tone === "calm" ? "quiet" : tone!, WIDTH - INNER, 41, noted, "end"));
  drawn.push(line("quiet", INNER + 38, 41, cut(about.join(", "), WIDTH - 2 * INNER - 38 - (noted ? room(noted, 11) + 8 : 0), 11)));
  const shown = item.goals.slice(0, item.goals.length <= 3 ? 3 : 2);
  shown.forEach((goal, number) => {
    const y = 62 + 18 * number;
    drawn.push(
      kindSign(goal, INNER + 4, y - 4, goal.level ? levels.indexOf(goal.level) : undefined),
      line("ink", INNER + 14, y, cut(clean(goal.title), WIDTH - 2 * INNER - 80, 11)),
      sign(WIDTH - INNER - 62, y - 10, toneOf(goal.status)),
      ...bar(WIDTH - INNER - 44, y - 7, 44, goal),
    );
  });
  const rest = item.goals.length > shown.length ? `${item.goals.length - shown.length} more goals` : "";
  const said = item.goals.length ? rest : "no goals of their own";
  if (said) drawn.push(line("quiet", INNER + 14, 62 + 18 * shown.length, said));
  return drawn;
}
