import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobPayload } from '../runner/protocol.ts';
import { extractZip, writeZip } from './archive.ts';
import { matchFiles } from './file-patterns.ts';
import type { LogStream } from './log-stream.ts';
import { expandText } from './variables.ts';

type CacheEntry = NonNullable<JobPayload['cache']>[number];

/** What the cache needs of the job at hand. */
export interface CacheWork {
  log: LogStream;
  job: JobPayload;
  directory: string;
  /** Where caches of all projects are kept; each project has its own part (security EXE-7). */
  cacheDirectory: string;
  values: ReadonlyMap<string, string>;
  untracked: () => Promise<string[]>;
}

/** Unpacks the first cache that exists of each entry's key and fallback keys. A cache that is missing or broken is no failure. */
export async function restoreCaches(work: CacheWork): Promise<void> {
  for (const entry of work.job.cache ?? []) {
    if (policyOf(work, entry) === 'push') continue;
    const keys = [entry.key, ...(entry.fallback_keys ?? [])].map((key) => expandText(key, work.values));
    for (const key of keys) {
      work.log.line(`\x1b[32;1mChecking cache for ${key}...\x1b[0;m`);
      if (await restore(work, key)) break;
    }
  }
}

async function restore(work: CacheWork, key: string): Promise<boolean> {
  const file = fileOf(work, key);
  if (file === null || !existsSync(file)) {
    work.log.line('No cache is there yet');
    return false;
  }
  try {
    await extractZip(file, work.directory);
    work.log.line('\x1b[32;1mSuccessfully extracted cache\x1b[0;m');
    return true;
  } catch (error) {
    work.log.line(`\x1b[0;33mWARNING: the cache could not be extracted: ${(error as Error).message}\x1b[0;m`);
    return false;
  }
}

/** Packs what each entry names, when its policy and the job's outcome ask for it. */
export async function saveCaches(work: CacheWork, success: boolean): Promise<void> {
  for (const entry of work.job.cache ?? []) {
    const when = entry.when || 'on_success';
    if (policyOf(work, entry) === 'pull') continue;
    if (when !== 'always' && (when === 'on_success') !== success) continue;
    await save(work, entry, expandText(entry.key, work.values));
  }
}

async function save(work: CacheWork, entry: CacheEntry, key: string): Promise<void> {
  const file = fileOf(work, key);
  if (file === null) return;
  work.log.line(`\x1b[32;1mCreating cache ${key}...\x1b[0;m`);
  const paths = (entry.paths ?? []).map((path) => expandText(path, work.values));
  const files = matchFiles(work.directory, [...paths, ...(entry.untracked ? await work.untracked() : [])]);
  for (const path of paths) {
    const count = matchFiles(work.directory, [path]).length;
    work.log.line(`${path}: found ${count} matching artifact files and directories`);
  }
  if (files.length === 0) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.${work.job.id}`;
  await writeZip(work.directory, files, temporary);
  renameSync(temporary, file); // another job sees the old cache or the new one, never half of it
  work.log.line('\x1b[32;1mCreated cache\x1b[0;m');
}

function policyOf(work: CacheWork, entry: CacheEntry): string {
  return expandText(entry.policy || 'pull-push', work.values);
}

/** Null for a key that is no plain name after expansion: it could lead to another project's cache. */
function fileOf(work: CacheWork, key: string): string | null {
  if (key === '' || key === '.' || key === '..' || /[/\\]|%2f|%2e/i.test(key)) {
    work.log.line(`\x1b[0;33mWARNING: ${JSON.stringify(key)} cannot be a cache key\x1b[0;m`);
    return null;
  }
  return join(work.cacheDirectory, String(work.job.job_info.project_id), key, 'cache.zip');
}
