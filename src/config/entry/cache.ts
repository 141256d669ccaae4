import type { Cache } from '../compiled.ts';
import { UPLOAD_WHEN } from './artifacts.ts';
import { readCacheKey } from './cache-key.ts';
import { aBoolean, aHash, aString, type Check, firstOf, must, oneOf, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, type Readers, readChildren } from './keys.ts';
import { flag, text, texts } from './value.ts';

const MAX_CACHES = 4;
const MAX_FALLBACK_KEYS = 5;
const KEYS = ['key', 'paths', 'untracked', 'when', 'policy', 'unprotect', 'fallback_keys'];

/** The match is not anchored: `pull-some` passes (ci-yaml 9). */
const POLICY = /\$\w+|pull-push|push|pull/;

const ATTRIBUTES: Record<string, Check> = {
  when: oneOf(UPLOAD_WHEN),
  policy: firstOf(
    aString,
    must(
      (value) => typeof value === 'string' && POLICY.test(value),
      'should be a variable or one of: pull-push, push, pull',
    ),
  ),
  fallback_keys: firstOf(
    stringList,
    must(
      (value) => Array.isArray(value) && value.length <= MAX_FALLBACK_KEYS,
      `has to many entries (maximum ${MAX_FALLBACK_KEYS})`,
    ),
  ),
};

const CHILDREN: Readers<Cache> = new Map<string, (entry: Entry) => Partial<Cache>>([
  ['key', (entry) => ({ key: readCacheKey(entry) })],
  ['paths', (entry) => ({ paths: checkConfig(entry, stringList) ? texts(entry.value) : [] })],
  ['untracked', (entry) => ({ untracked: readBoolean(entry) })],
  ['unprotect', (entry) => ({ unprotect: readBoolean(entry) })],
]);

/** `cache`: one or up to four, always kept as a list with every default filled in (ci-yaml 9). */
export function readCaches(entry: Entry): Cache[] {
  const caches = entry.items(null);
  if (caches.length > MAX_CACHES) {
    entry.error('config', `no more than ${MAX_CACHES} caches can be created`);
    return [];
  }
  return caches.map(readCache);
}

function readCache(entry: Entry): Cache {
  const cache: Cache = {
    key: 'default',
    paths: [],
    untracked: false,
    when: (text(entry.get('when')) ?? 'on_success') as Cache['when'],
    policy: text(entry.get('policy')) ?? 'pull-push',
    unprotect: false,
    fallbackKeys: texts(entry.get('fallback_keys')),
  };
  if (!checkConfig(entry, aHash)) return cache;
  allowKeys(entry, KEYS);
  checkAttributes(entry, ATTRIBUTES);
  return entry.sound ? readChildren(entry, CHILDREN, cache) : cache;
}

function readBoolean(entry: Entry): boolean {
  checkConfig(entry, aBoolean);
  return flag(entry.value) ?? false;
}
