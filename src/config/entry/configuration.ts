import type { CompiledConfig, ConfigMessage } from '../compiled.ts';
import type { YamlMap } from '../yaml-value.ts';
import { readDefaults } from './default.ts';
import { Entry, type Findings } from './entry.ts';
import { readIncludes } from './include.ts';
import { isJobName, readJobs } from './jobs.ts';
import { keysOf, type Readers, readChildren } from './keys.ts';
import { checkLogic } from './logic.ts';
import { normalise } from './normalise.ts';
import { DEFAULT_STAGES, readStages } from './stages.ts';
import { readRootVariables } from './variables.ts';
import { noWorkflow, readWorkflow } from './workflow.ts';

export type EntriesResult =
  | { ok: true; config: Omit<CompiledConfig, 'includes'> }
  | { ok: false; errors: ConfigMessage[]; warnings: ConfigMessage[] };

type Globals = Pick<CompiledConfig, 'stages' | 'variables' | 'workflow'>;

const GLOBALS: Readers<Globals> = new Map<string, (entry: Entry) => Partial<Globals>>([
  ['stages', (entry) => ({ stages: readStages(entry) })],
  ['variables', (entry) => ({ variables: readRootVariables(entry) })],
  ['workflow', (entry) => ({ workflow: readWorkflow(entry) })],
  [
    'include',
    (entry) => {
      readIncludes(entry);
      return {};
    },
  ],
]);

/**
 * The second half of compiling: `root` is the tree after include, extends and `!reference`. Answers the compiled
 * configuration, or every structural error in file order (global keywords, then jobs), or the first logical one
 * (ci-yaml 1, steps 7 to 9). Never throws, whatever the tree holds.
 */
export function compileEntries(root: YamlMap): EntriesResult {
  const findings: Findings = { errors: [], warnings: [] };
  const entry = Entry.root(root, findings);
  const isJob = (name: string) => keysOf(entry).includes(name) && isJobName(name, entry.get(name));
  const defaults = readDefaults(entry, isJob('default'));
  const globals = readGlobals(entry, isJob('workflow'));
  const workflow = isJob('workflow') ? null : entry.get('workflow');
  const workflowRules = workflow instanceof Map && workflow.has('rules');
  const drafts = readJobs(entry, { defaults, workflowRules });
  if (findings.errors.length > 0) return { ok: false, ...findings };

  const normalised = normalise(drafts, globals.stages);
  const error = normalised.ok ? checkLogic(normalised.jobs, globals.stages) : normalised.error;
  if (!normalised.ok || error !== null) {
    return { ok: false, errors: error === null ? [] : [error], warnings: findings.warnings };
  }
  const jobs = [...normalised.jobs.values()].map(({ config }) => config);
  return { ok: true, config: { ...globals, jobs, warnings: findings.warnings } };
}

function readGlobals(root: Entry, workflowIsJob: boolean): Globals {
  const readers = new Map(GLOBALS);
  if (workflowIsJob) readers.delete('workflow');
  const globals = { stages: [...DEFAULT_STAGES], variables: Object.create(null), workflow: noWorkflow() };
  return readChildren(root, readers, globals);
}
