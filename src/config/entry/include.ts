import { hashOrString, must } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig } from './keys.ts';
import { isBlank } from './value.ts';

const KEYS = [
  ...['local', 'file', 'remote', 'template', 'component', 'artifact', 'inputs', 'job', 'project', 'ref'],
  ...['rules', 'integrity', 'cache'],
];
const includes = must(
  (value) => Array.isArray(value) || hashOrString(value) === null,
  'should be a string, a hash or an array',
);

/** Checks the shape of an `include` that no earlier phase has taken away (ci-yaml 4, 12.5); `maximum` limits a list. */
export function readIncludes(entry: Entry, maximum = Number.POSITIVE_INFINITY): void {
  if (isBlank(entry.value)) entry.error('config', "can't be blank");
  else checkConfig(entry, includes);
  if (Array.isArray(entry.value) && entry.value.length > maximum) {
    entry.error('config', `is too long (maximum is ${maximum})`);
  }
  if (entry.sound) for (const item of entry.items('include')) checkInclude(item);
}

function checkInclude(entry: Entry): void {
  if (!checkConfig(entry, hashOrString) || typeof entry.value === 'string') return;
  allowKeys(entry, KEYS);
  if (entry.has('artifact') && isBlank(entry.get('job'))) {
    entry.error('config', 'must specify the job where to fetch the artifact from', 'artifact');
  }
  if (entry.has('project') && isBlank(entry.get('file'))) {
    entry.error('config', 'must specify the file where to fetch the config from', 'project');
  }
}
