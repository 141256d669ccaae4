import type { Project } from '../../project/project.ts';
import type { GitInfo, JobVariable } from '../protocol.ts';

/** What fetching needs to know of a job's pipeline. */
export interface SourceFacts {
  pipelineId: number;
  ref: string;
  tag: boolean;
  sha: string;
  beforeSha: string;
  protected: boolean;
}

const NO_SHA = '0'.repeat(40);

/** `git_info` (runner-api 3, *Refspecs*). `repoUrl` carries the credentials. */
export function gitInfoOf(
  source: SourceFacts,
  project: Project,
  repoUrl: string,
  variables: readonly JobVariable[],
): GitInfo {
  const depth = depthOf(project, variables);
  return {
    repo_url: repoUrl,
    repo_object_format: source.sha.length === 64 ? 'sha256' : 'sha1',
    ref: source.ref,
    sha: source.sha,
    before_sha: source.beforeSha || NO_SHA,
    ref_type: source.tag ? 'tag' : 'branch',
    refspecs: refspecsOf(source, depth),
    depth,
    protected: source.protected,
  };
}

/** GIT_DEPTH of the job, else the project's; 0 is the whole history. */
function depthOf(project: Project, variables: readonly JobVariable[]): number {
  const given = variables.findLast(({ key }) => key === 'GIT_DEPTH')?.value;
  if (given !== undefined && /^\d{1,9}$/.test(given)) return Number(given);
  return project.ciDefaultGitDepth ?? 0;
}

/** The pipeline's own ref first: it outlives a force push and the deletion of the branch. */
function refspecsOf({ pipelineId, ref, tag }: SourceFacts, depth: number): string[] {
  const own = `+refs/pipelines/${pipelineId}:refs/pipelines/${pipelineId}`;
  if (depth === 0) return [own, '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  return [own, tag ? `+refs/tags/${ref}:refs/tags/${ref}` : `+refs/heads/${ref}:refs/remotes/origin/${ref}`];
}
