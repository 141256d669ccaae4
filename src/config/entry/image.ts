import type { Image } from '../compiled.ts';
import { aHash, aString, type Check, hashOrString, must, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireText } from './keys.ts';
import { readPullPolicy } from './pull-policy.ts';
import { text, texts } from './value.ts';

const KEYS = ['name', 'entrypoint', 'pull_policy', 'docker', 'kubernetes'];
const stringOrInteger = must(
  (value) => typeof value === 'string' || Number.isInteger(value),
  'should be a string or an integer',
);

/** `image`: a name or a hash, kept as a hash (ci-yaml 7). */
export function readImage(entry: Entry): Image {
  return readContainer(entry, KEYS, {});
}

/** What an image and a service share; `checks` are for the attributes that only one of them has. */
export function readContainer(entry: Entry, keys: string[], checks: Record<string, Check>): Image {
  if (!checkConfig(entry, hashOrString)) return { name: '' };
  if (typeof entry.value === 'string') {
    if (entry.value.trim() === '') entry.error('name', "can't be blank");
    return { name: entry.value };
  }
  allowKeys(entry, keys);
  requireText(entry, 'name');
  checkAttributes(entry, { entrypoint: stringList, ...checks });
  const image: Image = { name: text(entry.get('name')) ?? '' };
  if (entry.get('entrypoint') !== null) image.entrypoint = texts(entry.get('entrypoint'));
  if (entry.sound) readChildren(entry, image);
  return image;
}

function readChildren(entry: Entry, image: Image): void {
  if (entry.get('pull_policy') !== null) image.pullPolicy = readPullPolicy(entry.child('pull_policy'));
  if (entry.get('docker') !== null) {
    const docker = readOptions(entry.child('docker'), { platform: aString, user: aString });
    image.docker = docker as { platform?: string; user?: string };
  }
  if (entry.get('kubernetes') !== null) {
    image.kubernetes = readOptions(entry.child('kubernetes'), { user: stringOrInteger });
  }
}

/** Options of one executor: a hash of the keys that `checks` knows. */
function readOptions(entry: Entry, checks: Record<string, Check>): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  if (!checkConfig(entry, aHash)) return options;
  allowKeys(entry, Object.keys(checks));
  checkAttributes(entry, checks);
  for (const key of Object.keys(checks)) {
    const value = entry.get(key);
    if (typeof value === 'string' || typeof value === 'number') options[key] = value;
  }
  return options;
}
