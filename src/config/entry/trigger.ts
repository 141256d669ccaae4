import type { Trigger } from '../compiled.ts';
import { aBoolean, aHash, aString, oneOf } from './check.ts';
import type { Entry } from './entry.ts';
import { readIncludes } from './include.ts';
import { allowKeys, checkAttributes, checkConfig, requireText } from './keys.ts';
import { isBlank, plainRecord, text, toPlain } from './value.ts';

const PROJECT_KEYS = ['project', 'branch', 'strategy', 'forward', 'inputs'];
const INCLUDE_KEYS = ['include', 'strategy', 'forward'];
const MAX_INCLUDES = 3;
const strategy = oneOf(['depend', 'mirror'], 'should be depend or mirror');

const nothing: Trigger = {
  project: null,
  branch: null,
  include: null,
  strategy: null,
  forward: { yamlVariables: true, pipelineVariables: false },
  inputs: null,
};

/** `trigger`: a project, a hash about a project, or a hash with the `include` of a child pipeline (ci-yaml 12.5). */
export function readTrigger(entry: Entry): Trigger {
  if (!(entry.value instanceof Map) && typeof entry.value !== 'string') {
    entry.kindError('has to be either a string or a hash');
    return nothing;
  }
  if (isBlank(entry.value)) {
    entry.error('config', "can't be blank");
    return nothing;
  }
  return typeof entry.value === 'string' ? { ...nothing, project: entry.value } : readHash(entry);
}

function readHash(entry: Entry): Trigger {
  const isChild = entry.has('include');
  allowKeys(entry, isChild ? INCLUDE_KEYS : PROJECT_KEYS);
  if (!isChild) requireText(entry, 'project');
  checkAttributes(entry, { branch: aString, strategy });
  if (!entry.sound) return nothing;
  if (isChild) readIncludes(entry.child('include'), MAX_INCLUDES);
  return {
    project: text(entry.get('project')),
    branch: text(entry.get('branch')),
    include: isChild ? asList(toPlain(entry.get('include'))) : null,
    strategy: text(entry.get('strategy')) as Trigger['strategy'],
    forward: entry.get('forward') === null ? nothing.forward : readForward(entry.child('forward')),
    inputs: entry.get('inputs') === null ? null : readInputs(entry.child('inputs')),
  };
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function readForward(entry: Entry): Trigger['forward'] {
  if (!checkConfig(entry, aHash)) return nothing.forward;
  const keys = { yaml_variables: aBoolean, pipeline_variables: aBoolean };
  allowKeys(entry, Object.keys(keys));
  checkAttributes(entry, keys);
  return {
    yamlVariables: entry.get('yaml_variables') !== false,
    pipelineVariables: entry.get('pipeline_variables') === true,
  };
}

function readInputs(entry: Entry): Record<string, unknown> | null {
  checkConfig(entry, aHash);
  return plainRecord(entry.value);
}
