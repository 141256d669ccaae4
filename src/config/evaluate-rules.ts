import type { AutoCancel, ChangesClause, ExistsClause, Need, Rule, When, YamlVariables } from './compiled.ts';
import { expandText } from './expand-variables.ts';
import { evaluateExpression } from './expression/evaluate.ts';
import type { ConfigFiles, FileContext, FileResult } from './files.ts';
import { anyChanged, anyExists } from './match-paths.ts';

/** What rules are evaluated against. */
export interface RuleFacts {
  /** Compared as they stand, without nested expansion. */
  variables: ReadonlyMap<string, string>;
  /** The same, expanded with each other, for what stands in paths and names. */
  expanded: () => ReadonlyMap<string, string>;
  files: ConfigFiles;
  /** The tree in which `exists` looks. */
  context: FileContext;
}

/** The first rule whose clauses all hold, null when none does (ci-yaml 10.2). The refusal is a clause's text. */
export async function firstMatchingRule(
  rules: readonly Rule[],
  facts: RuleFacts,
): Promise<FileResult<Rule | null>> {
  for (const rule of rules) {
    const holds = await ruleHolds(rule, facts);
    if (!holds.ok) return holds;
    if (holds.value) return { ok: true, value: rule };
  }
  return { ok: true, value: null };
}

async function ruleHolds(rule: Rule, facts: RuleFacts): Promise<FileResult<boolean>> {
  if (rule.if !== null) {
    const result = evaluateExpression(rule.if, facts.variables);
    if (!result.ok || !result.value) return result;
  }
  if (rule.changes !== null) {
    const result = await changesHold(rule.changes, facts);
    if (!result.ok || !result.value) return result;
  }
  return rule.exists === null ? { ok: true, value: true } : existsHolds(rule.exists, facts);
}

/** Nothing to compare with counts as changed (ci-yaml 10.3). Used by `only:changes` too. */
export async function changesHold(
  { paths, compareTo }: ChangesClause,
  {
    files,
    expanded,
  }: { files: Pick<ConfigFiles, 'changedPaths'>; expanded: () => ReadonlyMap<string, string> },
): Promise<FileResult<boolean>> {
  const base = compareTo === null ? null : expandText(compareTo, expanded(), 'keep');
  const changed = await files.changedPaths(base);
  if (!changed.ok) return changed;
  const values = expanded();
  const patterns = paths.map((path) => expandText(path, values, 'keep'));
  return { ok: true, value: changed.value === null || anyChanged(changed.value, patterns) };
}

async function existsHolds(exists: ExistsClause, facts: RuleFacts): Promise<FileResult<boolean>> {
  const place = await placeOf(exists, facts);
  if (!place.ok) return place;
  const values = facts.expanded();
  const patterns = exists.paths.map((path) => expandText(path, values, 'keep'));
  return { ok: true, value: anyExists(await facts.files.listPaths(place.value), patterns) };
}

async function placeOf(
  exists: ExistsClause,
  { expanded, files, context }: RuleFacts,
): Promise<FileResult<FileContext>> {
  if (exists.project === null) return { ok: true, value: context };
  const project = expandText(exists.project, expanded(), 'keep');
  const ref = exists.ref === null ? null : expandText(exists.ref, expanded(), 'keep');
  const opened = await files.openProject(project, ref);
  if (opened.ok) return opened;
  const message = opened.message.includes('not found or access denied')
    ? `rules:exists:project \`${project}\` not found or access denied`
    : `rules:exists:ref \`${ref}\` is not a valid ref in project \`${project}\``;
  return { ok: false, message };
}

/** Attributes of a job that its rules may change, at first as the job itself gives them. */
export interface RuledAttributes {
  when: Exclude<When, 'never'>;
  startInSeconds: number | null;
  allowFailure: boolean;
  allowFailureExitCodes: number[];
  /** Job variables, with the rule's on top. */
  variables: YamlVariables;
  needs: Need[] | null;
  interruptible: boolean | null;
}

/** What the matched rule (null: none did) makes of a job; null when it is not created (ci-yaml 10.2, 8.5). */
export function applyRule<J extends RuledAttributes>(job: J, rule: Rule | null): RuledAttributes | null {
  const when = rule?.when ?? job.when;
  if (rule === null || when === 'never') return null;
  return {
    when,
    startInSeconds: when === 'delayed' ? (rule.startInSeconds ?? job.startInSeconds) : null,
    allowFailure: rule.allowFailure ?? job.allowFailure,
    allowFailureExitCodes: rule.allowFailure === null ? job.allowFailureExitCodes : [],
    variables: rule.variables === null ? job.variables : { ...job.variables, ...rule.variables },
    needs: rule.needs === null || rule.needs.length === 0 ? job.needs : rule.needs,
    interruptible: rule.interruptible ?? job.interruptible,
  };
}

/** What `workflow:rules` say: whether there is a pipeline, and what the matched rule adds (ci-yaml 6.2). */
export type WorkflowOutcome =
  | { run: false }
  | { run: true; variables: YamlVariables; autoCancel: AutoCancel };

export async function evaluateWorkflow(
  workflow: { rules: readonly Rule[] | null; autoCancel: AutoCancel },
  facts: RuleFacts,
): Promise<FileResult<WorkflowOutcome>> {
  if (workflow.rules === null) {
    return { ok: true, value: { run: true, variables: {}, autoCancel: workflow.autoCancel } };
  }
  const matched = await firstMatchingRule(workflow.rules, facts);
  if (!matched.ok) return matched;
  const rule = matched.value;
  if (rule === null || rule.when === 'never') return { ok: true, value: { run: false } };
  const autoCancel = { ...workflow.autoCancel, ...rule.autoCancel };
  return { ok: true, value: { run: true, variables: rule.variables ?? {}, autoCancel } };
}
