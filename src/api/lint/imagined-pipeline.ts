import type { LintRequest } from '../../pipeline/lint.ts';
import type { Input } from '../input.ts';
import { givenVariables, VARIABLES_INPUT } from '../pipelines/given-variables.ts';

/** The pipeline that lint imagines: parameters of ours, for either method; without them it is a push to the ref. */
export const imaginedPipelineInput = {
  source: {
    type: 'string',
    values: ['push', 'web', 'trigger', 'schedule', 'api', 'pipeline', 'parent_pipeline'],
    default: 'push',
  },
  ...VARIABLES_INPUT,
  /** What `rules:changes` is compared with. */
  changed_files: { type: 'string-list' },
} as const;

/** The parts of a lint request that those parameters decide. */
export function imaginedPipeline(
  params: Input<typeof imaginedPipelineInput>,
): Pick<LintRequest, 'source' | 'variables' | 'changedPaths'> {
  const variables = givenVariables(params);
  const changed = params.changed_files;
  return { source: params.source, variables, ...(changed === undefined ? {} : { changedPaths: changed }) };
}
