import { build } from './create/build.ts';
import type { CreateDeps, CreateRequest, CreateResult } from './create/creation.ts';
import { runSequence } from './create/sequence.ts';

export type {
  CreateDeps,
  CreateRequest,
  CreateResult,
  GivenVariable,
  PipelineSource,
  PlannedJob,
  RefusalReason,
} from './create/creation.ts';
export { processNewPipeline } from './create/process-new.ts';

/**
 * Makes a pipeline from the configuration at a ref (ci-yaml 21). Everything is read and decided first, outside any
 * transaction; then one transaction stores all of it. Refusals are values; throws only when git or the database fails.
 * `now` is in milliseconds.
 */
export async function createPipeline(
  deps: CreateDeps,
  request: CreateRequest,
  now: number,
): Promise<CreateResult> {
  return runSequence(await build(deps, request, now));
}
