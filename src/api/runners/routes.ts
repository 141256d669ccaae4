import type { Route } from '../route.ts';
import { requestRunnerJob } from '../runner-jobs/request.ts';
import { updateRunnerJob } from '../runner-jobs/update.ts';
import { discoverRouter } from './discovery.ts';
import { listRunnerJobs } from './jobs.ts';
import { listAllRunners, listGroupRunners, listOwnRunners, listProjectRunners } from './list.ts';
import { deleteRunner, editRunner, listManagers, showRunner } from './manage.ts';
import { assignToProject, unassignFromProject } from './project-runners.ts';
import { createRunner } from './register.ts';
import {
  registerByToken,
  resetGroupRegistration,
  resetInstanceRegistration,
  resetProjectRegistration,
} from './register-by-token.ts';
import { resetOwnToken, resetRunnerToken } from './reset-token.ts';
import { unregisterManager, unregisterRunner } from './unregister.ts';
import { verifyRunnerRoute } from './verify.ts';

/** The runner's own routes (runner-api 1, 2, 4) and those that administer runners (rest-resources 7). */
export const runnerRoutes: readonly Route[] = [
  registerByToken,
  createRunner,
  verifyRunnerRoute,
  unregisterRunner,
  unregisterManager,
  resetOwnToken,
  resetRunnerToken,
  resetInstanceRegistration,
  resetGroupRegistration,
  resetProjectRegistration,
  discoverRouter,
  requestRunnerJob,
  updateRunnerJob,
  listOwnRunners,
  listAllRunners,
  showRunner,
  listManagers,
  editRunner,
  deleteRunner,
  listRunnerJobs,
  listProjectRunners,
  assignToProject,
  unassignFromProject,
  listGroupRunners,
];
