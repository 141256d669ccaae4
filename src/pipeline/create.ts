import { build } from './create/build.ts';
import { workflowRules, yaml } from './create/configuration.ts';
import { configContent, skip } from './create/content.ts';
import type { CreateDeps, CreateRequest, CreateResult, Step } from './create/creation.ts';
import { abilities, givenVariables, rateLimit, repository } from './create/permissions.ts';
import { dryRun, name, populate } from './create/populate.ts';
import { save } from './create/save.ts';
import { seed } from './create/seed.ts';

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

/** The steps of ci-yaml 21 in their order; the first that ends it decides. */
const SEQUENCE: readonly (readonly [name: string, step: Step])[] = [
  ['abilities', abilities],
  ['repository', repository],
  ['variables', givenVariables],
  ['rate limit', rateLimit],
  ['skip', skip],
  ['config content', configContent],
  ['yaml', yaml],
  ['workflow rules', workflowRules],
  ['seed', seed],
  ['populate', populate],
  ['name', name],
  ['dry run', dryRun],
  ['save', save],
];

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
  const creation = await build(deps, request, now);
  for (const [, step] of SEQUENCE) {
    const result = await step(creation);
    if (result !== null) return result;
  }
  throw new Error('the sequence has no end');
}
