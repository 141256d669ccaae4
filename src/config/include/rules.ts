import type { ChangesClause, ExistsClause } from '../compiled.ts';
import { readChanges } from '../entry/changes.ts';
import { allowed } from '../entry/check.ts';
import { Entry, type Findings } from '../entry/entry.ts';
import { readExists } from '../entry/exists.ts';
import { allowKeys, checkAttributes } from '../entry/keys.ts';
import { anExpression } from '../entry/rule.ts';
import { text } from '../entry/value.ts';
import { existsProject } from '../errors.ts';
import { expandText } from '../expand-variables.ts';
import { evaluateExpression } from '../expression/evaluate.ts';
import type { FileContext } from '../files.ts';
import { anyChanged, anyExists } from '../match-paths.ts';
import { refuse } from '../refusal.ts';
import type { IncludeEntry } from './entry.ts';
import type { IncludeRun } from './run.ts';

interface IncludeRule {
  if: string | null;
  changes: ChangesClause | null;
  exists: ExistsClause | null;
  when: string | null;
}

/**
 * Whether an entry is to be included: by its first rule that matches, unless that says `never`; without rules always
 * (ci-yaml 4). `exists` looks at the tree of the file that holds the include.
 */
export async function isIncluded(entry: IncludeEntry, at: FileContext, run: IncludeRun): Promise<boolean> {
  if ((entry.options.get('rules') ?? null) === null) return true;
  for (const rule of readRules(entry)) {
    if (await matches(rule, at, run)) return rule.when !== 'never';
  }
  return false;
}

function readRules(entry: IncludeEntry): IncludeRule[] {
  const findings: Findings = { errors: [], warnings: [] };
  const rules = Entry.root(entry.options, findings).under('include').child('rules');
  if (!Array.isArray(rules.value)) rules.kindError('should be an array of hashes');
  const read = rules.sound ? rules.items('rule').map(readRule) : [];
  const [error] = findings.errors;
  return error === undefined ? read : refuse(error.message, error.position ?? entry.position);
}

function readRule(entry: Entry): IncludeRule {
  if (!(entry.value instanceof Map)) entry.error('config', 'should be a hash');
  else allowKeys(entry, ['if', 'exists', 'changes', 'when']);
  checkAttributes(entry, { if: anExpression, when: allowed(['always', 'never']) });
  return {
    if: text(entry.get('if')),
    changes: entry.get('changes') === null ? null : readChanges(entry.child('changes')),
    exists: entry.get('exists') === null ? null : readExists(entry.child('exists')),
    when: text(entry.get('when')),
  };
}

async function matches(rule: IncludeRule, at: FileContext, run: IncludeRun): Promise<boolean> {
  if (rule.if !== null && !holds(rule.if, run)) return false;
  if (rule.changes !== null && !(await changed(rule.changes, run))) return false;
  return rule.exists === null || (await exists(rule.exists, at, run));
}

function holds(condition: string, run: IncludeRun): boolean {
  const result = evaluateExpression(condition, run.variables);
  return result.ok ? result.value : refuse(result.message);
}

async function changed(clause: ChangesClause, run: IncludeRun): Promise<boolean> {
  const compareTo = clause.compareTo === null ? null : run.expand(clause.compareTo);
  const paths = await run.expect(run.files.changedPaths(compareTo));
  return paths === null || anyChanged(paths, expandAll(clause.paths, run));
}

async function exists(clause: ExistsClause, at: FileContext, run: IncludeRun): Promise<boolean> {
  const context = clause.project === null ? at : await openProject(clause.project, clause.ref, run);
  return anyExists(await run.wait(run.files.listPaths(context)), expandAll(clause.paths, run));
}

async function openProject(path: string, ref: string | null, run: IncludeRun): Promise<FileContext> {
  const project = run.expand(path);
  const opened = await run.wait(run.files.openProject(project, ref === null ? null : run.expand(ref)));
  return opened.ok
    ? opened.value
    : refuse(existsProject(`\`${run.mask(project)}\` not found or access denied`));
}

function expandAll(patterns: string[], run: IncludeRun): string[] {
  return patterns.map((pattern) => expandText(pattern, run.variables, 'keep'));
}
