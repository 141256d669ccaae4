import type { CommitRow } from '../read/rows.ts';

type CommitFields = Omit<CommitRow, 'id' | 'project_id'>;

/** A commit in GitLab's key order (rest-resources 4.3). `projectUrl` is the page of its project. */
export function commitEntity(commit: CommitFields, projectUrl: string) {
  const trailers = trailersOf(commit.message);
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
    trailers: Object.fromEntries(Object.entries(trailers).map(([key, values]) => [key, values.at(-1)])),
    extended_trailers: trailers,
    web_url: `${projectUrl}/-/commit/${commit.sha}`,
  };
}

/** `Key: value` lines that are the whole last paragraph of a message, but not its only one; values by key, in order. */
function trailersOf(message: string): Record<string, string[]> {
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/);
  if (paragraphs.length < 2) return {};
  const pairs = (paragraphs.at(-1) ?? '')
    .split('\n')
    .map((line) => /^([A-Za-z0-9-]+)[ \t]*:\s*(.*)$/.exec(line));
  const trailers: Record<string, string[]> = Object.create(null);
  for (const pair of pairs) {
    if (pair === null) return {};
    trailers[pair[1]!] = [...(trailers[pair[1]!] ?? []), pair[2]!.trim()];
  }
  return trailers;
}
