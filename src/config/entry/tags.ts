import { stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';
import { texts } from './value.ts';

/** A job may have fewer tags than this (ci-yaml 7). */
const LIMIT = 50;

/** `tags`: a flat list of strings. */
export function readTags(entry: Entry): string[] {
  if (!checkConfig(entry, stringList)) return [];
  const tags = texts(entry.value);
  if (tags.length >= LIMIT) entry.error('config', `must be less than the limit of ${LIMIT} tags`);
  return tags;
}
