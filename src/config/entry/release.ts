import { aHash, allowed, aString, must, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireText } from './keys.ts';
import { isBlank, plainRecord } from './value.ts';

const KEYS = [
  ...['tag_name', 'tag_message', 'name', 'description', 'ref', 'milestones', 'released_at', 'assets'],
];
const LINK_TYPES = ['other', 'runbook', 'image', 'package'];
const DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

const dateTime = must(
  (value) => typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
  'must be a valid datetime',
);

/** `release`, kept as written (ci-yaml 12.4). */
export function readRelease(entry: Entry): Record<string, unknown> | null {
  if (!checkConfig(entry, aHash)) return null;
  allowKeys(entry, KEYS);
  requireText(entry, 'tag_name');
  requireText(entry, 'description');
  checkAttributes(entry, {
    tag_message: aString,
    name: aString,
    ref: aString,
    milestones: stringOrList,
    released_at: dateTime,
  });
  if (entry.sound && entry.get('assets') !== null) checkAssets(entry.child('assets'));
  return plainRecord(entry.value);
}

function checkAssets(entry: Entry): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, ['links']);
  if (isBlank(entry.get('links'))) entry.error('links', "can't be blank");
  if (entry.sound) for (const link of entry.child('links').items('link')) checkLink(link);
}

function checkLink(entry: Entry): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, ['name', 'url', 'filepath', 'link_type']);
  requireText(entry, 'name');
  requireText(entry, 'url');
  checkAttributes(entry, { filepath: aString, link_type: allowed(LINK_TYPES) });
}
