import { lint } from '../../pipeline/lint.ts';
import { may } from '../../project/authorize.ts';
import { lintEntity } from '../entities/lint.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';
import { imaginedPipeline, imaginedPipelineInput } from './imagined-pipeline.ts';

/** A configuration of the largest size, with every character escaped in JSON. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** POST /projects/:id/ci/lint (rest-resources 8): a given text, in the project's context. */
export const lintText = route({
  method: 'POST',
  path: '/api/v4/projects/:id/ci/lint',
  access: { by: 'user' },
  rateLimit: { bucket: 'ci_lint', perMinute: 'ci_lint_limit_per_user' },
  maxBodyBytes: MAX_BODY_BYTES,
  input: {
    id: { type: 'string', required: true },
    content: { type: 'string', required: true },
    dry_run: { type: 'boolean', default: false },
    ref: { type: 'string' },
    include_jobs: { type: 'boolean', default: false },
    ...imaginedPipelineInput,
  },
  async handle(call) {
    const { params, rooms, caller, baseUrl, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    if (!may(viewer, 'create_pipeline')) throw refuse.forbidden();
    const result = await lint(
      rooms,
      {
        project,
        caller,
        content: params.content,
        ref: params.ref || (project.defaultBranch ?? ''),
        dryRun: params.dry_run,
        serverUrl: baseUrl,
        ...imaginedPipeline(params),
      },
      now,
    );
    return json(lintEntity(result, params.include_jobs));
  },
});
