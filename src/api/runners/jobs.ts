import { STATUSES } from '../../pipeline/status.ts';
import { levelOf, REPORTER } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import { type Project, projectById } from '../../project/project.ts';
import { projectsOfRunner, type Runner } from '../../runner/runner.ts';
import { jobEntity } from '../entities/job.ts';
import { projectIdentity } from '../entities/project.ts';
import { jobContext } from '../jobs/job-context.ts';
import {
  cursorId,
  encodeCursor,
  keysetAnswer,
  MAX_COUNTED,
  PAGE_INPUT,
  pageAnswer,
  pageOf,
  uncountedAnswer,
} from '../pagination.ts';
import { type JobView, jobViews } from '../read/job-view.ts';
import { countRunnerJobs, runnerJobIds } from '../read/runners.ts';
import { type Call, route } from '../route.ts';
import { requireManagedRunner } from './managed-runner.ts';

/** Jobs that a runner ran or runs, newest first (rest-resources 7.1). */
export const listRunnerJobs = route({
  method: 'GET',
  path: '/api/v4/runners/:id/jobs',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: {
    id: { type: 'integer', required: true },
    status: { type: 'string', values: STATUSES },
    system_id: { type: 'string' },
    order_by: { type: 'string', values: ['id'] },
    sort: { type: 'string', values: ['asc', 'desc'], default: 'desc' },
    ...PAGE_INPUT,
    pagination: { type: 'string' },
    cursor: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms } = call;
    const { read } = rooms.db;
    const runner = await requireManagedRunner(call, params.id);
    const page = pageOf(params);
    const keyset = params.pagination === 'keyset';
    const which = {
      runnerId: runner.id,
      projectIds: await readableProjects(call, runner),
      status: params.status,
      systemId: params.system_id,
    };
    const ids = await runnerJobIds(read, which, {
      ascending: params.sort === 'asc',
      limit: page.perPage + 1,
      offset: keyset ? 0 : page.offset,
      after: keyset ? cursorId(params.cursor) : null,
    });
    const shown = ids.slice(0, page.perPage);
    const views = await jobViews(read, shown);
    const projects = new Map<number, Shown>();
    const items: unknown[] = [];
    for (const view of views) items.push(await jobWithProject(call, view, projects));
    const more = ids.length > page.perPage;
    if (keyset)
      return keysetAnswer(call, items, more ? { cursor: encodeCursor({ id: shown.at(-1)! }) } : null);
    if (params.system_id !== undefined) return uncountedAnswer(call, page, items, more);
    return pageAnswer(call, page, items, await countRunnerJobs(read, which, MAX_COUNTED + 1));
  },
});

/** Of a project runner's jobs a maintainer sees those of projects where he is reporter; null: all. */
async function readableProjects(
  { rooms, caller, now }: Pick<Call, 'rooms' | 'caller' | 'now'>,
  runner: Runner,
): Promise<number[] | null> {
  if (runner.type !== 'project_type' || userOf(caller)?.admin) return null;
  const { read } = rooms.db;
  const readable: number[] = [];
  for (const id of await projectsOfRunner(read, runner.id)) {
    if ((await levelOf(read, caller, id, now)) >= REPORTER) readable.push(id);
  }
  return readable;
}

interface Shown {
  project: Project;
  identity: ReturnType<typeof projectIdentity>;
}

async function jobWithProject(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  view: JobView,
  projects: Map<number, Shown>,
): Promise<unknown> {
  const { project_id: id } = view.job;
  let shown = projects.get(id);
  if (shown === undefined) {
    const project = await projectById(call.rooms.db.read, id);
    if (project === null) return { id: view.job.id, status: view.job.status };
    const above = await ancestorsOf(call.rooms.db.read, project.namespaceId);
    shown = { project, identity: projectIdentity(project, above) };
    projects.set(id, shown);
  }
  const entries = Object.entries(jobEntity(view, jobContext(call, shown.project)));
  const basic = entries.slice(
    0,
    entries.findIndex(([key]) => key === 'project'),
  );
  return { ...Object.fromEntries(basic), project: shown.identity };
}
