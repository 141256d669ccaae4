import type { BridgeConfig, ConfigMessage, JobConfig, Need } from '../compiled.ts';
import type { Draft } from './draft.ts';
import type { Entry } from './entry.ts';
import { type Combination, combinations, instanceName, type MatrixRow } from './matrix.ts';
import { MatrixValues } from './matrix-values.ts';
import type { NeedDraft } from './need.ts';

/** A finished job together with where it was written. */
export interface NormalJob {
  config: JobConfig | BridgeConfig;
  entry: Entry;
}

export type Normalised = { ok: true; jobs: Map<string, NormalJob> } | { ok: false; error: ConfigMessage };

interface Instance {
  name: string;
  combination: Combination;
  parallel: { index: number; total: number } | null;
}

/**
 * Turns jobs as written into the jobs of a pipeline: `parallel` makes instances, names in `needs` and `dependencies`
 * become the names of those instances (ci-yaml 8.6). Of jobs with the same name the last wins, at the first's place.
 */
export function normalise(drafts: Draft[], stages: string[]): Normalised {
  const stageIndex = new Map(stages.map((stage, index) => [stage, index]));
  const instances = new Map<string, Instance[]>();
  for (const draft of drafts) {
    if (draft.parallel !== null) instances.set(draft.name, instancesOf(draft));
  }
  const names: InstanceNames = new Map(
    [...instances].map(([base, of]) => [base, of.map(({ name }) => name)]),
  );
  const jobs = new Map<string, NormalJob>();
  for (const draft of drafts) {
    draft.stageIndex = stageIndex.get(draft.stage) ?? -1;
    const made = instances.get(draft.name) ?? [{ name: draft.name, combination: [], parallel: null }];
    const error = addInstances(draft, made, names, jobs);
    if (error !== null) return { ok: false, error };
  }
  return { ok: true, jobs };
}

/** Names of the instances of each job with `parallel`. */
type InstanceNames = ReadonlyMap<string, string[]>;

function instancesOf(draft: Draft): Instance[] {
  if (draft.parallel === null) return [];
  if (draft.parallel.kind === 'number') {
    const { total } = draft.parallel;
    return Array.from({ length: total }, (_, place) => ({
      name: `${draft.name} ${place + 1}/${total}`,
      combination: [],
      parallel: { index: place + 1, total },
    }));
  }
  const all = combinations(draft.parallel.rows);
  return all.map((combination, place) => ({
    name: instanceName(draft.name, combination),
    combination,
    parallel: { index: place + 1, total: all.length },
  }));
}

function addInstances(
  draft: Draft,
  instances: Instance[],
  names: InstanceNames,
  jobs: Map<string, NormalJob>,
): ConfigMessage | null {
  const { inherit, entry, ...written } = draft;
  const shared = needsMention(draft) && draft.parallel?.kind === 'matrix' ? null : expandNeeds(draft, names);
  for (const { name, combination, parallel } of instances) {
    const values = new MatrixValues(combination);
    const needs = shared ?? expandNeeds(draft, names, values);
    if (values.unknown !== null) {
      const text = `${draft.name} job: '${values.unknown}' does not exist in matrix configuration`;
      return entry.message('error', text, 'needs');
    }
    const variables = combination.length === 0 ? draft.variables : withMatrix(draft.variables, combination);
    const config = { ...written, ...needs, name, parallel, variables } as JobConfig | BridgeConfig;
    jobs.set(name, { config, entry });
  }
  return null;
}

function withMatrix(variables: Draft['variables'], combination: Combination): Draft['variables'] {
  const merged: Draft['variables'] = Object.assign(Object.create(null), variables);
  for (const [variable, value] of combination) merged[variable] = { value, raw: false };
  return merged;
}

/** Whether any need depends on the matrix values of the instance that has it. */
function needsMention(draft: Draft): boolean {
  const all = [draft.needs, ...(draft.rules ?? []).map((rule) => rule.needs as NeedDraft[] | null)];
  return all.some((needs) => needs?.some(({ name, matrix }) => MatrixValues.mentionedIn([name, matrix])));
}

function expandNeeds(draft: Draft, names: InstanceNames, values?: MatrixValues) {
  const expand = (needs: NeedDraft[]) => needs.flatMap((need) => expandNeed(need, names, values));
  return {
    needs: draft.needs === null ? null : expand(draft.needs),
    rules:
      draft.rules?.map((rule) =>
        rule.needs === null ? rule : { ...rule, needs: expand(rule.needs as NeedDraft[]) },
      ) ?? null,
    ...(draft.type === 'build'
      ? { dependencies: draft.dependencies?.flatMap((name) => names.get(name) ?? [name]) ?? null }
      : {}),
  };
}

function expandNeed(need: NeedDraft, names: InstanceNames, values?: MatrixValues): Need[] {
  const { artifacts, optional } = need;
  const base = values?.fill(need.name) ?? need.name;
  const found = need.matrix === null ? (names.get(base) ?? [base]) : selected(base, need.matrix, values);
  return found.map((name) => ({ name, artifacts, optional }));
}

/** The names that a need's own matrix generates; whether they exist is a logical check. */
function selected(base: string, rows: MatrixRow[], values?: MatrixValues): string[] {
  const filled = values === undefined ? rows : rows.map((row) => values.fillRow(row));
  return combinations(filled).map((combination) => instanceName(base, combination));
}
