import type { ExistsClause } from '../compiled.ts';
import { patternList } from './changes.ts';
import { aString } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireKeys } from './keys.ts';
import { text, texts } from './value.ts';

/** `rules:exists`: a pattern, a list of them, or `{paths, project, ref}` (ci-yaml 10.3). */
export function readExists(entry: Entry): ExistsClause {
  if (typeof entry.value === 'string' || Array.isArray(entry.value)) {
    if (Array.isArray(entry.value)) checkConfig(entry, patternList);
    return { paths: texts(entry.value), project: null, ref: null };
  }
  if (!(entry.value instanceof Map)) {
    entry.kindError('should be an array, a string or a hash');
    return { paths: [], project: null, ref: null };
  }
  allowKeys(entry, ['paths', 'project', 'ref']);
  requireKeys(entry, entry.has('ref') ? ['paths', 'project'] : ['paths']);
  checkAttributes(entry, { paths: patternList, project: aString, ref: aString });
  return {
    paths: texts(entry.get('paths')),
    project: text(entry.get('project')),
    ref: text(entry.get('ref')),
  };
}
