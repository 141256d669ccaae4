import { readCommit } from '../../git/commit.ts';
import { lint } from '../../pipeline/lint.ts';
import { may } from '../../project/authorize.ts';
import type { Project } from '../../project/project.ts';
import { lintEntity } from '../entities/lint.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import type { Rooms } from '../rooms.ts';
import { json, route } from '../route.ts';
import { imaginedPipeline, imaginedPipelineInput } from './imagined-pipeline.ts';

/** GET /projects/:id/ci/lint (rest-resources 8): the project's own configuration at a commit. */
export const lintProject = route({
  method: 'GET',
  path: '/api/v4/projects/:id/ci/lint',
  access: { by: 'user', anonymous: true },
  rateLimit: { bucket: 'ci_lint', perMinute: 'ci_lint_limit_per_user' },
  input: {
    id: { type: 'string', required: true },
    content_ref: { type: 'string' },
    sha: { type: 'string' },
    dry_run: { type: 'boolean', default: false },
    dry_run_ref: { type: 'string' },
    ref: { type: 'string' },
    include_jobs: { type: 'boolean', default: false },
    ...imaginedPipelineInput,
  },
  rules: [{ exclusive: ['content_ref', 'sha'] }, { exclusive: ['dry_run_ref', 'ref'] }],
  async handle(call) {
    const { params, rooms, caller, baseUrl, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    if (caller.kind === 'user' && caller.tokenId === null) {
      throw refuse.unauthorized('This endpoint requires an API authentication');
    }
    if (!may(viewer, 'download_code')) throw refuse.forbidden();
    const result = await lint(
      rooms,
      {
        project,
        caller,
        sha: await contentCommit(rooms, project, params.content_ref ?? params.sha),
        ref: params.dry_run_ref || params.ref || (project.defaultBranch ?? ''),
        dryRun: params.dry_run,
        serverUrl: baseUrl,
        ...imaginedPipeline(params),
      },
      now,
    );
    return json(lintEntity(result, params.include_jobs));
  },
});

/** The commit whose configuration is asked for: the head of the default branch unless one is named. */
async function contentCommit(rooms: Rooms, project: Project, named: string | undefined): Promise<string> {
  const { repositories } = rooms;
  const head =
    project.defaultBranch === null
      ? null
      : await readCommit(repositories, project.id, `refs/heads/${project.defaultBranch}`);
  if (head === null) throw refuse.notFound('Repository');
  const commit = named === undefined ? head : await readCommit(repositories, project.id, named);
  if (commit === null) throw refuse.notFound('Commit');
  return commit.sha;
}
