import type { Deployment } from '../../pipeline/deployment.ts';
import { environmentById } from '../../pipeline/environment.ts';
import type { Project } from '../../project/project.ts';
import { usersByIds } from '../../project/user.ts';
import { deploymentEntity } from '../entities/deployment.ts';
import { jobEntity } from '../entities/job.ts';
import { userBasic } from '../entities/user.ts';
import { jobContext } from '../jobs/job-context.ts';
import { jobViews } from '../read/job-view.ts';
import type { Call } from '../route.ts';

/** Entities of at most one page of deployments; `inEnvironment` leaves their environment out. */
export async function deploymentViews(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  project: Project,
  deployments: readonly Deployment[],
  { inEnvironment = false } = {},
) {
  const { read } = call.rooms.db;
  const environmentIds = inEnvironment ? [] : deployments.map(({ environmentId }) => environmentId);
  const [users, jobs, environments] = await Promise.all([
    usersByIds(
      read,
      deployments.flatMap(({ userId }) => userId ?? []),
    ),
    jobViews(
      read,
      deployments.flatMap(({ jobId }) => jobId ?? []),
    ),
    Promise.all([...new Set(environmentIds)].map((id) => environmentById(read, project.id, id))),
  ]);
  const context = jobContext(call, project);
  const jobOf = new Map(jobs.map((view) => [view.job.id, jobEntity(view, context)]));
  const environmentOf = new Map(
    environments.flatMap((one) => (one === null ? [] : [[one.id, one] as const])),
  );
  return deployments.map((deployment) => {
    const user = deployment.userId === null ? undefined : users.get(deployment.userId);
    return deploymentEntity(deployment, {
      user: user === undefined ? null : userBasic(user, call.baseUrl),
      deployable: deployment.jobId === null ? null : (jobOf.get(deployment.jobId) ?? null),
      ...(inEnvironment ? {} : { environment: environmentOf.get(deployment.environmentId) ?? null }),
    });
  });
}
