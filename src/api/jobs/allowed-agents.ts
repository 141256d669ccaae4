import { environmentOf } from '../../pipeline/job-environment.ts';
import { jobById } from '../../pipeline/job-lookup.ts';
import { viewerOf } from '../../project/authorize.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import { projectIdentity } from '../entities/project.ts';
import { refuse } from '../errors.ts';
import { json, route } from '../route.ts';
import { authorizationsOf } from './agent-authorizations.ts';

const ROLES = [
  [10, 'guest'],
  [15, 'planner'],
  [20, 'reporter'],
  [30, 'developer'],
  [40, 'maintainer'],
  [50, 'owner'],
] as const;

/** GET /job/allowed_agents: which agents the job of the presented token may use (jobs-api 4.5). */
export const allowedAgents = route({
  method: 'GET',
  path: '/api/v4/job/allowed_agents',
  access: { by: 'user', jobToken: true, scopes: ['ai_workflows'] },
  input: {},
  async handle(call) {
    const { caller, rooms, now } = call;
    const { read } = rooms.db;
    const job = caller.kind === 'job' ? await jobById(read, caller.jobId) : null;
    const project = job === null ? null : await projectById(read, job.projectId);
    if (caller.kind !== 'job' || job === null || project === null) throw refuse.notFound('Job');
    const [agents, namespaces, viewer, environment] = await Promise.all([
      authorizationsOf(rooms, job, project),
      ancestorsOf(read, project.namespaceId),
      viewerOf(read, caller, project, now),
      environmentOf(read, job),
    ]);
    return json({
      allowed_agents: agents.map(({ id, configuration, ...home }) => ({
        id,
        config_project: projectIdentity(home.project, home.namespaces),
        configuration,
      })),
      job: { id: job.id },
      pipeline: { id: job.pipelineId },
      project: {
        id: project.id,
        groups: namespaces.filter(({ kind }) => kind === 'group').map(({ id }) => ({ id })),
      },
      user: {
        id: caller.user.id,
        username: caller.user.username,
        roles_in_project: ROLES.filter(([level]) => viewer.level >= level).map(([, name]) => name),
      },
      ...(environment === null ? {} : { environment }),
    });
  },
});
