import { allOf, firstOf, oneOf, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';
import { texts } from './value.ts';

const POLICIES = ['always', 'if-not-present', 'never'];

/** `pull_policy` of an image or service: a policy or a list of them, kept as a list (ci-yaml 7). */
export function readPullPolicy(entry: Entry): string[] {
  const value =
    typeof entry.value === 'string' ? oneOf(POLICIES, 'is not included in the list') : allOf(POLICIES);
  checkConfig(entry, firstOf(stringOrList, value));
  return texts(entry.value);
}
