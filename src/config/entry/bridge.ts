import type { YamlScalar } from '../yaml-value.ts';
import { aBoolean } from './check.ts';
import type { BridgeDraft } from './draft.ts';
import type { Entry } from './entry.ts';
import { checkAttributes, keysOf } from './keys.ts';
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
import { readTrigger } from './trigger.ts';

const WHEN = ['on_success', 'on_failure', 'always', 'manual'];
const KEYS = ['trigger', ...PROCESSABLE_KEYS];

const READERS: ReadonlyMap<string, (entry: Entry) => Partial<BridgeDraft>> = new Map<
  string,
  (entry: Entry) => Partial<BridgeDraft>
>([
  ...processableReaders('bridge'),
  ['trigger', (entry) => ({ trigger: readTrigger(entry) })],
  ['allow_failure', (entry) => ({ allowFailure: entry.value === true })],
]);

/** A trigger job: a visible key whose mapping has `trigger`, or `needs` without a script (ci-yaml 7, 12.5). */
export function readBridge(entry: Entry, name: YamlScalar, context: JobContext): BridgeDraft {
  const draft: BridgeDraft = {
    type: 'bridge',
    ...blankProcessable(entry, name),
    trigger: null,
    upstream: null,
  };
  checkProcessable(entry, name, KEYS, WHEN);
  checkAttributes(entry, { allow_failure: aBoolean });
  if (!entry.sound) return draft;
  for (const key of keysOf(entry)) {
    const reader = READERS.get(key);
    if (reader !== undefined && entry.get(key) !== null) Object.assign(draft, reader(entry.child(key)));
  }
  if (entry.get('trigger') === null && draft.upstream === null) {
    entry.error('config', 'should contain either a trigger or a needs:pipeline');
  }
  applyDefaults(draft, context, ['interruptible']);
  draft.only = effectiveOnly(entry, draft.only, context);
  warnOfDuplicatePipelines(entry, context);
  return draft;
}
