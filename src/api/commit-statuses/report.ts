import { type GitCommit, readCommit } from '../../git/commit.ts';
import { branchExists, refsContaining, tagExists } from '../../git/refs.ts';
import { REPORTED_STATES, reportStatus } from '../../pipeline/commit-status.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { isProtected, protectionOf } from '../../project/protected-ref.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import type { Input } from '../input.ts';
import { commitStatusRows } from '../read/commit-statuses.ts';
import { newestPipelineAt, pipelineOfProject } from '../read/pipelines.ts';
import type { PipelineRow } from '../read/rows.ts';
import { type Call, json, route } from '../route.ts';
import { statusEntities } from './list.ts';

const MAX_TEXT = 255;

const INPUT = {
  id: { type: 'string', required: true },
  sha: { type: 'string', required: true },
  state: { type: 'string', required: true, values: REPORTED_STATES },
  ref: { type: 'string' },
  target_url: { type: 'string' },
  description: { type: 'string' },
  name: { type: 'string' },
  context: { type: 'string' },
  coverage: { type: 'number' },
  pipeline_id: { type: 'integer' },
} as const;

type Params = Input<typeof INPUT>;

/** POST /projects/:id/statuses/:sha (rest-resources 12.2): what another system says of a commit. */
export const report = route({
  method: 'POST',
  path: '/api/v4/projects/:id/statuses/:sha',
  access: { by: 'user' },
  input: INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const found = await requireProject(call, params.id, 'create_commit_status');
    const { project, viewer } = found;
    const commit = await readCommit(rooms.repositories, project.id, params.sha);
    if (commit === null) throw refuse.notFound('Commit');
    const { ref, tag, pipelineId } = await placeOf(call, found, commit);
    const protection = await protectionOf(rooms.db.read, project.id);
    const on = { ref: { name: ref, tag, protection } };
    if (!may(viewer, 'update_pipeline', on)) throw refuse.forbidden();
    refuseBadTexts(params);
    const place = {
      projectId: project.id,
      commit,
      ref,
      tag,
      protected: isProtected(protection, tag ? 'tag' : 'branch', ref),
      pipelineId,
    };
    const said = {
      state: params.state,
      name: params.name ?? params.context ?? 'default',
      targetUrl: params.target_url ?? null,
      description: params.description ?? null,
      coverage: params.coverage ?? null,
      userId: userOf(call.caller)!.id,
    };
    const result = await rooms.db.transaction((tx) => reportStatus(tx, place, said, now));
    if (!result.ok) throw refuse.badRequestText(cannot(result));
    const order = { by: 'id', direction: 'asc' } as const;
    const filter = { all: true, jobId: result.jobId };
    const slice = { limit: 1, offset: 0 };
    const { rows } = await commitStatusRows(rooms.db.read, project.id, commit.sha, filter, order, slice);
    const [entity] = await statusEntities(call, found, rows);
    return json(entity, 201);
  },
});

/** The ref that was said, or that of the commit's newest pipeline, or the first branch with the commit. */
async function placeOf(
  call: Pick<Call<Params>, 'params' | 'rooms'>,
  { project }: Found,
  commit: GitCommit,
): Promise<{ ref: string; tag: boolean; pipelineId: number | null }> {
  const { repositories } = call.rooms;
  const pipeline = await pipelineOf(call, project.id, commit.sha);
  if (pipeline !== null) return { ref: pipeline.ref, tag: pipeline.tag === 1, pipelineId: pipeline.id };
  const ref = call.params.ref ?? (await refsContaining(repositories, project.id, commit.sha)).branches[0];
  if (ref === undefined) throw refuse.notFound('References for commit');
  const isBranch = await branchExists(repositories, project.id, ref);
  const tag = !isBranch && (await tagExists(repositories, project.id, ref));
  return { ref, tag, pipelineId: null };
}

/** A pipeline that is named has to be one of this commit, and of the ref if that is named too. */
async function pipelineOf(
  { params, rooms }: Pick<Call<Params>, 'params' | 'rooms'>,
  projectId: number,
  sha: string,
): Promise<PipelineRow | null> {
  const { read } = rooms.db;
  const { pipeline_id: id, ref } = params;
  if (id === undefined) return newestPipelineAt(read, projectId, ref ?? null, sha);
  const pipeline = await pipelineOfProject(read, projectId, id);
  if (pipeline?.sha !== sha || (ref !== undefined && pipeline.ref !== ref)) {
    throw refuse.notFound('Pipeline for pipeline_id, sha and ref');
  }
  return pipeline;
}

function refuseBadTexts({ target_url: url, description, name, context }: Params): void {
  const tooLong = (text: string | undefined) =>
    (text?.length ?? 0) > MAX_TEXT ? [`is too long (maximum is ${MAX_TEXT} characters)`] : [];
  const problems = {
    target_url: [
      ...tooLong(url),
      ...(url === undefined || /^https?:\/\/[^\s/]/i.test(url)
        ? []
        : ['is blocked: Only allowed schemes are http, https']),
    ],
    description: tooLong(description),
    name: tooLong(name ?? context),
  };
  const refused = Object.entries(problems).filter(([, texts]) => texts.length > 0);
  if (refused.length > 0) throw refuse.invalid(Object.fromEntries(refused));
}

function cannot({ event, from }: { event: string; from: string }): string {
  return `Cannot transition status via :${event} from :${from} (Reason(s): Status cannot transition via "${event}")`;
}
