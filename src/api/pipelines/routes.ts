import type { Route } from '../route.ts';
import { cancel, retry } from './act.ts';
import { create } from './create.ts';
import { deleteRoute } from './delete.ts';
import { showGraph } from './graph.ts';
import { listBridges, listPipelineJobs } from './jobs.ts';
import { listProjectPipelines } from './list.ts';
import { editMetadata } from './metadata.ts';
import { showParameters } from './parameters.ts';
import { latestPipeline, showPipeline } from './show.ts';
import { testReportRoutes } from './test-report.ts';
import { listPipelineVariables } from './variables.ts';

/** Pipelines (rest-resources 6.4, jobs-api 4.2, 4.3 and 12). */
export const pipelineRoutes: readonly Route[] = [
  listProjectPipelines,
  create,
  showParameters,
  latestPipeline,
  showPipeline,
  showGraph,
  listPipelineJobs,
  listBridges,
  listPipelineVariables,
  cancel,
  retry,
  deleteRoute,
  editMetadata,
  ...testReportRoutes,
];
