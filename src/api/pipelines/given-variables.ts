import type { GivenVariable } from '../../pipeline/create.ts';
import type { Input } from '../input.ts';

/** The parameter with the variables that a pipeline is started with. */
export const VARIABLES_INPUT = {
  variables: {
    type: 'object-list',
    of: {
      key: { type: 'string', required: true },
      value: { type: 'string', required: true },
      variable_type: { type: 'string', values: ['env_var', 'file'], default: 'env_var' },
    },
  },
} as const;

export function givenVariables({ variables = [] }: Input<typeof VARIABLES_INPUT>): GivenVariable[] {
  return variables.map(({ key, value, variable_type }) => ({ key, value, file: variable_type === 'file' }));
}
