import { createReadStream, createWriteStream, lstatSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { JobPayload } from '../runner/protocol.ts';
import { extractZip, writeZip } from './archive.ts';
import type { GitlabClient } from './client.ts';
import { pause } from './client.ts';
import { matchFiles } from './file-patterns.ts';
import { systemFailure } from './job-failure.ts';
import type { LogStream } from './log-stream.ts';
import { expandText } from './variables.ts';

type ArtifactEntry = NonNullable<JobPayload['artifacts']>[number];

/** What uploading and downloading need of the job at hand. */
export interface ArtifactWork {
  client: GitlabClient;
  log: LogStream;
  job: JobPayload;
  /** The project directory and a directory for temporary files. */
  directory: string;
  temporary: string;
  values: ReadonlyMap<string, string>;
  /** Paths that git does not know, for `untracked`. */
  untracked: () => Promise<string[]>;
}

/** Fetches and unpacks the archives of the jobs this one depends on. Throws JobFailed when one cannot be had. */
export async function downloadDependencies(work: ArtifactWork): Promise<void> {
  for (const dependency of work.job.dependencies ?? []) {
    if (!dependency.artifacts_file?.filename) continue;
    work.log.line(green(`Downloading artifacts for ${dependency.name} (${dependency.id})...`));
    const file = join(work.temporary, `dependency-${dependency.id}.zip`);
    const status = await tried(3, () =>
      work.client.downloadArtifacts(
        dependency.id,
        dependency.token,
        createWriteStream(file, { mode: 0o600 }),
      ),
    );
    if (status !== 200) {
      throw systemFailure(
        `artifacts of ${dependency.name} (${dependency.id}) could not be downloaded: status ${status}`,
      );
    }
    const count = await extractZip(file, work.directory).catch((error: Error) => {
      throw systemFailure(`artifacts of ${dependency.name} (${dependency.id}): ${error.message}`);
    });
    work.log.line(`Downloading artifacts from coordinator... ok        entries=${count} id=${dependency.id}`);
    await rm(file);
  }
}

/** Uploads every artifact of the job that its outcome asks for. Throws JobFailed when the server refuses one. */
export async function uploadArtifacts(work: ArtifactWork, success: boolean): Promise<void> {
  for (const entry of work.job.artifacts ?? []) {
    const when = entry.when || 'on_success';
    if (when !== 'always' && (when === 'on_success') !== success) continue;
    await uploadOne(work, entry);
  }
}

async function uploadOne(work: ArtifactWork, entry: ArtifactEntry): Promise<void> {
  const paths = (entry.paths ?? []).map((path) => expandText(path, work.values));
  const exclude = (entry.exclude ?? []).map((path) => expandText(path, work.values));
  const untracked = entry.untracked ? await work.untracked() : [];
  const files = matchFiles(work.directory, [...paths, ...untracked], exclude);
  work.log.line(green('Uploading artifacts...'));
  for (const path of paths) {
    const count = matchFiles(work.directory, [path], exclude).length;
    if (count > 0) work.log.line(`${path}: found ${count} matching artifact files and directories`);
    else
      work.log.line(
        yellow(
          `WARNING: ${path}: no matching files. Ensure that the artifact path is relative to the working directory (${work.directory})`,
        ),
      );
  }
  if (files.length === 0) {
    work.log.line(red('ERROR: No files to upload'));
    return;
  }
  const packed = await pack(work, entry, files);
  const query: Record<string, string> = {
    artifact_format: entry.artifact_format || 'zip',
    artifact_type: entry.artifact_type || 'archive',
    ...(entry.expire_in ? { expire_in: entry.expire_in } : {}),
  };
  await send(work, query, packed);
  if (packed.path.startsWith(work.temporary)) await rm(packed.path);
}

async function send(
  work: ArtifactWork,
  query: Record<string, string>,
  file: { path: string; name: string },
): Promise<void> {
  const what = `Uploading artifacts as "${query.artifact_type}" to coordinator...`;
  const { status, message } = await tried(
    3,
    () => work.client.uploadArtifact(work.job.id, work.job.token, query, file),
    ({ status }) => status !== 201 && status !== 403 && status !== 413,
  );
  if (status === 201) {
    work.log.line(`${what} 201 Created  id=${work.job.id}`);
    return;
  }
  work.log.line(red(`ERROR: ${what} status ${status} ${message}  id=${work.job.id}`));
  throw systemFailure(`the artifacts were not accepted (${status} ${message})`);
}

/** The one file that goes over the wire, and its name there (runner-api 5). */
async function pack(
  work: ArtifactWork,
  entry: ArtifactEntry,
  files: string[],
): Promise<{ path: string; name: string }> {
  const given = entry.name ? expandText(entry.name, work.values) : '';
  const base = given === '' ? 'artifacts' : basename(given);
  const target = join(work.temporary, `upload-${entry.artifact_type || 'archive'}`);
  mkdirSync(work.temporary, { recursive: true });
  switch (entry.artifact_format || 'zip') {
    case 'zip':
      await writeZip(work.directory, files, target);
      return { path: target, name: `${base}.zip` };
    case 'gzip':
      await writeGzip(work.directory, files, target);
      return { path: target, name: `${base}.gz` };
    case 'raw': {
      const [file, ...others] = regularFiles(work.directory, files);
      if (file === undefined || others.length > 0) throw systemFailure('a raw artifact is exactly one file');
      return { path: join(work.directory, file), name: given === '' ? basename(file) : base };
    }
    default:
      throw systemFailure(`artifact format ${entry.artifact_format} is not supported`);
  }
}

/** Each file is a gzip member of its own, one behind the other. */
async function writeGzip(root: string, files: string[], target: string): Promise<void> {
  for (const [index, file] of regularFiles(root, files).entries()) {
    const out = createWriteStream(target, { flags: index === 0 ? 'w' : 'a', mode: 0o600 });
    await pipeline(createReadStream(join(root, file)), createGzip(), out);
  }
}

function regularFiles(root: string, files: string[]): string[] {
  return files.filter((file) => lstatSync(join(root, file)).isFile());
}

/** Tries again while `again` says so or the transfer broke, at most `attempts` times. */
async function tried<T>(
  attempts: number,
  work: () => Promise<T>,
  again: (result: T) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await work();
      if (attempt === attempts || !again(result)) return result;
    } catch (error) {
      if (attempt === attempts) throw systemFailure((error as Error).message);
    }
    await pause(500 * attempt, null);
  }
}

function green(text: string): string {
  return `\x1b[32;1m${text}\x1b[0;m`;
}
function yellow(text: string): string {
  return `\x1b[0;33m${text}\x1b[0;m`;
}
function red(text: string): string {
  return `\x1b[31;1m${text}\x1b[0;m`;
}
