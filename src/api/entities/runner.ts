import { runnerStatus } from '../../runner/status.ts';
import type { ManagerRow, RunnerRow } from '../read/rows.ts';
import { isoTime } from './time.ts';

type RunnerFields = Pick<
  RunnerRow,
  | 'id'
  | 'runner_type'
  | 'name'
  | 'description'
  | 'paused'
  | 'creation_finished'
  | 'contacted_at'
  | 'created_at'
>;
type ManagerFields = Pick<
  ManagerRow,
  | 'id'
  | 'system_xid'
  | 'version'
  | 'revision'
  | 'platform'
  | 'architecture'
  | 'ip_address'
  | 'contacted_at'
  | 'created_at'
>;

/** A runner as jobs and lists show it (rest-resources 7.3); its token is never part of it. `busy`: it runs a job now. */
export function runnerEntity(runner: RunnerFields, busy: boolean, now: number) {
  const status = runnerStatus(
    {
      createdAt: runner.created_at,
      contactedAt: runner.contacted_at,
      creationFinished: runner.creation_finished === 1,
    },
    now,
  );
  return {
    id: runner.id,
    description: runner.description,
    ip_address: null,
    active: runner.paused === 0,
    paused: runner.paused === 1,
    is_shared: runner.runner_type === 'instance_type',
    runner_type: runner.runner_type,
    name: runner.name,
    online: runner.contacted_at === null ? null : status === 'online',
    created_by: null,
    created_at: isoTime(runner.created_at),
    status,
    job_execution_status: busy ? 'active' : 'idle',
  };
}

/** One process of a runner (jobs-api 6.7). */
export function managerEntity(manager: ManagerFields, busy: boolean, now: number) {
  return {
    id: manager.id,
    system_id: manager.system_xid,
    version: manager.version,
    revision: manager.revision,
    platform: manager.platform,
    architecture: manager.architecture,
    created_at: isoTime(manager.created_at),
    contacted_at: isoTime(manager.contacted_at),
    ip_address: manager.ip_address,
    status: runnerStatus(
      { createdAt: manager.created_at, contactedAt: manager.contacted_at, creationFinished: true },
      now,
    ),
    job_execution_status: busy ? 'active' : 'idle',
  };
}
