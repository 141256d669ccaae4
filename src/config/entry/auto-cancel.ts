import type { AutoCancel } from '../compiled.ts';
import { aHash, oneOf } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { text } from './value.ts';

const ON_NEW_COMMIT: AutoCancel['onNewCommit'][] = ['conservative', 'interruptible', 'none'];
const ON_JOB_FAILURE: AutoCancel['onJobFailure'][] = ['none', 'all'];

const mustBeOneOf = (values: string[]) => oneOf(values, `must be one of: ${values.join(', ')}`);

/** `auto_cancel` of the workflow or of one of its rules; keys that were not given are absent (ci-yaml 6.2). */
export function readAutoCancel(entry: Entry): Partial<AutoCancel> {
  if (!checkConfig(entry, aHash)) return {};
  allowKeys(entry, ['on_new_commit', 'on_job_failure']);
  checkAttributes(entry, {
    on_new_commit: mustBeOneOf(ON_NEW_COMMIT),
    on_job_failure: mustBeOneOf(ON_JOB_FAILURE),
  });
  const onNewCommit = text(entry.get('on_new_commit')) as AutoCancel['onNewCommit'] | null;
  const onJobFailure = text(entry.get('on_job_failure')) as AutoCancel['onJobFailure'] | null;
  return {
    ...(onNewCommit === null ? {} : { onNewCommit }),
    ...(onJobFailure === null ? {} : { onJobFailure }),
  };
}
