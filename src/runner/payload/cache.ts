import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { BuildDefinition } from '../../pipeline/job-definition.ts';
import type { JobCache } from '../protocol.ts';

type Cache = BuildDefinition['cache'][number];

/**
 * Object ids that identify the content of these paths at the job's commit: blob ids for `files`, ids of the last commits
 * for `files_commits`; paths that do not exist give none.
 */
export type KeySource = (kind: 'files' | 'files_commits', paths: readonly string[]) => Promise<string[]>;

/** `cache` (ci-yaml 9). `separate`: the project keeps caches of protected refs apart (security PROT-6). */
export async function cachesOf(
  caches: readonly Cache[],
  job: { protected: boolean; separate: boolean },
  keySource: KeySource,
): Promise<JobCache[]> {
  return Promise.all(
    caches.map(async (cache, index) => {
      const suffix = suffixOf(cache, job);
      return {
        key: (await keyOf(cache.key, index, keySource)) + suffix,
        untracked: cache.untracked,
        paths: cache.paths.length === 0 ? null : cache.paths,
        policy: cache.policy,
        when: cache.when,
        fallback_keys: cache.fallbackKeys.map((key) => key + suffix),
      };
    }),
  );
}

function suffixOf(cache: Cache, job: { protected: boolean; separate: boolean }): string {
  if (!job.separate) return '';
  return job.protected && !cache.unprotect ? '-protected' : '-non_protected';
}

async function keyOf(key: Cache['key'], index: number, keySource: KeySource): Promise<string> {
  if (typeof key === 'string') return key;
  const kind = key.files === undefined ? 'files_commits' : 'files';
  const paths = key.files ?? key.filesCommits ?? [];
  const ids = [...new Set(await keySource(kind, paths))].sort();
  const digest = ids.length === 0 ? 'default' : createHash('sha1').update(ids.join('-')).digest('hex');
  const stems = paths.map((path) => basename(path).replace(/\.[^.]*$/, '') || basename(path));
  return `${key.prefix ?? `${index}_${stems.join('_')}`}-${digest}`;
}
