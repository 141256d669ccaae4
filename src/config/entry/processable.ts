import type { Position, RefPolicy } from '../compiled.ts';
import { toText } from '../yaml/inspect.ts';
import type { YamlScalar } from '../yaml-value.ts';
import { aString, atMost, type Check, oneOf, stringOrList } from './check.ts';
import type { Defaults } from './default.ts';
import type { Draft } from './draft.ts';
import type { Entry } from './entry.ts';
import { readEnvironment } from './environment.ts';
import { readInherit } from './inherit.ts';
import { readInterruptible } from './interruptible.ts';
import { allowKeys, checkAttributes, forbidKeys } from './keys.ts';
import { readNeeds } from './needs.ts';
import { DEFAULT_REFS, readRefPolicy } from './only-except.ts';
import { readParallel } from './parallel.ts';
import { nestedHashes, readRules } from './rules.ts';
import { readStage } from './stage.ts';
import { text } from './value.ts';
import { readJobVariables } from './variables.ts';

/** What of the rest of the configuration shapes a job. */
export interface JobContext {
  defaults: Defaults;
  /** `workflow` has a `rules` key: jobs lose their implicit `only` (ci-yaml 10.4). */
  workflowRules: boolean;
}

/** Keys that jobs and trigger jobs share (ci-yaml 7). */
export const PROCESSABLE_KEYS: readonly string[] = [
  ...['stage', 'extends', 'only', 'except', 'rules', 'variables', 'inherit', 'allow_failure', 'when'],
  ...['needs', 'resource_group', 'environment', 'interruptible', 'parallel'],
];

const MAX_NAME_LENGTH = 255;
const DEFAULT_STAGE = 'test';
const START_OF_FILE: Position = { file: '.gitlab-ci.yml', line: 1, column: 1 };

/** What those keywords give to a draft; `upstream` only to a trigger job's. */
type Shared = Partial<Omit<Draft, 'type'> & { upstream: string }>;

/** Readers of the keywords that jobs and trigger jobs share. */
export function processableReaders(owner: 'job' | 'bridge'): [string, (entry: Entry) => Shared][] {
  return [
    ['stage', (entry) => ({ stage: readStage(entry) })],
    ['only', (entry) => ({ only: readRefPolicy(entry) })],
    ['except', (entry) => ({ except: readRefPolicy(entry) })],
    ['rules', (entry) => ({ rules: readRules(entry, 'job') })],
    ['variables', (entry) => ({ variables: readJobVariables(entry) })],
    ['inherit', readInheritance],
    ['needs', (entry) => readNeeded(entry, owner)],
    ['parallel', (entry) => ({ parallel: readParallel(entry, owner) })],
    ['environment', (entry) => ({ environment: readEnvironment(entry) })],
    ['interruptible', (entry) => ({ interruptible: readInterruptible(entry) })],
  ];
}

function readInheritance(entry: Entry): Shared {
  const inherit = readInherit(entry);
  return { inherit, inheritVariables: inherit.variables };
}

function readNeeded(entry: Entry, owner: 'job' | 'bridge'): Shared {
  const { needs, crossNeeds, upstream } = readNeeds(entry, owner);
  if (upstream === null) return { needs, crossNeeds };
  return { needs: needs.length > 0 ? needs : null, crossNeeds, upstream };
}

/** The fields that jobs and trigger jobs share, from attributes alone; keywords with a file of their own come later. */
export function blankProcessable(entry: Entry, name: YamlScalar) {
  const when = (text(entry.get('when')) ?? 'on_success') as Draft['when'];
  return {
    name: toText(name),
    stage: DEFAULT_STAGE,
    stageIndex: -1,
    when,
    startInSeconds: null,
    allowFailure: when === 'manual',
    allowFailureExitCodes: [],
    manualConfirmation: text(entry.get('manual_confirmation')),
    rules: null,
    only: null,
    except: null,
    variables: Object.create(null),
    inheritVariables: true,
    needs: null,
    crossNeeds: [],
    environment: null,
    resourceGroup: text(entry.get('resource_group')),
    interruptible: null,
    parallel: null,
    inherit: { defaults: true, variables: true },
    position: entry.positionAt() ?? START_OF_FILE,
    entry,
  };
}

/** Checks name, keys and the attributes that jobs and trigger jobs share. */
export function checkProcessable(
  entry: Entry,
  name: YamlScalar,
  keys: readonly string[],
  when: string[],
): void {
  checkName(entry, name);
  allowKeys(entry, keys);
  if (entry.get('rules') !== null) {
    forbidKeys(entry, ['only', 'except', 'start_in'], 'key may not be used with `rules`');
  }
  checkAttributes(entry, {
    extends: stringOrList,
    rules: nestedHashes,
    resource_group: aString,
    manual_confirmation: aString,
    when: aString,
  });
  checkAttributes(entry, { when: oneOf(when) });
}

const nameLength: Check = atMost(MAX_NAME_LENGTH);

function checkName(entry: Entry, name: YamlScalar): void {
  if (name === null || name === '') entry.error('name', "can't be blank");
  else if (typeof name !== 'string') entry.error('name', 'should be a symbol');
  const tooLong = nameLength(name);
  if (tooLong !== null) entry.error('name', tooLong);
}

/** The implicit `only` of a job with neither `only` nor `rules`, and the implicit refs of an `only` without (10.4). */
export function effectiveOnly(entry: Entry, only: RefPolicy | null, context: JobContext): RefPolicy | null {
  if (only !== null) return only.refs === null ? { ...only, refs: [...DEFAULT_REFS] } : only;
  if (entry.has('rules') || context.workflowRules) return null;
  return { refs: [...DEFAULT_REFS], variables: null, changes: null, kubernetes: null };
}

const MORE =
  'https://docs.gitlab.com/ci/jobs/job_troubleshooting/#job-may-allow-multiple-pipelines-to-run-for-a-single-action-warning';

/** Warns of a last rule that matches every pipeline, branch and merge request alike (ci-yaml 10.2). */
export function warnOfDuplicatePipelines(entry: Entry, context: JobContext): void {
  if (context.workflowRules || entry.get('rules') === null || entry.findings.errors.length > 0) return;
  const last = entry.child('rules').items(null).at(-1);
  const when = last?.get('when') ?? null;
  if (when === null || when === 'never' || !(last?.value instanceof Map) || last.value.size !== 1) return;
  entry.warn(
    'may allow multiple pipelines to run for a single action due to `rules:when` clause with no ' +
      `\`workflow:rules\` - read more: ${MORE}`,
  );
}

/** The default of each keyword that the job lacks and takes over (ci-yaml 5.3). */
export function applyDefaults<T extends Draft>(
  draft: T,
  context: JobContext,
  only?: readonly string[],
): void {
  const { defaults } = draft.inherit;
  if (defaults === false) return;
  for (const [key, patch] of context.defaults) {
    if (only !== undefined && !only.includes(key)) continue;
    if (Array.isArray(defaults) && !defaults.includes(key)) continue;
    if (draft.entry.get(key) === null) Object.assign(draft, patch);
  }
}
