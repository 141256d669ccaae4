import type { Artifacts, JobConfig } from '../compiled.ts';
import { noArtifacts } from './artifacts.ts';
import { anExpiry, aString, hashOrBoolean } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { plainRecord, text } from './value.ts';

const DEFAULT_PUBLISH = 'public';

/** `pages`: a boolean or `{path_prefix, expire_in, publish}` (ci-yaml 12.3). */
export function readPages(entry: Entry): JobConfig['pages'] {
  if (!checkConfig(entry, hashOrBoolean)) return null;
  if (typeof entry.value === 'boolean') return entry.value;
  const keys = { path_prefix: aString, expire_in: anExpiry, publish: aString };
  allowKeys(entry, Object.keys(keys));
  checkAttributes(entry, keys);
  return plainRecord(entry.value);
}

/** `publish` of the job itself. */
export function readPublish(entry: Entry): void {
  checkConfig(entry, aString);
}

/** Whether a job publishes pages: by its name, unless it says no, or because it says so. */
export function isPagesJob(name: string, job: Entry): boolean {
  const pages = job.get('pages');
  if (pages === null) return name === 'pages';
  return pages === true || pages instanceof Map;
}

/** The artifacts of a pages job: its own and the directory that is published. */
export function withPublished(artifacts: Artifacts | null, job: Entry): Artifacts {
  const own = artifacts ?? noArtifacts();
  const pages = job.get('pages');
  const inPages = pages instanceof Map ? text(pages.get('publish') ?? null) : null;
  const directory = inPages ?? text(job.get('publish')) ?? DEFAULT_PUBLISH;
  return own.paths.includes(directory) ? own : { ...own, paths: [...own.paths, directory] };
}

/** Whether the directory is named twice, in `publish` and in `pages:publish`. */
export function publishesTwice(job: Entry): boolean {
  const pages = job.get('pages');
  return job.get('publish') !== null && pages instanceof Map && (pages.get('publish') ?? null) !== null;
}
