import { environmentById, giveUp, oldReviewApps, staleEnvironments } from '../../pipeline/environment.ts';
import { stopEnvironment, stopJobsOf } from '../../pipeline/stop-environment.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { environmentBasic } from '../entities/environment.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { actedOn } from '../jobs/find-job.ts';
import { json, route } from '../route.ts';
import { ENVIRONMENT_INPUT, ENVIRONMENTS, environmentView, requireEnvironment } from './find-environment.ts';

const ACCESS = { by: 'user' } as const;
const DAY_MS = 86_400_000;
const REVIEW_APP_AGE_MS = 30 * DAY_MS;
/** How long a review app that was given up can still be kept. */
const DELETE_DELAY_MS = 7 * DAY_MS;
const STALE_MIN_MS = 7 * DAY_MS;
const STALE_MAX_MS = 3650 * DAY_MS;

/** POST P/environments/:environment_id/stop: runs its stop job, or stops it at once (rest-resources 9.4). */
export const stopRoute = route({
  method: 'POST',
  path: `${ENVIRONMENTS}/:environment_id/stop`,
  access: ACCESS,
  input: { ...ENVIRONMENT_INPUT, force: { type: 'boolean', default: false } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer, environment } = await requireEnvironment(call, params, 'update_environment');
    const jobs = params.force ? [] : await stopJobsOf(rooms.db.read, environment.id);
    for (const job of jobs) {
      if (!may(viewer, 'play_job', await actedOn(call, project, job))) throw refuse.forbidden();
    }
    const how = { userId: userOf(call.caller)!.id, force: params.force };
    await rooms.db.transaction((tx) => stopEnvironment(tx, rooms.encryption, environment, how, now));
    const stopped = await environmentById(rooms.db.read, project.id, environment.id);
    return json(await environmentView(call, project, stopped ?? environment));
  },
});

/** POST P/environments/stop_stale: stops what nobody touched since `before`. */
export const stopStaleRoute = route({
  method: 'POST',
  path: `${ENVIRONMENTS}/stop_stale`,
  access: ACCESS,
  input: { id: { type: 'string', required: true }, before: { type: 'time', required: true } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_environment');
    if (params.before > now - STALE_MIN_MS || params.before < now - STALE_MAX_MS) {
      throw refuse.badRequest('Invalid Date');
    }
    for (const environment of await staleEnvironments(rooms.db.read, project.id, params.before)) {
      await rooms.db.transaction((tx) =>
        stopEnvironment(tx, rooms.encryption, environment, { userId: userOf(call.caller)!.id }, now),
      );
    }
    return json({ message: 'Successfully requested stop for all stale environments' });
  },
});

/** DELETE P/environments/review_apps: gives up stopped review apps; a dry run, as by default, only names them. */
export const deleteReviewAppsRoute = route({
  method: 'DELETE',
  path: `${ENVIRONMENTS}/review_apps`,
  access: ACCESS,
  input: {
    id: { type: 'string', required: true },
    before: { type: 'time' },
    limit: { type: 'integer', default: 100, min: 1, max: 1000 },
    dry_run: { type: 'boolean', default: true },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'update_environment');
    const before = params.before ?? now - REVIEW_APP_AGE_MS;
    const apps = await oldReviewApps(rooms.db.read, project.id, before, params.limit);
    if (!params.dry_run) await rooms.db.transaction((tx) => giveUp(tx, apps, now + DELETE_DELAY_MS));
    return json({ scheduled_entries: apps.map(environmentBasic), unprocessable_entries: [] });
  },
});
