// Asking the service: GraphQL over fetch, and its events over the same address as a stream.
import type {
  Badge, CascadeDocument, Finding, Goal, LadderDocument, Link, Moved, OrgDocument, OrphansDocument,
} from "./model.js";

const OWNER = "__typename id name active ... on Person { jobTitle }";
const KEY_RESULT = `__typename id title state status progress { value raw expected coverage confidence }
  owner { ${OWNER} } startsOn endsOn period { id title }`;
const GOAL = `${KEY_RESULT} ... on Objective { level }`;
const OBJECTIVE = `${KEY_RESULT} level`;
const EDGES = "edges { from to kind weight share primary }";

const STEPS = 8;
const FINDINGS = "findings { rule severity message advice }";

interface Above {
  id?: string;
  primaryParent?: Above | null;
}

export interface Details {
  goal: Goal & {
    description: string | null;
    alignmentNote: string | null;
    checkIns: { edges: { node: CheckIn }[] };
    alignedTo: { node: Goal; kind: string; weight: number; share: number | null }[];
    parents?: { node: Goal; kind: string; weight: number; share: number | null }[];
    children?: { node: Goal; kind: string; weight: number; share: number | null }[];
    keyResults?: Goal[];
    objective?: Goal | null;
    value?: number | null;
    baseline?: number | null;
    target?: number | null;
    unit?: string | null;
    measure?: string;
    findings: Finding[];
    explain: { explain: { contributors: Contributor[] } };
  };
}

export interface CheckIn {
  id: string;
  value: number | null;
  confidence: number | null;
  note: string | null;
  at: string;
  by: { name: string } | null;
}

export interface Contributor {
  goal: Goal;
  kind: string;
  share: number | null;
  progress: number | null;
  contribution: number | null;
  counted: boolean;
  reason: string | null;
}

export interface GraphEvent {
  revision: number;
  changed: Moved[];
  changedCount: number;
  changes: { kind: string }[];
}

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export class Refused extends Error {
  constructor(message: string, readonly code: string) {
    super(message);
  }
}

export class Service {
  /** Whether the token shows one picture alone. */
  readonly embed: boolean;

  constructor(readonly endpoint: string, private readonly token: string | null) {
    this.embed = token?.startsWith("agse_") ?? false;
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}, signal?: AbortSignal): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.endpoint, {
        method: "POST",
        headers: this.headers("application/json"),
        body: JSON.stringify({ query, variables }),
        credentials: "omit",
        ...(signal ? { signal } : {}),
      });
    } catch (failed) {
      if (signal?.aborted) throw failed;
      throw new Refused("The service cannot be reached.", "UNREACHABLE");
    }
    let answer: Answer<T>;
    try {
      answer = (await response.json()) as Answer<T>;
    } catch {
      throw new Refused(`The service answered with HTTP ${response.status} and no JSON.`, "UNREADABLE");
    }
    const wrong = answer.errors?.[0];
    if (wrong || !answer.data)
      throw new Refused(wrong?.message ?? `The service answered with HTTP ${response.status}.`, wrong?.extensions?.code ?? "");
    return answer.data;
  }

  private headers(accept: string): Record<string, string> {
    const headers: Record<string, string> = { "Content-Type": "application/json", Accept: accept };
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    return headers;
  }

  /** A question that may hold too much at once is asked again for less. */
  private async within<T>(depth: number, ask: (depth: number) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask(depth);
      } catch (wrong) {
        if (!(wrong instanceof Refused) || wrong.code !== "LIMIT_EXCEEDED" || depth <= 1) throw wrong;
        depth--;
      }
    }
  }

  async cascade(id: string, depth: number): Promise<CascadeDocument | null> {
    const query = `query($id: ID!, $depth: Int) { cascade(id: $id, depth: $depth) { root { id }
      nodes { goal { ${GOAL} } depth primaryParent hidden } ${EDGES} hidden truncated } }`;
    return this.within(depth, async (depth) =>
      (await this.ask<{ cascade: CascadeDocument | null }>(query, { id, depth })).cascade);
  }

  async ladder(id: string): Promise<LadderDocument | null> {
    const query = `query($id: ID!) { ladder(id: $id) { goal { id } path { goal { ${GOAL} } keyResults { ${KEY_RESULT} }
      kind weight share } nodes { ${GOAL} } ${EDGES} truncated } }`;
    return (await this.ask<{ ladder: LadderDocument | null }>(query, { id })).ladder;
  }

  async org(root: string | null, depth: number): Promise<OrgDocument | null> {
    const query = `query($root: ID, $depth: Int) { orgChart(root: $root, depth: $depth) { root { id }
      nodes { owner { ${OWNER} } depth reportsTo dottedTo goals { ${GOAL} } progress hidden } hidden truncated } }`;
    return this.within(depth, async (depth) =>
      (await this.ask<{ orgChart: OrgDocument | null }>(query, { root, depth })).orgChart);
  }

  async orphans(): Promise<OrphansDocument> {
    const query = `{ orphans(first: 200) { totalCount edges { node { objective { ${OBJECTIVE} } kind reason } } } }`;
    const { orphans } = await this.ask<{
      orphans: { totalCount: number; edges: { node: OrphansDocument["orphans"][number] }[] };
    }>(query);
    return { orphans: orphans.edges.map((edge) => edge.node), totalCount: orphans.totalCount };
  }

  /** The ids of the primary path from the top down to a goal. */
  async pathTo(id: string): Promise<string[]> {
    const up = "primaryParent { id ".repeat(STEPS) + " }".repeat(STEPS);
    const query = `query($id: ID!) { node(id: $id) { ... on Goal { id ${up} } } }`;
    const path: string[] = [];
    for (let from: string | undefined = id; from !== undefined;) {
      const said: { node: Above | null } = await this.ask(query, { id: from });
      from = undefined;
      let steps = 0;
      for (let at: Above | null = said.node; at?.id !== undefined; at = at.primaryParent ?? null) {
        if (path[0] !== at.id) path.unshift(at.id);
        if (steps++ === STEPS) from = at.id;
      }
    }
    return path;
  }

  async search(text: string, signal: AbortSignal): Promise<{ id: string; title: string; kind: string }[]> {
    const query = `query($text: String!) { search(text: $text, first: 20) { edges { node { __typename id
      ... on Goal { title } ... on Owner { name } } } } }`;
    const { search } = await this.ask<{
      search: { edges: { node: { __typename: string; id: string; title?: string; name?: string } }[] };
    }>(query, { text }, signal);
    return search.edges.map(({ node }) => ({ id: node.id, title: node.title ?? node.name ?? node.id, kind: node.__typename }));
  }

  /** The first objectives of a level, by id. */
  async ofLevel(level: string | undefined, most: number): Promise<string[]> {
    const query = `query($levels: [String!], $first: Int) {
      objectives(first: $first, filter: { levels: $levels }) { edges { node { id } } } }`;
    const { objectives } = await this.ask<{ objectives: { edges: { node: { id: string } }[] } }>(query, {
      levels: level === undefined ? null : [level], first: most,
    });
    return objectives.edges.map((edge) => edge.node.id);
  }

  async levels(): Promise<string[]> {
    return (await this.ask<{ workspace: { levels: string[] } }>("{ workspace { levels } }")).workspace.levels;
  }

  /** Periods by the one that they lie within. */
  async periods(): Promise<Map<string, string>> {
    const { periods } = await this.ask<{ periods: { id: string; within: { id: string } | null }[] }>(
      "{ periods { id within { id } } }");
    return new Map(periods.flatMap(({ id, within }) => (within ? [[id, within.id] as const] : [])));
  }

  /** All that the side panel tells of a goal; null for what is none. */
  async details(id: string): Promise<Details["goal"] | null> {
    const link = `{ node { ${GOAL} } kind weight share }`;
    const query = `query($id: ID!) { node(id: $id) { ... on Goal { ${GOAL} description alignmentNote
      explain: progress { explain { contributors { goal { __typename id title status } kind share progress contribution
        counted reason } } }
      checkIns(first: 5) { edges { node { id value confidence note at by { name } } } }
      alignedTo ${link} ${FINDINGS} }
      ... on Objective { parents ${link} children ${link} keyResults { ${KEY_RESULT} } }
      ... on KeyResult { objective { ${OBJECTIVE} } children ${link} measure value baseline target unit } } }`;
    const { node } = await this.ask<{ node: Partial<Details["goal"]> | null }>(query, { id });
    return node?.title === undefined ? null : (node as Details["goal"]);
  }

  /** What the audit finds about an owner and the goals they own: no part of what an embed token shows. */
  async findingsOf(id: string): Promise<Finding[]> {
    if (this.embed) return [];
    const query = `query($id: ID!) { owner(id: $id) { ${FINDINGS} } }`;
    return (await this.ask<{ owner: { findings: Finding[] } | null }>(query, { id })).owner?.findings ?? [];
  }

  /** How many findings there are about some goals and owners; those without any are left out. */
  async badges(ids: string[]): Promise<Map<string, Badge>> {
    const findings = "findings { severity }";
    const query = `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Goal { ${findings} }
      ${this.embed ? "" : `... on Owner { ${findings} }`} } }`;
    const { nodes } = await this.ask<{ nodes: ({ id: string; findings?: Pick<Finding, "severity">[] } | null)[] }>(query, { ids });
    const found = new Map<string, Badge>();
    for (const node of nodes)
      if (node?.findings?.length) found.set(node.id, { many: node.findings.length, gravest: node.findings[0]!.severity });
    return found;
  }

  async revision(): Promise<number> {
    return (await this.ask<{ revision: number }>("{ revision }")).revision;
  }

  /**
   * Follows what happens after a revision: one event a revision until `signal`. Resolves to false where there is no
   * stream, and to true when a stream has ended.
   */
  async follow(after: number, heard: (event: GraphEvent) => void, signal: AbortSignal): Promise<boolean> {
    const query = `subscription($after: Int) { graphChanged(after: $after) { revision changedCount
      changed(first: 500) { goal { id } after { value coverage confidence status } } changes(first: 20) { kind } } }`;
    const response = await fetch(this.endpoint, {
      method: "POST", headers: this.headers("text/event-stream"), body: JSON.stringify({ query, variables: { after } }),
      credentials: "omit", signal,
    });
    if (!response.ok || !response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      await response.body?.cancel();
      return false;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      const events = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const fields = event.split("\n");
        const kind = fields.find((field) => field.startsWith("event:"))?.slice(6).trim() ?? "message";
        const data = fields.filter((field) => field.startsWith("data:")).map((field) => field.slice(5)).join("\n");
        if (kind === "complete") return true;
        if (kind !== "next" || !data.trim()) continue;
        const answer = JSON.parse(data) as Answer<{ graphChanged: GraphEvent }>;
        if (answer.errors?.length) return false;
        if (answer.data) heard(answer.data.graphChanged);
      }
    }
  }
}

export type { Link };
