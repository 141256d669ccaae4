import { readCommit } from '../../git/commit.ts';
import { commitStats } from '../../git/diff.ts';
import { type LogFilter, listCommits } from '../../git/log.ts';
import { branchExists, refsContaining, resolve } from '../../git/refs.ts';
import { may } from '../../project/authorize.ts';
import { pipelineBasic } from '../entities/pipeline.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf, uncountedAnswer } from '../pagination.ts';
import { newestPipelineAt } from '../read/pipelines.ts';
import { type Call, json, route } from '../route.ts';
import { commitView, projectUrl } from './views.ts';

const id = { type: 'string', required: true } as const;
const COMMITS = '/api/v4/projects/:id/repository/commits';
const READ = { by: 'user', anonymous: true } as const;

/** History of a branch, tag or path, newest first; never counted (rest-resources 4.3). */
export const listCommitsRoute = route({
  method: 'GET',
  path: COMMITS,
  access: READ,
  input: {
    id,
    ...PAGE_INPUT,
    ref_name: { type: 'string' },
    since: { type: 'time' },
    until: { type: 'time' },
    path: { type: 'string' },
    author: { type: 'string' },
    all: { type: 'boolean' },
    with_stats: { type: 'boolean', default: false },
    first_parent: { type: 'boolean' },
    order: { type: 'string', values: ['default', 'topo'], default: 'default' },
  },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    const { params, rooms } = call;
    const page = pageOf(params);
    const from = await startOf(call, found, params.all === true, params.ref_name);
    if (from === null) return uncountedAnswer(call, page, [], false);
    const filter: LogFilter = {
      from,
      path: params.path,
      since: params.since,
      until: params.until,
      author: params.author,
      firstParent: params.first_parent,
      topological: params.order === 'topo',
      offset: page.offset,
      limit: page.perPage + 1,
    };
    const commits = await listCommits(rooms.repositories, found.project.id, filter);
    const shown: unknown[] = [];
    for (const commit of commits.slice(0, page.perPage)) {
      const stats = params.with_stats ? await statsOf(call, found, commit.sha) : {};
      shown.push({ ...commitView(call, found, commit), ...stats });
    }
    return uncountedAnswer(call, page, shown, commits.length > page.perPage);
  },
});

/** A commit by id, branch or tag, with its newest pipeline where the caller may read those. */
export const showCommitRoute = route({
  method: 'GET',
  path: `${COMMITS}/:sha`,
  access: READ,
  input: { id, sha: id, stats: { type: 'boolean', default: true } },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    return json(await commitDetail(call, found, call.params.sha, call.params.stats));
  },
});

export const commitRefsRoute = route({
  method: 'GET',
  path: `${COMMITS}/:sha/refs`,
  access: READ,
  input: {
    id,
    sha: id,
    ...PAGE_INPUT,
    type: { type: 'string', values: ['branch', 'tag', 'all'], default: 'all' },
  },
  async handle(call) {
    const { project, sha } = await requireCommit(call);
    const { branches, tags } = await refsContaining(call.rooms.repositories, project.id, sha);
    const all = [
      ...branches.map((name) => ({ type: 'branch', name })),
      ...tags.map((name) => ({ type: 'tag', name })),
    ].filter(({ type }) => call.params.type === 'all' || call.params.type === type);
    const page = pageOf(call.params);
    return pageAnswer(call, page, all.slice(page.offset, page.offset + page.perPage), all.length);
  },
});

/** What is not kept here: of every commit that is there, none (rest-resources 4.3). */
export const commitExtrasRoutes = ['diff', 'merge_requests', 'comments'].map((what) =>
  route({
    method: 'GET',
    path: `${COMMITS}/:sha/${what}`,
    access: READ,
    input: { id, sha: id, ...PAGE_INPUT },
    async handle(call) {
      await requireCommit(call);
      return pageAnswer(call, pageOf(call.params), [], 0);
    },
  }),
);

/** GET …/commits/:sha/signature: signatures are not checked, so nobody is told of one. */
export const commitSignatureRoute = route({
  method: 'GET',
  path: `${COMMITS}/:sha/signature`,
  access: READ,
  input: { id, sha: id },
  async handle(call) {
    await requireCommit(call);
    throw refuse.notFound('Signature');
  },
});

/** The project and the commit's id. Throws `Refused` with 404 for what is not there. */
async function requireCommit(call: Call<{ id: string; sha: string }>) {
  const { project } = await requireProject(call, call.params.id, 'download_code');
  const sha = await resolve(call.rooms.repositories, project.id, call.params.sha);
  if (sha === null) throw refuse.notFound('Commit');
  return { project, sha };
}

/** The whole of a commit (rest-resources 4.3). Throws `Refused` with 404. */
export async function commitDetail(call: Call, found: Found, revision: string, withStats: boolean) {
  const { project, viewer } = found;
  const { repositories, db } = call.rooms;
  const commit = await readCommit(repositories, project.id, revision);
  if (commit === null) throw refuse.notFound('Commit');
  const ref = (await branchExists(repositories, project.id, revision)) ? revision : null;
  const pipeline = await newestPipelineAt(db.read, project.id, ref, commit.sha);
  return {
    ...commitView(call, found, commit),
    ...(withStats ? await statsOf(call, found, commit.sha) : {}),
    status: pipeline?.status ?? null,
    project_id: project.id,
    last_pipeline:
      pipeline === null || !may(viewer, 'read_pipeline')
        ? null
        : pipelineBasic(pipeline, projectUrl(call, found)),
  };
}

async function statsOf(call: Call, { project }: Found, sha: string) {
  const { additions, deletions } = await commitStats(call.rooms.repositories, project.id, sha);
  return { stats: { additions, deletions, total: additions + deletions } };
}

async function startOf(call: Call, { project }: Found, all: boolean, name = ''): Promise<string | null> {
  const { repositories } = call.rooms;
  const revision = name === '' ? 'HEAD' : name;
  const sha = await resolve(repositories, project.id, revision);
  if (all) return (await repositories.exists(project.id)) ? 'all' : null;
  if (sha === null && name !== '') throw refuse.notFound('Commit');
  return sha;
}
