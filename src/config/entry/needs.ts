import type { CrossNeed } from '../compiled.ts';
import type { Entry } from './entry.ts';
import { type NeedKind, type Needs, needKind, readNeed } from './need.ts';

/** Whose needs these are; a job, a trigger job and a rule may need different things. */
export type NeedsOwner = 'job' | 'bridge' | 'rule';

const ALLOWED: Record<NeedsOwner, NeedKind[]> = {
  job: ['job', 'cross_dependency'],
  bridge: ['job', 'bridge'],
  rule: ['job'],
};
const MAX_CROSS_NEEDS = 5;

/** `needs` of a job, a trigger job or a rule (ci-yaml 8.1). */
export function readNeeds(entry: Entry, owner: NeedsOwner): Needs {
  const needs: Needs = { needs: [], crossNeeds: [], upstream: null };
  checkShape(entry);
  if (!entry.sound) return needs;
  const items = entry.items('need');
  checkKinds(entry, items, ALLOWED[owner]);
  if (!entry.sound) return needs;
  for (const item of items) readNeed(item, needs);
  checkCrossNeeds(entry, needs.crossNeeds);
  return needs;
}

function checkShape(entry: Entry): void {
  if (!(entry.value instanceof Map) && !Array.isArray(entry.value)) {
    entry.error('config', 'can only be a hash or an array');
  } else if (entry.value instanceof Map && entry.value.size === 0) {
    entry.error('config', 'can not be an empty hash');
  }
}

function checkKinds(entry: Entry, items: Entry[], kinds: NeedKind[]): void {
  const found = new Set(items.map((item) => needKind(item.value)).filter((kind) => kind !== null));
  const foreign = [...found].filter((kind) => !kinds.includes(kind));
  if (foreign.length > 0) entry.error('config', `uses invalid types: ${foreign.join(', ')}`);
  const numbered = items.some((item) => typeof parallelOf(item) === 'number');
  if (numbered) entry.error('config', 'cannot use "parallel: <number>".');
}

function parallelOf(item: Entry): unknown {
  return needKind(item.value) === 'job' ? item.get('parallel') : null;
}

function checkCrossNeeds(entry: Entry, needs: CrossNeed[]): void {
  const ofPipelines = needs.filter((need) => need.pipeline !== null).length;
  if (Math.max(ofPipelines, needs.length - ofPipelines) > MAX_CROSS_NEEDS) {
    entry.error('config', `must be less than or equal to ${MAX_CROSS_NEEDS}`);
  }
}
