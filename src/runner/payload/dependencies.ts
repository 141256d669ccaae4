import type { Artifact } from '../../artifact/artifact.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import type { JobDependency } from '../protocol.ts';

/** `dependencies`: all of them, with the archive where there is one to download. `token` is the running job's. */
export function dependencyList(
  dependencies: readonly JobRow[],
  artifacts: ReadonlyMap<number, readonly Artifact[]>,
  token: string,
): JobDependency[] {
  return dependencies.map(({ id, name }) => {
    const archive = artifacts.get(id)?.find(({ type }) => type === 'archive');
    if (archive === undefined) return { id, name, token };
    return { id, name, token, artifacts_file: { filename: archive.filename, size: archive.size } };
  });
}
