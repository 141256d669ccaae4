import type { Artifacts } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import {
  aBoolean,
  aHash,
  anExpiry,
  aString,
  atMost,
  type Check,
  firstOf,
  must,
  oneOf,
  stringList,
} from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, exclusiveKeys } from './keys.ts';
import { readReports } from './reports.ts';
import { text, texts } from './value.ts';

/** When artifacts and caches are uploaded (ci-yaml 9). */
export const UPLOAD_WHEN = ['on_success', 'on_failure', 'always'];

const exposedName = firstOf(
  aString,
  atMost(100),
  must(
    (value) => typeof value === 'string' && /^[A-Za-z0-9_ -]*$/.test(value),
    "can contain only letters, digits, '-', '_' and spaces",
  ),
);

const ATTRIBUTES: Record<string, Check> = {
  name: aString,
  public: aBoolean,
  untracked: aBoolean,
  paths: stringList,
  expose_as: exposedName,
  exclude: stringList,
  reports: aHash,
  when: oneOf(UPLOAD_WHEN),
  expire_in: anExpiry,
  access: oneOf(['none', 'developer', 'maintainer', 'all']),
};

/** Artifacts of a job that names none, as a starting point. */
export function noArtifacts(): Artifacts {
  return {
    name: null,
    paths: [],
    exclude: [],
    untracked: false,
    when: 'on_success',
    expireIn: null,
    exposeAs: null,
    access: 'all',
    reports: Object.create(null),
  };
}

/** `artifacts` (ci-yaml 9). */
export function readArtifacts(entry: Entry): Artifacts {
  if (!checkConfig(entry, aHash)) return noArtifacts();
  allowKeys(entry, Object.keys(ATTRIBUTES));
  exclusiveKeys(entry, ['public', 'access']);
  checkAttributes(entry, ATTRIBUTES);
  if (entry.get('expose_as') !== null) checkExposedPaths(entry, entry.get('paths'));
  const reports = entry.get('reports');
  return {
    name: text(entry.get('name')),
    paths: texts(entry.get('paths')),
    exclude: texts(entry.get('exclude')),
    untracked: entry.get('untracked') === true,
    when: (text(entry.get('when')) ?? 'on_success') as Artifacts['when'],
    expireIn: text(entry.get('expire_in')),
    exposeAs: text(entry.get('expose_as')),
    access: access(entry),
    reports: entry.sound && reports !== null ? readReports(entry.child('reports')) : Object.create(null),
  };
}

function access(entry: Entry): Artifacts['access'] {
  if (entry.get('public') === false) return 'developer';
  return (text(entry.get('access')) ?? 'all') as Artifacts['access'];
}

function checkExposedPaths(entry: Entry, paths: YamlValue): void {
  if (paths === null || (Array.isArray(paths) && paths.length === 0)) {
    entry.error('paths', "can't be blank");
  } else if (texts(paths).some((path) => path.includes('*'))) {
    entry.error('paths', "can't contain '*' when used with 'expose_as'");
  }
}
