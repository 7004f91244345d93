// What the chart knows: goals and owners as the service tells of them, and where they hang. The documents that are read
// here are those that the service writes as JSON, and what its GraphQL answers: the same words in both.

export type Graphic = "cascade" | "ladder" | "org";
export type Tone = "good" | "warn" | "bad" | "calm";

export interface Owner {
  __typename: "Person" | "Team";
  id: string;
  name: string;
  active: boolean;
  jobTitle?: string | null;
}

export interface Goal {
  __typename: "Objective" | "KeyResult";
  id: string;
  title: string;
  state: string;
  status: string;
  progress: {
    value: number | null;
    raw?: number | null;
    expected: number | null;
    coverage: number;
    confidence?: number | null;
  };
  owner: Owner | null;
  startsOn: string | null;
  endsOn: string | null;
  level?: string | null;
  period?: { id: string; title?: string } | null;
  /** The objective of a key result, where it is known: its level is that of the key result, and its period too. */
  objective?: Goal | null;
}

/** What an audit has found. */
export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  advice: string;
}

export type Severity = "ERROR" | "WARNING" | "INFO";

/** How many findings there are about something, and how grave the gravest is. */
export interface Badge {
  many: number;
  gravest: Severity;
}

/** A goal whose numbers a revision has moved; `after` is null where it was removed. */
export interface Moved {
  goal: { id: string };
  after: { value: number | null; coverage: number; confidence: number | null; status: string } | null;
}

export interface Link {
  from: string;
  to: string;
  kind: string;
  weight: number;
  share: number | null;
  primary?: boolean;
}

export interface CascadeDocument {
  root: { id: string };
  nodes: { goal: Goal; depth: number; primaryParent: string | null; hidden: number }[];
  edges: Link[];
  hidden: number;
  truncated: boolean;
}

export interface Rung {
  goal: Goal;
  keyResults: Goal[];
  kind: string | null;
  weight: number | null;
  share: number | null;
}

export interface LadderDocument {
  goal: { id: string };
  path: Rung[];
  nodes: Goal[];
  edges: Link[];
  truncated: boolean;
}

export interface OrgDocument {
  root: { id: string } | null;
  nodes: {
    owner: Owner;
    depth: number;
    reportsTo: string | null;
    dottedTo: string[];
    goals: Goal[];
    progress: number | null;
    hidden: number;
  }[];
  hidden: number;
  truncated: boolean;
}

export interface OrphansDocument {
  orphans: { objective: Goal; kind: string; reason: string }[];
  totalCount: number;
}

/** One card: a goal, or an owner with goals. `children` are those that are known, `hidden` counts the others. */
export interface Item {
  id: string;
  goal?: Goal;
  owner?: Owner;
  goals: Goal[];
  progress: number | null;
  parent: string | null;
  children: string[];
  further: string[];
  hidden: number;
  depth: number;
  note?: string;
  badge?: Badge | null;
  rung?: Rung;
  keyResults: Goal[];
}

export interface Model {
  kind: Graphic;
  roots: string[];
  items: Map<string, Item>;
  links: Link[];
  /** For ladders: the ids of the primary path, top first. */
  path: string[];
  hidden: number;
  truncated: boolean;
}

const blank = (id: string, depth: number): Item => ({
  id, goals: [], progress: null, parent: null, children: [], further: [], hidden: 0, depth, keyResults: [],
});

/** Everything under a goal, as a tree on primary parents. */
export function cascadeModel(told: CascadeDocument): Model {
  const items = new Map<string, Item>();
  for (const node of told.nodes) {
    const item = blank(node.goal.id, node.depth);
    item.goal = node.goal;
    item.parent = node.primaryParent;
    item.hidden = node.hidden;
    items.set(item.id, item);
  }
  for (const item of items.values()) {
    const above = items.get(item.parent ?? "");
    above?.children.push(item.id);
    if (above?.goal && item.goal?.__typename === "KeyResult") item.goal.objective = above.goal;
  }
  for (const link of told.edges) {
    const item = items.get(link.from);
    if (item && link.kind === "PARENT" && link.to !== item.parent) item.further.push(link.to);
  }
  return {
    kind: "cascade", roots: [told.root.id], items, links: told.edges, path: [], hidden: told.hidden,
    truncated: told.truncated,
  };
}

/** Adds what lies right under a goal; ids of what is new. */
export function addBelow(model: Model, told: CascadeDocument): string[] {
  const added = cascadeModel(told);
  const top = model.items.get(told.root.id);
  if (!top) return [];
  const found: string[] = [];
  for (const item of added.items.values()) {
    const known = model.items.get(item.id);
    if (known) {
      known.hidden = Math.min(known.hidden || item.hidden, item.hidden);
      continue;
    }
    item.depth += top.depth;
    item.children = [];
    model.items.set(item.id, item);
    if (item.parent !== null) model.items.get(item.parent)?.children.push(item.id);
    found.push(item.id);
  }
  model.links.push(...told.edges.filter((link) => found.includes(link.from)));
  top.hidden = added.items.get(top.id)?.hidden ?? 0;
  return found;
}

/** The way up from a goal, its primary path with the key results of each rung. */
export function ladderModel(told: LadderDocument): Model {
  const items = new Map<string, Item>();
  for (const goal of told.nodes) {
    const item = blank(goal.id, 0);
    item.goal = goal;
    items.set(goal.id, item);
  }
  told.path.forEach((rung, place) => {
    const item = items.get(rung.goal.id);
    if (!item) return;
    item.rung = rung;
    item.keyResults = rung.keyResults;
    for (const one of rung.keyResults) one.objective = rung.goal;
    item.parent = told.path[place - 1]?.goal.id ?? null;
    if (item.parent !== null) items.get(item.parent)?.children.push(item.id);
  });
  for (const link of told.edges) {
    const item = items.get(link.from);
    if (item && link.to !== item.parent) item.further.push(link.to);
  }
  return {
    kind: "ladder", roots: [told.path[0]?.goal.id ?? told.goal.id], items, links: told.edges,
    path: told.path.map((rung) => rung.goal.id), hidden: 0, truncated: told.truncated,
  };
}

/** People or teams by the line they report along. */
export function orgModel(told: OrgDocument): Model {
  const items = new Map<string, Item>();
  for (const node of told.nodes) {
    const item = blank(node.owner.id, node.depth);
    Object.assign(item, {
      owner: node.owner, goals: node.goals, progress: node.progress, parent: node.reportsTo, further: node.dottedTo,
      hidden: node.hidden,
    });
    items.set(item.id, item);
  }
  for (const item of items.values()) {
    if (item.parent !== null) items.get(item.parent)?.children.push(item.id);
    // what is hidden below children that are shown is theirs to show
    if (item.children.length) item.hidden = 0;
  }
  const roots = [...items.values()].filter((item) => item.parent === null).map((item) => item.id);
  return { kind: "org", roots, items, links: [], path: [], hidden: told.hidden, truncated: told.truncated };
}

/** Orphans beside each other, each with its reason. */
export function orphansModel(told: OrphansDocument): Model {
  const items = new Map<string, Item>();
  for (const orphan of told.orphans) {
    const item = blank(orphan.objective.id, 0);
    item.goal = orphan.objective;
    item.note = orphan.reason;
    items.set(item.id, item);
  }
  return {
    kind: "cascade", roots: [...items.keys()], items, links: [], path: [],
    hidden: told.totalCount - items.size, truncated: told.totalCount > items.size,
  };
}

/** How many cards there are under one: those that are known, and those that are not. */
export function under(items: Map<string, Item>, item: Item): number {
  return item.children.reduce((many, id) => many + 1 + under(items, items.get(id)!), 0) || item.hidden;
}

/** Which views a document holds: one answer of the service, or several under the names of their views. */
export function documents(read: unknown): Partial<Record<Graphic, unknown>> {
  if (typeof read !== "object" || read === null) throw new Error("the data is no JSON object");
  if ("path" in read) return { ladder: read };
  if ("nodes" in read) {
    const nodes = (read as { nodes: object[] }).nodes;
    if (!Array.isArray(nodes)) throw new Error("the nodes of the data are no list");
    return nodes.some((node) => "owner" in node && !("goal" in node)) || !nodes.length ? { org: read } : { cascade: read };
  }
  if ("cascade" in read || "ladder" in read || "org" in read) return read;
  throw new Error("the data is no cascade, ladder or organization chart");
}

/** The model of one view of a document. */
export function modelOf(view: Graphic, told: unknown): Model {
  if (view === "ladder") return ladderModel(told as LadderDocument);
  return view === "org" ? orgModel(told as OrgDocument) : cascadeModel(told as CascadeDocument);
}

/** All goals of a model, those that owners own and rungs list among them. */
export function goalsOf(model: Model): Goal[] {
  return [...model.items.values()].flatMap((item) => [...(item.goal ? [item.goal] : []), ...item.goals, ...item.keyResults]);
}

/** Takes what moved into a model; whether any of it is there. */
export function take(model: Model, changed: Moved[]): boolean {
  const after = new Map(changed.map((one) => [one.goal.id, one.after]));
  const takes = (goal: Goal): boolean => {
    const now = after.get(goal.id);
    if (!now) return false;
    Object.assign(goal.progress, { value: now.value, coverage: now.coverage, confidence: now.confidence });
    goal.status = now.status;
    return true;
  };
  let touched = false;
  for (const item of model.items.values()) {
    const moved = [...(item.goal ? [item.goal] : []), ...item.goals, ...item.keyResults].filter(takes);
    if (!moved.length) continue;
    touched = true;
    if (!item.owner) continue;
    const values = item.goals.map((goal) => goal.progress.value).filter((value) => value !== null);
    item.progress = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  }
  return touched;
}

const TONES: Record<string, Tone> = {
  ON_TRACK: "good", ACHIEVED: "good", BEHIND: "warn", AT_RISK: "bad", OVERDUE: "bad",
};

/** The tone of a status; it goes with the word, never instead of it. */
export const toneOf = (status: string): Tone => TONES[status] ?? "calm";

/** The tone of a finding. */
export const toneOfFinding = (severity: Severity): Tone =>
  severity === "ERROR" ? "bad" : severity === "WARNING" ? "warn" : "calm";

/** A badge in words: "2 findings". */
export const found = ({ many }: Badge): string => `${many} finding${many === 1 ? "" : "s"}`;

/** A word of the domain for people: "on track". */
export const words = (name: string): string => name.toLowerCase().replaceAll("_", " ");

/** A share in percent; only nothing is 0 %, and only the whole is 100 %. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return "–";
  const number = Math.round(share * 100);
  if (number === 0 && Math.abs(share) > 1e-9) return share > 0 ? "<1 %" : ">-1 %";
  if (number === 100 && Math.abs(share - 1) > 1e-9) return share < 1 ? ">99 %" : ">100 %";
  return `${number} %`;
}

/** One or two letters for a name. */
export function initials(name: string): string {
  const found = name.split(/\s+/).map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0]).filter((letter) => letter !== undefined);
  const first = (found[0] ?? "?").toLocaleUpperCase();
  if (found.length < 2 || /[\u2e80-\u9fff\uac00-\ud7af]/u.test(first)) return first;
  return first + found.at(-1)!.toLocaleUpperCase();
}

/** Letters that hide or turn others become visible as their numbers. */
export const clean = (text: string): string =>
  text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`);

/** The name that a card goes by. */
export const nameOf = (item: Item): string => clean(item.goal?.title ?? item.owner?.name ?? item.id);

/** All that a card says, for a pointer that rests on it and for who listens. */
export function told(goal: Goal): string {
  const parts = [clean(goal.title), `${percent(goal.progress.value)}, ${words(goal.status)}`];
  if (goal.progress.expected !== null) parts.push(`expected ${percent(goal.progress.expected)}`);
  if (goal.progress.value !== null && goal.progress.coverage < 1 - 1e-9)
    parts.push(`${percent(goal.progress.coverage)} measured`);
  parts.push(goal.owner ? clean(goal.owner.name) : "no owner");
  return parts.join(" · ");
}
