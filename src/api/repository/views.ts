import type { GitCommit } from '../../git/commit.ts';
import { readCommit } from '../../git/commit.ts';
import type { Ref } from '../../git/refs.ts';
import { may } from '../../project/authorize.ts';
import { isProtected, mayPushTo, mayRunOn, type RefProtection } from '../../project/protected-ref.ts';
import { refuseIfChanged } from '../conditional.ts';
import { commitEntity } from '../entities/commit.ts';
import { isoTime } from '../entities/time.ts';
import type { Found } from '../find-project.ts';
import type { Call } from '../route.ts';

type ViewCall = Pick<Call, 'rooms' | 'baseUrl'>;

/** Address of a project's page. */
export function projectUrl(call: ViewCall, { project }: Pick<Found, 'project'>): string {
  return `${call.baseUrl}/${project.fullPath}`;
}

/** A commit as git has it, in the API's form. */
export function commitView(call: ViewCall, found: Pick<Found, 'project'>, commit: GitCommit) {
  return commitEntity(
    {
      sha: commit.sha,
      parent_ids: JSON.stringify(commit.parentIds),
      title: commit.title,
      message: commit.message,
      author_name: commit.authorName,
      author_email: commit.authorEmail,
      authored_date: commit.authoredDate,
      committer_name: commit.committerName,
      committer_email: commit.committerEmail,
      committed_date: commit.committedDate,
    },
    projectUrl(call, found),
  );
}

/** Throws `Refused` with 412 when a ref's commit is younger than a DELETE says it knows (rest-resources 0.3). */
export async function refuseIfCommitted(
  call: Pick<Call, 'rooms' | 'request'>,
  { project }: Pick<Found, 'project'>,
  sha: string,
): Promise<void> {
  const commit = await readCommit(call.rooms.repositories, project.id, sha);
  if (commit !== null) refuseIfChanged(call, Date.parse(commit.committedDate));
}

/** A branch (rest-resources 4.1); `merged` are the names of those merged into the default branch. */
export async function branchView(
  call: ViewCall,
  found: Found,
  ref: Ref,
  about: { protection: RefProtection; merged: ReadonlySet<string> },
) {
  const { project, viewer } = found;
  const developer = { level: 30, admin: false };
  const isGuarded = isProtected(about.protection, 'branch', ref.name);
  const commit = await readCommit(call.rooms.repositories, project.id, ref.objectSha);
  const isDefault = ref.name === project.defaultBranch;
  return {
    name: ref.name,
    commit: commit === null ? null : commitView(call, found, commit),
    merged: !isDefault && about.merged.has(ref.name),
    protected: isGuarded,
    developers_can_push: isGuarded && mayPushTo(developer, about.protection, 'branch', ref.name),
    developers_can_merge: isGuarded && mayRunOn(developer, about.protection, 'branch', ref.name),
    can_push: may(viewer, 'push_code') && mayPushTo(viewer, about.protection, 'branch', ref.name),
    default: isDefault,
    web_url: `${projectUrl(call, found)}/-/tree/${encodePath(ref.name)}`,
  };
}

/** A tag (rest-resources 4.1). */
export async function tagView(call: ViewCall, found: Found, ref: Ref, protection: RefProtection) {
  const { project } = found;
  const commit =
    ref.commitSha === null ? null : await readCommit(call.rooms.repositories, project.id, ref.commitSha);
  return {
    name: ref.name,
    message: ref.message ?? '',
    target: ref.objectSha,
    commit: commit === null ? null : commitView(call, found, commit),
    release: null,
    protected: isProtected(protection, 'tag', ref.name),
    created_at: isoTime(ref.taggedAt),
  };
}

/** A path inside an address: its slashes stay. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
