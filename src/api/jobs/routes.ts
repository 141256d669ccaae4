import type { Route } from '../route.ts';
import { allowedAgents } from './allowed-agents.ts';
import { cancel } from './cancel.ts';
import { erase } from './erase.ts';
import { listProjectJobs } from './list.ts';
import { play } from './play.ts';
import { retry } from './retry.ts';
import { showJob, showOwnJob } from './show.ts';
import { showSurroundings } from './surroundings.ts';
import { showWaiting } from './waiting.ts';

/** Jobs (jobs-api 4). */
export const jobRoutes: readonly Route[] = [
  listProjectJobs,
  showJob,
  showOwnJob,
  showWaiting,
  showSurroundings,
  allowedAgents,
  cancel,
  retry,
  play,
  erase,
];
