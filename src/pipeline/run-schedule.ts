import type { Tx } from '../db/transaction.ts';
import { projectById } from '../project/project.ts';
import { type User, userById } from '../project/user.ts';
import { type CreateDeps, type CreateResult, createPipeline } from './create.ts';
import { dueScheduleRows, moveNextRun, noteRun, updateSchedule } from './queries/schedules.ts';
import { nextRun, type Schedule, scheduleOfRow } from './schedule.ts';
import { scheduleVariables } from './schedule-variable.ts';

export interface ScheduleDeps extends CreateDeps {
  /** External base URL without trailing slash, for CI_SERVER_URL and its like. */
  serverUrl: string;
}

/** Schedules of one round. */
const BATCH = 100;
/** A schedule whose pipeline could not even be refused is tried again after this time, milliseconds. */
const RETRY_MS = 5 * 60_000;

/** Somebody else ran the schedule, or changed it. */
class ScheduleMoved extends Error {}

/** A user runs a schedule now; its own time stays as it is. The pipeline is that user's (security AUTHZ-6). */
export async function playSchedule(
  deps: ScheduleDeps,
  schedule: Schedule,
  user: User,
  now: number,
): Promise<CreateResult | null> {
  return create(deps, schedule, user, (tx, pipelineId) => noteRun(tx, schedule.id, pipelineId), now);
}

/**
 * Runs the schedules that are due. The pipeline is stored and the next run moved on in one transaction, so that each is run
 * once, whoever runs them and whenever a process is killed. What was missed while no server ran is made up for once.
 */
export async function runDueSchedules(
  deps: ScheduleDeps,
  now: number,
): Promise<{ done: number; broken: { id: number; error: unknown }[] }> {
  const broken: { id: number; error: unknown }[] = [];
  const rows = await dueScheduleRows(deps.db.read, now, BATCH);
  for (const schedule of rows.map(scheduleOfRow)) {
    try {
      await runDue(deps, schedule, now);
    } catch (error) {
      if (error instanceof ScheduleMoved) continue;
      broken.push({ id: schedule.id, error });
      await deps.db.transaction((tx) =>
        moveNextRun(tx, schedule.id, schedule.nextRunAt, now + RETRY_MS).then(() => {}),
      );
    }
  }
  return { done: rows.length - broken.length, broken };
}

async function runDue(deps: ScheduleDeps, schedule: Schedule, now: number): Promise<void> {
  const next = nextRun(schedule.cron, schedule.cronTimezone, now);
  const moveOn = async (tx: Tx) => {
    if (!(await moveNextRun(tx, schedule.id, schedule.nextRunAt, next ?? now + RETRY_MS))) {
      throw new ScheduleMoved();
    }
  };
  const owner = await userById(deps.db.read, schedule.ownerId);
  const result =
    owner === null
      ? null
      : await create(
          deps,
          schedule,
          owner,
          async (tx, pipelineId) => {
            await moveOn(tx);
            await noteRun(tx, schedule.id, pipelineId);
          },
          now,
        );
  if (result !== null && result.kind !== 'refused') return;
  const lostAccess = owner === null || (result?.reason === 'forbidden' && !(await isAsleep(deps, schedule)));
  await deps.db.transaction(async (tx) => {
    await moveOn(tx);
    if (lostAccess) await updateSchedule(tx, schedule.id, { active: 0, updated_at: now });
  });
}

/** Whether nobody may run pipelines in the project, so that its owner's rights say nothing. */
async function isAsleep({ db }: ScheduleDeps, schedule: Schedule): Promise<boolean> {
  const project = await projectById(db.read, schedule.projectId);
  return project === null || project.archived || project.markedForDeletionAt !== null;
}

/** Null: the project is gone. */
async function create(
  deps: ScheduleDeps,
  schedule: Schedule,
  user: User,
  settle: (tx: Tx, pipelineId: number) => Promise<void>,
  now: number,
): Promise<CreateResult | null> {
  const project = await projectById(deps.db.read, schedule.projectId);
  if (project === null) return null;
  const variables = await scheduleVariables(deps.db.read, deps.encryption, schedule.id);
  return createPipeline(
    deps,
    {
      project,
      user,
      source: 'schedule',
      ref: schedule.ref,
      serverUrl: deps.serverUrl,
      variables: variables.map(({ key, value, type, raw }) => ({ key, value, file: type === 'file', raw })),
      inputs: Object.fromEntries(schedule.inputs.map(({ name, value }) => [name, value])),
      saveOnErrors: true,
      origin: { scheduleDescription: schedule.description },
      settle,
    },
    now,
  );
}
