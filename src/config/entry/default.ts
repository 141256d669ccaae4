import type { JobConfig } from '../compiled.ts';
import { readArtifacts } from './artifacts.ts';
import { readCaches } from './cache.ts';
import { aHash } from './check.ts';
import { readCommands } from './commands.ts';
import type { Entry } from './entry.ts';
import { readHooks } from './hooks.ts';
import { readIdTokens } from './id-tokens.ts';
import { readImage } from './image.ts';
import { readInterruptible } from './interruptible.ts';
import { allowKeys, checkConfig, keysOf, type Readers } from './keys.ts';
import { readRetry } from './retry.ts';
import { readServices } from './services.ts';
import { readTags } from './tags.ts';
import { readTimeout } from './timeout.ts';

/** The keywords that `default` may hold, with what each gives to a job (ci-yaml 5.3). */
export const DEFAULT_READERS: Readers<JobConfig> = new Map<string, (entry: Entry) => Partial<JobConfig>>([
  ['before_script', (entry) => ({ beforeScript: readCommands(entry) })],
  ['after_script', (entry) => ({ afterScript: readCommands(entry) })],
  ['hooks', (entry) => ({ hooks: readHooks(entry) })],
  ['cache', (entry) => ({ cache: readCaches(entry) })],
  ['image', (entry) => ({ image: readImage(entry) })],
  ['services', (entry) => ({ services: readServices(entry) })],
  ['interruptible', (entry) => ({ interruptible: readInterruptible(entry) })],
  ['timeout', (entry) => ({ timeoutSeconds: readTimeout(entry) })],
  ['retry', (entry) => ({ retry: readRetry(entry) })],
  ['tags', (entry) => ({ tags: readTags(entry) })],
  ['artifacts', (entry) => ({ artifacts: readArtifacts(entry) })],
  ['id_tokens', (entry) => ({ idTokens: readIdTokens(entry) })],
]);
export const DEFAULT_KEYS: readonly string[] = [...DEFAULT_READERS.keys()];

/** Keywords that may still stand at the top level, where they act as defaults. */
export const DEPRECATED_KEYS: readonly string[] = [
  'before_script',
  'image',
  'services',
  'after_script',
  'cache',
];

/** What each keyword gives to a job that lacks it. */
export type Defaults = ReadonlyMap<string, Partial<JobConfig>>;

/** `default` together with the deprecated top-level keywords; `isJob` says that `default` is the name of a job. */
export function readDefaults(root: Entry, isJob: boolean): Defaults {
  const defaults = new Map<string, Partial<JobConfig>>();
  const given = isJob ? null : root.get('default');
  for (const key of keysOf(root)) {
    if (DEPRECATED_KEYS.includes(key) && root.get(key) !== null) {
      defaults.set(key, readKeyword(root, key));
    } else if (key === 'default' && given !== null) {
      readDefault(root.child(key), defaults);
    }
  }
  for (const key of DEPRECATED_KEYS) {
    if (given instanceof Map && (given.get(key) ?? null) !== null && root.get(key) !== null) {
      root.errorAsWritten(`${key} is defined in top-level and \`default:\` entry`, key);
    }
  }
  return defaults;
}

function readDefault(entry: Entry, defaults: Map<string, Partial<JobConfig>>): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, DEFAULT_KEYS);
  if (!entry.sound) return;
  for (const key of keysOf(entry)) {
    if (entry.get(key) !== null) defaults.set(key, readKeyword(entry, key));
  }
}

function readKeyword(parent: Entry, key: string): Partial<JobConfig> {
  return DEFAULT_READERS.get(key)?.(childOf(parent, key)) ?? {};
}

/** The child under `key`; the location of `retry` is that word alone (ci-yaml 1.1). */
export function childOf(parent: Entry, key: string): Entry {
  return parent.child(key, key, key === 'retry');
}
