import type { RefPolicy } from './compiled.ts';
import { changesHold } from './evaluate-rules.ts';
import { evaluateExpression } from './expression/evaluate.ts';
import { patternOccurs, splitPattern } from './expression/pattern.ts';
import type { ConfigFiles } from './files.ts';

/** What `only` and `except` are evaluated against. */
export interface PolicyFacts {
  /** Short name of the branch or tag. */
  ref: string;
  kind: 'branch' | 'tag' | 'merge_request';
  /** CI_PIPELINE_SOURCE */
  source: string;
  /** Full path, for entries like `main@group/app`. */
  projectPath: string;
  variables: ReadonlyMap<string, string>;
  /** The same, expanded with each other, for `changes`. */
  expanded: () => ReadonlyMap<string, string>;
  files: Pick<ConfigFiles, 'changedPaths'>;
}

/** Every key of `only` matches and no key of `except` does; a key matches by any of its entries (ci-yaml 10.4). */
export async function evaluateOnlyExcept(
  { only, except }: { only: RefPolicy | null; except: RefPolicy | null },
  facts: PolicyFacts,
): Promise<boolean> {
  const wanted = only === null ? [] : await keyResults(only, facts);
  if (wanted.includes(false)) return false;
  const refused = except === null ? [] : await keyResults(except, facts);
  return !refused.includes(true);
}

/** One answer per key that was given. There is no cluster, so `kubernetes: active` never matches. */
async function keyResults(policy: RefPolicy, facts: PolicyFacts): Promise<boolean[]> {
  const results: boolean[] = [];
  if (policy.refs !== null) results.push(policy.refs.some((entry) => refMatches(entry, facts)));
  if (policy.variables !== null) results.push(policy.variables.some((source) => holds(source, facts)));
  if (policy.changes !== null) {
    const changed = await changesHold({ paths: policy.changes, compareTo: null }, facts);
    results.push(changed.ok && changed.value);
  }
  if (policy.kubernetes !== null) results.push(false);
  return results;
}

function holds(source: string, { variables }: PolicyFacts): boolean {
  const result = evaluateExpression(source, variables);
  return result.ok && result.value;
}

function refMatches(entry: string, facts: PolicyFacts): boolean {
  const at = entry.indexOf('@');
  const name = at === -1 ? entry : entry.slice(0, at);
  if (at !== -1 && entry.slice(at + 1) !== facts.projectPath) return false;
  if (name === 'branches' && facts.kind === 'branch') return true;
  if (name === 'tags' && facts.kind === 'tag') return true;
  if (isSource(name, facts.source)) return true;
  if (facts.kind === 'merge_request') return false;
  const pattern = splitPattern(name);
  return pattern === null ? name === facts.ref : patternOccurs(pattern.source, pattern.flags, facts.ref);
}

/** A source goes by its singular or plural name, without `_event`: `push`, `pushes`, `merge_requests`. */
function isSource(name: string, source: string): boolean {
  const singular = source.replace(/_event$/, '');
  return name === singular || name === (singular.endsWith('sh') ? `${singular}es` : `${singular}s`);
}
