import type { Namespace } from '../../project/namespace.ts';
import type { User } from '../../project/user.ts';
import type { Manager } from '../../runner/manager.ts';
import type { RunnerRow } from '../read/rows.ts';
import { runnerEntity } from './runner.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

export interface RunnerContext {
  baseUrl: string;
  now: number;
  /** It runs a job now. */
  busy: boolean;
  creator: User | null;
}

/** A runner in a list (rest-resources 7.3). */
export function runnerItem(runner: RunnerRow, { baseUrl, now, busy, creator }: RunnerContext) {
  return {
    ...runnerEntity(runner, busy, now),
    created_by: creator === null ? null : userBasic(creator, baseUrl),
  };
}

/** One runner with all that is set of it, and what its newest manager said; never a token (security RUN-8). */
export function runnerDetails(
  runner: RunnerRow,
  context: RunnerContext,
  about: { manager: Manager | null; managed: boolean; projects: readonly unknown[]; group: Namespace | null },
) {
  const { manager, group } = about;
  return {
    ...runnerItem(runner, context),
    tag_list: JSON.parse(runner.tag_list) as string[],
    run_untagged: runner.run_untagged === 1,
    locked: runner.locked === 1,
    maximum_timeout: runner.maximum_timeout,
    access_level: runner.access_level,
    version: manager?.version ?? null,
    revision: manager?.revision ?? null,
    platform: manager?.platform ?? null,
    architecture: manager?.architecture ?? null,
    contacted_at: isoTime(runner.contacted_at),
    maintenance_note: about.managed ? runner.maintenance_note : null,
    projects: about.projects,
    groups:
      group === null
        ? []
        : [{ id: group.id, web_url: `${context.baseUrl}/groups/${group.fullPath}`, name: group.name }],
  };
}
