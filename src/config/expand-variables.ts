/** What expansion needs to know of a variable. */
export interface ExpandableVariable {
  key: string;
  value: string;
  /** Never expanded itself. */
  raw: boolean;
  /** On the runner its name stands for a path, so only the runner can expand a reference to it. */
  file: boolean;
}

/** `blank`: an unknown reference becomes nothing. `keep`: it stays as it was written. */
export type Unknown = 'blank' | 'keep';

/** Together, the values that expansion makes are no longer than this; a value past it stays as written (security VAR-6). Characters. */
const MAX_OUTPUT_LENGTH = 1024 * 1024;
const REFERENCE = /\$\$|%%|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}|%([A-Za-z_]\w*)%/g;

/** Replaces `$X`, `${X}` and `%X%`; `$$` and `%%` stay (ci-yaml 13.2). A result past 1 MiB is `text` itself. */
export function expandText(text: string, variables: ReadonlyMap<string, string>, unknown: Unknown): string {
  return expandWithin(text, (name) => variables.get(name), unknown, MAX_OUTPUT_LENGTH);
}

/** The names that `text` refers to, in order, repeated as often as written. */
export function referencesOf(text: string): string[] {
  if (!/[$%]/.test(text)) return [];
  return Array.from(text.matchAll(REFERENCE), nameOf).filter((name) => name !== undefined);
}

function nameOf(match: RegExpMatchArray | RegExpExecArray): string | undefined {
  return match[1] ?? match[2] ?? match[3];
}

/** Stops adding once the result would pass `limit`: an expansion bomb costs no memory. */
function expandWithin(
  text: string,
  lookup: (name: string) => string | undefined,
  unknown: Unknown,
  limit: number,
): string {
  if (!/[$%]/.test(text)) return text;
  const parts: string[] = [];
  let length = 0;
  let at = 0;
  const add = (part: string) => {
    length += part.length;
    if (length <= limit) parts.push(part);
  };
  for (const match of text.matchAll(REFERENCE)) {
    add(text.slice(at, match.index));
    at = match.index + match[0].length;
    const name = nameOf(match);
    add(name === undefined ? match[0] : (lookup(name) ?? (unknown === 'keep' ? match[0] : '')));
  }
  add(text.slice(at));
  return length <= limit ? parts.join('') : text;
}

/**
 * Expands every value with the others', each after those it refers to (ci-yaml 13.2). `variables` go from low to high
 * precedence; of equal keys the last is kept, where a reference to its own name means the one before. For the server's
 * own use an unknown reference becomes nothing; for the runner it stays, and so does one to a raw or a file variable,
 * since the runner alone knows what they stand for there. Refuses a cycle with GitLab's text; a self-reference is none.
 */
export function expandVariables<V extends ExpandableVariable>(
  variables: readonly V[],
  reader: 'server' | 'runner',
): { ok: true; variables: V[] } | { ok: false; message: string } {
  const stacks = stackByKey(variables);
  const expanded = new Map<string, V>();
  const referring: string[] = [];
  for (const [key, stack] of stacks) {
    // Most refer to nothing and are done.
    if (stack.length === 1 && !mayRefer(stack[0]!)) expanded.set(key, stack[0]!);
    else referring.push(key);
  }
  const components = stronglyConnected(referring, (key) =>
    childrenOf(key, stacks).filter((name) => !expanded.has(name)),
  );
  const cycles = components.filter((component) => component.length > 1);
  if (cycles.length > 0) {
    const texts = cycles.map((cycle) => `[${cycle.map((key) => JSON.stringify(key)).join(', ')}]`);
    return { ok: false, message: `circular variable reference detected: ${texts.join(', ')}` };
  }
  let budget = MAX_OUTPUT_LENGTH;
  for (const key of components.flat()) {
    let current: V | undefined;
    for (const variable of stacks.get(key)!) {
      const lookup = (name: string) => {
        const other = name === key ? current : expanded.get(name);
        return reader === 'runner' && (other?.raw || other?.file) ? undefined : other?.value;
      };
      const value = variable.raw
        ? variable.value
        : expandWithin(variable.value, lookup, reader === 'runner' ? 'keep' : 'blank', budget);
      if (value !== variable.value) budget -= value.length;
      current = value === variable.value ? variable : { ...variable, value };
    }
    expanded.set(key, current!);
  }
  return { ok: true, variables: [...stacks.keys()].map((key) => expanded.get(key)!) };
}

/** Per key the variables that decide its value, low to high: the last one, and those before it that it refers to. */
function stackByKey<V extends ExpandableVariable>(variables: readonly V[]): Map<string, V[]> {
  const stacks = new Map<string, V[]>();
  for (const variable of variables) {
    const before = stacks.get(variable.key);
    if (before !== undefined) stacks.delete(variable.key); // keys stand where their last variable stands
    const refers = before !== undefined && refersTo(variable, variable.key);
    stacks.set(variable.key, refers ? [...before, variable] : [variable]);
  }
  return stacks;
}

function mayRefer({ raw, value }: ExpandableVariable): boolean {
  return !raw && (value.includes('$') || value.includes('%'));
}

function refersTo(variable: ExpandableVariable, name: string): boolean {
  return mayRefer(variable) && referencesOf(variable.value).includes(name);
}

function childrenOf(key: string, stacks: ReadonlyMap<string, ExpandableVariable[]>): string[] {
  const names = stacks.get(key)!.flatMap((variable) => (variable.raw ? [] : referencesOf(variable.value)));
  return names.filter((name) => name !== key && stacks.has(name));
}

/**
 * Tarjan's algorithm without recursion: components in an order where each comes after those it leads to; the nodes of
 * one in the order of the search.
 */
function stronglyConnected(nodes: string[], childrenOfNode: (node: string) => string[]): string[][] {
  const components: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const enter = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, children: childrenOfNode(node), at: 0 };
  };
  for (const root of nodes) {
    if (index.has(root)) continue;
    const path = [enter(root)];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const child = frame.children[frame.at++];
      if (child !== undefined) {
        if (!index.has(child)) path.push(enter(child));
        else if (isOpen.has(child)) low.set(frame.node, Math.min(low.get(frame.node)!, index.get(child)!));
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.node;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(frame.node)!));
      if (low.get(frame.node) !== index.get(frame.node)) continue;
      const component = open.splice(open.indexOf(frame.node));
      for (const node of component) isOpen.delete(node);
      components.push(component);
    }
  }
  return components;
}
