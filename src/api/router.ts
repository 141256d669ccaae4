import type { Route } from './route.ts';

/** Path parameters by name, decoded. */
export type PathParams = Record<string, string>;

export type Match =
  | { kind: 'route'; route: Route; params: PathParams }
  /** The path exists with these methods only. */
  | { kind: 'method'; allowed: string[] }
  | { kind: 'none' }
  /** Broken percent-encoding, invalid UTF-8 or NUL in the path. */
  | { kind: 'malformed' };

interface Node {
  fixed: Map<string, Node>;
  /** `:name`, possibly with a literal end as in `:name.git`: tried in the order of the list. */
  open: { name: string; suffix: string; takesSlashes: boolean; node: Node }[];
  routes: Map<string, { route: Route; names: string[] }>;
}

/**
 * Finds a route by method and raw path (without query). A fixed word wins over `:name`, which wins over `*name`;
 * `*name` takes as many segments as it can. Only whole segments are decoded, so `%2F` stays inside its parameter.
 */
export class Router {
  readonly #root: Node = emptyNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    let node = this.#root;
    for (const segment of route.path.split('/').slice(1)) node = childFor(node, segment);
    if (node.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    node.routes.set(route.method, { route, names: namesOf(route.path) });
  }

  /** Finds what answers `method` on `path`; HEAD falls back to GET, one trailing slash does not matter. */
  find(method: string, path: string): Match {
    const segments = path.split('/').slice(1);
    const found = this.#search(method, segments);
    if (found.kind !== 'none' || segments.length < 2 || segments.at(-1) !== '') return found;
    return this.#search(method, segments.slice(0, -1));
  }

  #search(method: string, segments: readonly string[]): Match {
    const walk: Walk = { method, segments, values: [], malformed: false, allowed: new Set() };
    const hit = step(this.#root, 0, walk);
    if (walk.malformed) return { kind: 'malformed' };
    if (hit === null) {
      const allowed = [...walk.allowed];
      return allowed.length === 0 ? { kind: 'none' } : { kind: 'method', allowed };
    }
    const params: PathParams = {};
    for (const [index, name] of hit.names.entries()) params[name] = walk.values[index]!;
    return { kind: 'route', route: hit.route, params };
  }
}

interface Walk {
  method: string;
  segments: readonly string[];
  values: string[];
  malformed: boolean;
  allowed: Set<string>;
}

function step(node: Node, at: number, walk: Walk): { route: Route; names: string[] } | null {
  if (at === walk.segments.length) return endAt(node, walk);
  const segment = walk.segments[at]!;
  const fixed = node.fixed.get(segment);
  if (fixed !== undefined) {
    const hit = step(fixed, at + 1, walk);
    if (hit !== null) return hit;
  }
  for (const open of node.open) {
    const last = open.takesSlashes ? walk.segments.length : at + 1;
    for (let end = last; end > at; end--) {
      const hit = take(open, at, end, walk);
      if (hit !== null || walk.malformed) return hit;
    }
  }
  return null;
}

function take(open: Node['open'][number], at: number, end: number, walk: Walk) {
  const next = open.node.fixed;
  const after = walk.segments[end];
  const leads =
    after === undefined ? open.node.routes.size > 0 : next.has(after) || open.node.open.length > 0;
  if (!leads) return null;
  const raw = walk.segments.slice(at, end).join('/');
  if (raw === '' || !raw.endsWith(open.suffix) || raw.length === open.suffix.length) return null;
  const value = decodeSegment(raw.slice(0, raw.length - open.suffix.length));
  if (value === null) {
    walk.malformed = true;
    return null;
  }
  walk.values.push(value);
  const hit = step(open.node, end, walk);
  if (hit === null) walk.values.pop();
  return hit;
}

function endAt(node: Node, walk: Walk) {
  const found = node.routes.get(walk.method) ?? (walk.method === 'HEAD' ? node.routes.get('GET') : undefined);
  if (found !== undefined) return found;
  for (const method of node.routes.keys()) {
    walk.allowed.add(method);
    if (method === 'GET') walk.allowed.add('HEAD');
  }
  return null;
}

/** A percent-decoded part of a path, or null when it is not valid UTF-8 or holds a NUL. */
export function decodeSegment(text: string): string | null {
  try {
    const decoded = text.includes('%') ? decodeURIComponent(text) : text;
    return decoded.includes('\0') ? null : decoded;
  } catch {
    return null;
  }
}

const OPEN_SEGMENT = /^([:*])(\w+)(.*)$/;

function childFor(node: Node, segment: string): Node {
  const open = OPEN_SEGMENT.exec(segment);
  if (open === null) {
    let child = node.fixed.get(segment);
    if (child === undefined) {
      child = emptyNode();
      node.fixed.set(segment, child);
    }
    return child;
  }
  const takesSlashes = open[1] === '*';
  const suffix = open[3]!;
  const same = node.open.find((other) => other.takesSlashes === takesSlashes && other.suffix === suffix);
  if (same !== undefined) return same.node;
  const child = emptyNode();
  node.open.push({ name: open[2]!, suffix, takesSlashes, node: child });
  // One segment before many, a literal end before none.
  node.open.sort(
    (a, b) => Number(a.takesSlashes) - Number(b.takesSlashes) || b.suffix.length - a.suffix.length,
  );
  return child;
}

/** Names of a path's parameters, in order. */
export function namesOf(path: string): string[] {
  return path.split('/').flatMap((segment) => OPEN_SEGMENT.exec(segment)?.[2] ?? []);
}

function emptyNode(): Node {
  return { fixed: new Map(), open: [], routes: new Map() };
}
