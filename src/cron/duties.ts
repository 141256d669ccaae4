import type { ArtifactStore } from '../artifact/store.ts';
import type { Database } from '../db/database.ts';
import type { PushDeps } from '../git/push.ts';
import type { Repositories } from '../git/repository.ts';
import { type BridgeDeps, startPendingBridges } from '../pipeline/bridge.ts';
import { removeDrafts } from '../pipeline/draft.ts';
import { takeBackUnaccepted } from '../pipeline/hand-out.ts';
import { forgetHookEvents, type HookSender, releaseHeldHooks } from '../pipeline/hook-sender.ts';
import { forgetStatusEvents } from '../pipeline/status-events.ts';
import { sweepEnvironments } from '../pipeline/stop-environment.ts';
import type { Sweep } from '../pipeline/sweep.ts';
import {
  dropSilentJobs,
  dropStuckJobs,
  dropTimedOutJobs,
  processUnprocessed,
  startDueJobs,
} from '../pipeline/timeouts.ts';
import { removeEndedSessions } from '../project/session.ts';
import { someRunnerFits } from '../runner/some-runner.ts';
import type { Traces } from '../trace/traces.ts';
import { artifactExpiry, orphanedFiles } from './artifact-expiry.ts';
import type { Duty } from './duty.ts';
import { pipelineSchedules } from './pipeline-schedules.ts';
import { removedProjects } from './removed-projects.ts';
import { runnerManagers } from './runner-managers.ts';
import { orphanedTraces, traceArchive } from './trace-archive.ts';
import { unseenPushes } from './unseen-pushes.ts';

export interface DutyDeps {
  db: Database;
  repositories: Repositories;
  traces: Traces;
  artifacts: ArtifactStore;
  pushes: PushDeps;
  bridges: BridgeDeps;
  hooks: Pick<HookSender, 'wake'>;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Everything that happens because time passes, each the recovery of its online twin too. */
export function duties(deps: DutyDeps): Duty[] {
  const { db, traces, artifacts } = deps;
  return [
    {
      name: 'unseen-pushes',
      intervalMs: MINUTE_MS,
      atStart: (now) => unseenPushes(deps.pushes, now, true),
      run: (now) => unseenPushes(deps.pushes, now),
    },
    {
      name: 'unprocessed-pipelines',
      intervalMs: 10 * SECOND_MS,
      atStart: (now) => whole(processUnprocessed(deps, now, 0)),
      run: (now) => whole(processUnprocessed(deps, now)),
    },
    {
      name: 'pipeline-drafts',
      intervalMs: 5 * MINUTE_MS,
      atStart: (now) => removeDrafts(db, now, 0),
      run: (now) => removeDrafts(db, now),
    },
    {
      name: 'pending-bridges',
      intervalMs: 10 * SECOND_MS,
      run: (now) => whole(startPendingBridges(deps.bridges, now)),
    },
    {
      name: 'environments',
      intervalMs: MINUTE_MS,
      run: (now) => whole(sweepEnvironments(deps.bridges, now)),
    },
    { name: 'scheduled-jobs', intervalMs: SECOND_MS, run: (now) => whole(startDueJobs(db, now)) },
    {
      name: 'pipeline-schedules',
      intervalMs: 5 * SECOND_MS,
      run: (now) => pipelineSchedules(deps.bridges, now),
    },
    {
      name: 'web-hooks',
      intervalMs: 5 * SECOND_MS,
      atStart: () => releaseHeldHooks(deps),
      run: async () => deps.hooks.wake(),
    },
    { name: 'web-hook-log', intervalMs: 60 * MINUTE_MS, run: (now) => forgetHookEvents(deps, now) },
    { name: 'status-events', intervalMs: MINUTE_MS, run: (now) => oldStatusEvents(db, now) },
    { name: 'timed-out-jobs', intervalMs: 15 * SECOND_MS, run: (now) => whole(dropTimedOutJobs(db, now)) },
    { name: 'unaccepted-jobs', intervalMs: 5 * SECOND_MS, run: (now) => whole(takeBackUnaccepted(db, now)) },
    { name: 'silent-jobs', intervalMs: MINUTE_MS, run: (now) => whole(dropSilentJobs(db, now)) },
    {
      name: 'stuck-jobs',
      intervalMs: 5 * MINUTE_MS,
      run: (now) => whole(dropStuckJobs(db, (job) => someRunnerFits(db.read, job, now), now)),
    },
    { name: 'trace-archive', intervalMs: 2 * SECOND_MS, run: (now) => traceArchive(traces, now) },
    { name: 'orphaned-traces', intervalMs: 60 * MINUTE_MS, run: () => orphanedTraces(traces) },
    { name: 'artifact-expiry', intervalMs: 5 * MINUTE_MS, run: (now) => artifactExpiry(db, artifacts, now) },
    { name: 'runner-managers', intervalMs: 60 * MINUTE_MS, run: (now) => runnerManagers(db, now) },
    {
      name: 'ended-sessions',
      intervalMs: 60 * MINUTE_MS,
      run: (now) => db.transaction((tx) => removeEndedSessions(tx, now)),
    },
    { name: 'removed-projects', intervalMs: MINUTE_MS, run: (now) => removedProjects(deps, now) },
    { name: 'orphaned-files', intervalMs: 60 * MINUTE_MS, run: (now) => orphanedFiles(db, artifacts, now) },
  ];
}

async function oldStatusEvents(db: Database, now: number): Promise<void> {
  while ((await db.transaction((tx) => forgetStatusEvents(tx, now))) > 0);
}

/** A sweep goes on past a job that it cannot handle; the first such failure is told when it is through. */
async function whole(sweep: Promise<Sweep>): Promise<void> {
  const { broken } = await sweep;
  const [first] = broken;
  if (first !== undefined)
    throw new Error(`job, pipeline or environment ${first.id}, ${broken.length} in all`, {
      cause: first.error,
    });
}
