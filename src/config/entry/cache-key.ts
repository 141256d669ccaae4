import type { Cache } from '../compiled.ts';
import { aString, must, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig, exactlyOneKey } from './keys.ts';
import { text, texts } from './value.ts';

const MAX_FILES = 2;
const FILE_KEYS = ['files', 'files_commits'] as const;

const withoutSlash = must(
  (value) => typeof value === 'string' && !/\/|%2f/i.test(value),
  'cannot contain the "/" character',
);
const notDots = must((value) => value !== '.' && value !== '..', 'cannot be "." or ".."');

/** `cache:key`: a literal, or the files whose content makes it (ci-yaml 9). */
export function readCacheKey(entry: Entry): Cache['key'] {
  if (typeof entry.value === 'string') return readLiteral(entry);
  if (entry.value instanceof Map) return readFileKey(entry);
  entry.kindError('should be a hash, a string or a symbol');
  return '';
}

function readLiteral(entry: Entry): string {
  checkConfig(entry, withoutSlash);
  checkConfig(entry, notDots);
  return text(entry.value) ?? '';
}

function readFileKey(entry: Entry): Exclude<Cache['key'], string> {
  const key: Exclude<Cache['key'], string> = {};
  allowKeys(entry, [...FILE_KEYS, 'prefix']);
  exactlyOneKey(entry, FILE_KEYS);
  if (!entry.sound) return key;
  if (entry.has('files')) key.files = readFiles(entry.child('files'));
  if (entry.has('files_commits')) key.filesCommits = readFiles(entry.child('files_commits'));
  if (entry.get('prefix') !== null) key.prefix = readPrefix(entry.child('prefix'));
  return key;
}

function readFiles(entry: Entry): string[] {
  if (!checkConfig(entry, stringList)) return [];
  const files = texts(entry.value);
  if (files.length === 0) entry.error('config', 'requires at least 1 item');
  if (files.length > MAX_FILES) entry.error('config', `has too many items (maximum is ${MAX_FILES})`);
  return files;
}

function readPrefix(entry: Entry): string {
  return checkConfig(entry, aString) ? readLiteral(entry) : '';
}
