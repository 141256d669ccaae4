import type { CrossNeed, Need } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import { aBoolean, aString, type Check } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, requireText } from './keys.ts';
import type { MatrixRow } from './matrix.ts';
import { readParallel } from './parallel.ts';
import { text } from './value.ts';

/** A need before `parallel` was expanded: it may select instances by their matrix values (ci-yaml 8.6). */
export interface NeedDraft extends Need {
  matrix: MatrixRow[] | null;
}

/** What `needs` says, by kind; `upstream` is the project whose pipeline a trigger job mirrors. */
export interface Needs {
  needs: NeedDraft[];
  crossNeeds: CrossNeed[];
  upstream: string | null;
}

/** What a need points to: a job of this pipeline, one elsewhere, or another project's pipeline to mirror. */
export type NeedKind = 'job' | 'cross_dependency' | 'bridge';

/** The kind of one item of `needs`; null for a value that is none (ci-yaml 8.1). */
export function needKind(value: YamlValue): NeedKind | null {
  if (typeof value === 'string') return 'job';
  if (!(value instanceof Map)) return null;
  if (value.has('project')) return 'cross_dependency';
  if (value.has('pipeline')) return value.has('job') ? 'cross_dependency' : 'bridge';
  return value.has('job') ? 'job' : null;
}

/** Adds one item of `needs` to `target`. */
export function readNeed(entry: Entry, target: Needs): void {
  switch (needKind(entry.value)) {
    case 'job':
      readJobNeed(entry, target);
      break;
    case 'cross_dependency':
      readCrossNeed(entry, target);
      break;
    case 'bridge':
      readUpstream(entry, target);
      break;
    case null:
      entry.kindError('has an unsupported type');
  }
}

function readJobNeed(entry: Entry, target: Needs): void {
  if (typeof entry.value === 'string') {
    if (entry.value.trim() === '') entry.error('config', "can't be blank");
    target.needs.push({ name: entry.value, artifacts: true, optional: false, matrix: null });
    return;
  }
  allowKeys(entry, ['job', 'artifacts', 'optional', 'parallel']);
  requireText(entry, 'job');
  checkAttributes(entry, { artifacts: aBoolean, optional: aBoolean });
  const parallel =
    entry.sound && entry.get('parallel') !== null ? readParallel(entry.child('parallel'), 'need') : null;
  target.needs.push({
    name: text(entry.get('job')) ?? '',
    artifacts: entry.get('artifacts') !== false,
    optional: entry.get('optional') === true,
    matrix: parallel?.kind === 'matrix' ? parallel.rows : null,
  });
}

function readCrossNeed(entry: Entry, target: Needs): void {
  const elsewhere = entry.value instanceof Map && entry.value.has('project') ? 'project' : 'pipeline';
  const keys: Record<string, Check> =
    elsewhere === 'project' ? { ref: aString, artifacts: aBoolean } : { artifacts: aBoolean };
  allowKeys(entry, ['job', elsewhere, ...Object.keys(keys)]);
  for (const key of elsewhere === 'project' ? ['project', 'job', 'ref'] : ['pipeline', 'job']) {
    requireText(entry, key);
  }
  checkAttributes(entry, { artifacts: aBoolean });
  target.crossNeeds.push({
    pipeline: elsewhere === 'pipeline' ? text(entry.get('pipeline')) : null,
    project: text(entry.get('project')),
    ref: text(entry.get('ref')),
    job: text(entry.get('job')) ?? '',
    artifacts: entry.get('artifacts') !== false,
  });
}

function readUpstream(entry: Entry, target: Needs): void {
  allowKeys(entry, ['pipeline']);
  requireText(entry, 'pipeline');
  target.upstream = text(entry.get('pipeline'));
}
