import type { RefPolicy } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import { allowed, firstOf, must, patternSource, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { anExpression } from './rule.ts';
import { textsOrNull } from './value.ts';

/** The policy of a job that says neither `only` nor `rules` (ci-yaml 10.4). */
export const DEFAULT_REFS: readonly string[] = ['branches', 'tags'];

const PATTERN = /^(\/.*\/[ismU]*)(?:@.*)?$/s;

/** A name, or a pattern between slashes with flags and a project behind it; only patterns can be wrong. */
function isRef(value: YamlValue): boolean {
  if (typeof value !== 'string') return false;
  const pattern = PATTERN.exec(value)?.[1];
  return pattern === undefined || patternSource(pattern) !== null;
}

const refList = must(
  (value) => Array.isArray(value) && value.every(isRef),
  'should be an array of strings or regular expressions using re2 syntax',
);
const expressionList = firstOf(
  stringList,
  must(
    (value) => Array.isArray(value) && value.every((item) => anExpression(item) === null),
    'invalid expression syntax',
  ),
);

const ATTRIBUTES = {
  refs: refList,
  variables: expressionList,
  changes: stringList,
  kubernetes: allowed(['active']),
};

/** `only` or `except`: a list of refs, or a hash of conditions. */
export function readRefPolicy(entry: Entry): RefPolicy {
  const policy: RefPolicy = { refs: null, variables: null, changes: null, kubernetes: null };
  if (Array.isArray(entry.value)) {
    return checkConfig(entry, refList) ? { ...policy, refs: textsOrNull(entry.value) } : policy;
  }
  if (!(entry.value instanceof Map)) {
    entry.kindError('has to be either an array of conditions or a hash');
    return policy;
  }
  if (entry.value.size === 0) entry.error('config', "can't be blank");
  allowKeys(entry, Object.keys(ATTRIBUTES));
  checkAttributes(entry, ATTRIBUTES);
  return {
    refs: textsOrNull(entry.get('refs')),
    variables: textsOrNull(entry.get('variables')),
    changes: textsOrNull(entry.get('changes')),
    kubernetes: entry.get('kubernetes') === 'active' ? 'active' : null,
  };
}
