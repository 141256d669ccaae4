import type { CommitRow } from '../read/rows.ts';

type CommitFields = Omit<CommitRow, 'id' | 'project_id'>;

/** A commit in GitLab's key order (rest-resources 4.3). `projectUrl` is the page of its project. */
export function commitEntity(commit: CommitFields, projectUrl: string) {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: commit.committed_date,
    parent_ids: JSON.parse(commit.parent_ids) as string[],
    title: commit.title,
    message: commit.message,
    author_name: commit.author_name,
    author_email: commit.author_email,
    authored_date: commit.authored_date,
    committer_name: commit.committer_name,
    committer_email: commit.committer_email,
    committed_date: commit.committed_date,
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl}/-/commit/${commit.sha}`,
  };
}
