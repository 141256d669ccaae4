import { workflowRules, yaml } from './configuration.ts';
import { configContent, skip } from './content.ts';
import type { CreateResult, Creation, Step } from './creation.ts';
import { activity, size } from './limits.ts';
import { abilities, givenVariables, rateLimit, repository } from './permissions.ts';
import { dryRun, name, populate } from './populate.ts';
import { save } from './save.ts';
import { seed } from './seed.ts';

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
  ['size', size],
  ['activity', activity],
  ['populate', populate],
  ['name', name],
  ['dry run', dryRun],
  ['save', save],
];

/** Takes the steps until one ends it. */
export async function runSequence(creation: Creation): Promise<CreateResult> {
  for (const [, step] of SEQUENCE) {
    const result = await step(creation);
    if (result !== null) return result;
  }
  throw new Error('the sequence has no end');
}
