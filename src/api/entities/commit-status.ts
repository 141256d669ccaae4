import type { User } from '../../project/user.ts';
import type { CommitStatusRow } from '../read/commit-statuses.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** CommitStatus (rest-resources 12.2): what another system reported, or a job of ours with its page. */
export function commitStatus(
  row: CommitStatusRow,
  author: User | undefined,
  { baseUrl, projectPath }: { baseUrl: string; projectPath: string },
) {
  const page = row.type === 'build' ? `${baseUrl}/${projectPath}/-/jobs/${row.id}` : null;
  return {
    id: row.id,
    sha: row.sha,
    ref: row.ref,
    status: row.status,
    name: row.name,
    target_url: row.type === 'external' ? row.target_url : page,
    description: row.description,
    created_at: isoTime(row.created_at),
    started_at: isoTime(row.started_at),
    finished_at: isoTime(row.finished_at),
    allow_failure: row.allow_failure === 1,
    coverage: row.coverage,
    pipeline_id: row.pipeline_id,
    author: author === undefined ? null : userBasic(author, baseUrl),
  };
}
