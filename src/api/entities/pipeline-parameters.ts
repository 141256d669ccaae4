import type { PipelineParameters } from '../../pipeline/parameters.ts';

/** What may be given when a pipeline is run; ours. `maySetVariables`: whether the caller may give variables at all. */
export function pipelineParametersEntity(
  { variables, inputs, errors }: PipelineParameters,
  maySetVariables: boolean,
) {
  return {
    may_set_variables: maySetVariables,
    variables: variables.map(({ key, value, description, options }) => ({
      key,
      value,
      description,
      options,
    })),
    inputs: inputs.map(({ name, type, description, required, default: value, options, regex }) => ({
      name,
      type,
      description,
      required,
      default: value,
      options,
      regex,
    })),
    errors,
  };
}
