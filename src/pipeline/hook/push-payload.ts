import type { GitCommit } from '../../git/commit.ts';
import { ZERO_SHA } from '../../git/ref-name.ts';
import type { User } from '../../project/user.ts';
import type { PushFacts } from './facts.ts';
import { type HookProject, projectPage, pushProjectPart, repositoryPart } from './payload-parts.ts';

/** What is read of a push when it is told. */
export interface PushSubject {
  user: User | null;
  protected: boolean;
  /** The commit that the ref is at; null for one that was deleted. */
  checkoutSha: string | null;
  /** Text of an annotated tag. */
  tagMessage: string | null;
  /** New commits, oldest first, the newest twenty at most. */
  commits: readonly GitCommit[];
  total: number;
}

/** The body of a push or tag push event. */
export function pushPayload({ ref, before, after }: PushFacts, subject: PushSubject, of: HookProject) {
  const tag = ref.startsWith('refs/tags/');
  const { user, commits } = subject;
  return {
    object_kind: tag ? 'tag_push' : 'push',
    event_name: tag ? 'tag_push' : 'push',
    before,
    after,
    ref,
    ref_protected: subject.protected,
    checkout_sha: after === ZERO_SHA ? null : subject.checkoutSha,
    message: subject.tagMessage,
    user_id: user?.id ?? null,
    user_name: user?.name ?? null,
    user_username: user?.username ?? null,
    user_email: user?.publicEmail ?? '',
    user_avatar: null,
    project_id: of.project.id,
    project: pushProjectPart(of),
    commits: commits.map((commit) => ({
      id: commit.sha,
      message: commit.message,
      title: commit.title,
      timestamp: commit.committedDate,
      url: `${projectPage(of)}/-/commit/${commit.sha}`,
      author: { name: commit.authorName, email: commit.authorEmail },
    })),
    total_commits_count: subject.total,
    repository: repositoryPart(of),
  };
}
