import { may, viewerOf } from '../../project/authorize.ts';
import { callerOf } from './build.ts';
import { refuse, type Step } from './creation.ts';
import { fail } from './fail.ts';
import { countRecentPipelines } from './queries/pipelines.ts';

/** CI is on, the user may create pipelines, and may do so on this ref, protected or not (ci-yaml 21, security AUTHZ-7). */
export const abilities: Step = async (creation) => {
  const { request, exists, ref, tag, protection } = creation;
  if (request.project.buildsAccessLevel === 'disabled') {
    return refuse('pipelines_disabled', 'Pipelines are disabled!');
  }
  const viewer = await viewerOf(creation.deps.db.read, callerOf(request), request.project, creation.now);
  if (request.user.state !== 'active' || !may(viewer, 'create_pipeline')) {
    return refuse('forbidden', 'Insufficient permissions to create a new pipeline');
  }
  const known = exists.branch || exists.tag;
  if (known && !may(viewer, 'create_pipeline', { ref: { name: ref, tag, protection } })) {
    return refuse(
      'protected_ref',
      `You do not have sufficient permission to run a pipeline on '${ref}'. ` +
        'Please select a different branch or contact your administrator for assistance.',
    );
  }
  return null;
};

/** The ref exists, has a commit, and means one thing. */
export const repository: Step = async ({ exists, commit }) => {
  if (!exists.branch && !exists.tag) return refuse('reference_not_found', 'Reference not found');
  if (commit === null) return refuse('commit_not_found', 'Commit not found');
  return exists.branch && exists.tag ? refuse('ambiguous_ref', 'Ref is ambiguous') : null;
};

/** Sources whose variables somebody set in advance, with rights of their own. */
const VARIABLES_SET_BEFORE = new Set(['schedule', 'parent_pipeline']);

/** The user may set the given variables (security VAR-7), and each has a good name and only one value. */
export const givenVariables: Step = async (creation) => {
  const { request, variables } = creation;
  if (variables.length === 0) return null;
  const viewer = await viewerOf(creation.deps.db.read, callerOf(request), request.project, creation.now);
  if (!VARIABLES_SET_BEFORE.has(request.source) && !may(viewer, 'set_pipeline_variables')) {
    return refuse('variables_forbidden', 'Insufficient permissions to set pipeline variables');
  }
  if (variables.some(({ key }) => !/^[A-Za-z0-9_]{1,255}$/.test(key))) {
    return refuse('invalid_variable', "Variables key can contain only letters, digits and '_'.");
  }
  const keys = variables.map(({ key }) => key);
  const repeated = [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
  if (repeated.length === 0) return null;
  const label = repeated.length === 1 ? 'name' : 'names';
  return fail(creation, 'config_error', `Duplicate variable ${label}: ${repeated.join(', ')}`);
};

/** Not too many pipelines of one user for one commit; a family's children are not counted against it. */
export const rateLimit: Step = async (creation) => {
  const { request, settings, facts, now } = creation;
  const limit = settings.pipeline_limit_per_project_user_sha;
  if (limit === 0 || request.source === 'parent_pipeline' || request.dryRun) return null;
  const recent = await countRecentPipelines(creation.deps.db.read, {
    projectId: request.project.id,
    userId: request.user.id,
    sha: facts.sha,
    since: now - 60_000,
  });
  if (recent < limit) return null;
  return refuse('rate_limited', 'Too many pipelines created in the last minute. Try again later.');
};
