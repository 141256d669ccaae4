import type { JobConfig } from '../compiled.ts';
import { parseDuration } from '../duration.ts';
import type { YamlScalar } from '../yaml-value.ts';
import { readAllowFailure } from './allow-failure.ts';
import { hashOrBoolean, stringList } from './check.ts';
import { readCommands } from './commands.ts';
import { readCoverage } from './coverage.ts';
import { childOf, DEFAULT_READERS } from './default.ts';
import type { JobDraft } from './draft.ts';
import type { Entry } from './entry.ts';
import { inputCount, readInputs } from './inputs.ts';
import { readDastConfiguration, readIdentity } from './integrations.ts';
import { checkAttributes, exclusiveKeys, keysOf } from './keys.ts';
import { isPagesJob, readPages, readPublish, withPublished } from './pages.ts';
import {
  applyDefaults,
  blankProcessable,
  checkProcessable,
  effectiveOnly,
  type JobContext,
  PROCESSABLE_KEYS,
  processableReaders,
  warnOfDuplicatePipelines,
} from './processable.ts';
import { readRelease } from './release.ts';
import { checkStartIn } from './rule.ts';
import { readRun } from './run.ts';
import { readSecrets } from './secrets.ts';
import { isBlank, text, texts } from './value.ts';

const WHEN = ['on_success', 'on_failure', 'always', 'manual', 'delayed'];

/** Keywords with a file of their own, and what each gives to the job. */
const READERS: ReadonlyMap<string, (entry: Entry) => Partial<JobDraft>> = new Map<
  string,
  (entry: Entry) => Partial<JobDraft>
>([
  ...processableReaders('job'),
  ...(DEFAULT_READERS as ReadonlyMap<
    string,
    (entry: Entry) => Partial<Omit<JobConfig, 'needs' | 'parallel'>>
  >),
  ['script', (entry) => ({ script: readCommands(entry) })],
  ['run', (entry) => ({ run: readRun(entry) })],
  ['allow_failure', readAllowFailure],
  ['coverage', (entry) => ({ coverage: readCoverage(entry) })],
  ['release', (entry) => ({ release: readRelease(entry) })],
  ['secrets', (entry) => ({ secrets: readSecrets(entry) })],
  ['inputs', (entry) => ({ inputs: readInputs(entry) })],
  ['identity', (entry) => ({ identity: readIdentity(entry) })],
  ['dast_configuration', (entry) => ({ dastConfiguration: readDastConfiguration(entry) })],
  ['pages', (entry) => ({ pages: readPages(entry) })],
  [
    'publish',
    (entry) => {
      readPublish(entry);
      return {};
    },
  ],
]);

const ATTRIBUTE_KEYS = ['start_in', 'manual_confirmation', 'dependencies'];
const KEYS = [...new Set([...PROCESSABLE_KEYS, ...READERS.keys(), ...ATTRIBUTE_KEYS])];
const EXCLUSIVE = [
  ['script', 'trigger'],
  ['run', 'trigger'],
  ['script', 'run'],
  ['before_script', 'run'],
  ['after_script', 'run'],
];

/** A job: a visible key whose mapping has `script` or `run` (ci-yaml 7). */
export function readJob(entry: Entry, name: YamlScalar, context: JobContext): JobDraft {
  const draft = blankJob(entry, name);
  checkJob(entry, name, draft);
  if (!entry.sound) return draft;
  for (const key of keysOf(entry)) {
    const reader = READERS.get(key);
    if (reader !== undefined && entry.get(key) !== null) Object.assign(draft, reader(childOf(entry, key)));
  }
  applyDefaults(draft, context);
  checkDependenciesAreNeeded(entry, draft);
  draft.only = effectiveOnly(entry, draft.only, context);
  if (isPagesJob(draft.name, entry)) draft.artifacts = withPublished(draft.artifacts, entry);
  warnOfDuplicatePipelines(entry, context);
  return draft;
}

function checkJob(entry: Entry, name: YamlScalar, draft: JobDraft): void {
  // `trigger` is known here only so that the pair is reported as exclusive, not as unknown.
  checkProcessable(entry, name, [...KEYS, 'trigger'], WHEN);
  for (const keys of EXCLUSIVE) exclusiveKeys(entry, keys);
  if (entry.has('script') && isBlank(entry.get('script'))) entry.error('script', "can't be blank");
  checkAttributes(entry, { dependencies: stringList, allow_failure: hashOrBoolean, inputs: inputCount });
  if (draft.when === 'delayed') checkStartIn(entry);
  else if (!isBlank(entry.get('start_in'))) entry.error('start_in', 'must be blank');
  if (entry.get('publish') !== null && !isPagesJob(draft.name, entry)) {
    entry.error('publish', 'can only be used within a `pages` job');
  }
}

/** `dependencies` beside `needs` must be among them (ci-yaml 8.2). */
function checkDependenciesAreNeeded(entry: Entry, draft: JobDraft): void {
  if (draft.dependencies === null || draft.dependencies.length === 0 || draft.needs === null) return;
  if (draft.needs.length === 0) {
    if (draft.crossNeeds.length > 0) {
      entry.error('needs', 'corresponding to dependencies must be from the same pipeline');
    }
    return;
  }
  const needed = new Set(draft.needs.map((need) => need.name));
  const missing = draft.dependencies.filter((dependency) => !needed.has(dependency));
  if (missing.length > 0) {
    entry.error('dependencies', `the ${missing.join(', ')} should be part of needs`);
  }
}

function blankJob(entry: Entry, name: YamlScalar): JobDraft {
  const dependencies = entry.get('dependencies');
  return {
    type: 'build',
    ...blankProcessable(entry, name),
    startInSeconds: parseDuration(text(entry.get('start_in')) ?? ''),
    beforeScript: [],
    script: [],
    afterScript: [],
    hooks: { preGetSourcesScript: [], postGetSourcesScript: [] },
    run: null,
    tags: [],
    image: null,
    services: [],
    artifacts: null,
    cache: [],
    dependencies: dependencies === null ? null : texts(dependencies),
    retry: null,
    timeoutSeconds: null,
    coverage: null,
    release: null,
    idTokens: {},
    secrets: null,
    pages: null,
    inputs: null,
    identity: null,
    dastConfiguration: null,
  };
}
