import type { LintRequest } from '../../pipeline/lint.ts';
import type { Input } from '../input.ts';

/** The pipeline that lint imagines: parameters of ours, for either method; without them it is a push to the ref. */
export const imaginedPipelineInput = {
  source: {
    type: 'string',
    values: ['push', 'web', 'trigger', 'schedule', 'api', 'pipeline', 'parent_pipeline'],
    default: 'push',
  },
  variables: {
    type: 'object-list',
    of: {
      key: { type: 'string', required: true },
      value: { type: 'string', required: true },
      variable_type: { type: 'string', values: ['env_var', 'file'], default: 'env_var' },
    },
  },
  /** What `rules:changes` is compared with. */
  changed_files: { type: 'string-list' },
} as const;

/** The parts of a lint request that those parameters decide. */
export function imaginedPipeline(
  params: Input<typeof imaginedPipelineInput>,
): Pick<LintRequest, 'source' | 'variables' | 'changedPaths'> {
  const variables = (params.variables ?? []).map(({ key, value, variable_type }) => ({
    key,
    value,
    file: variable_type === 'file',
  }));
  const changed = params.changed_files;
  return { source: params.source, variables, ...(changed === undefined ? {} : { changedPaths: changed }) };
}
