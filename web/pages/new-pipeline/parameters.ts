import type { pipelineParametersEntity } from '../../../src/api/entities/pipeline-parameters.ts';

/** The answer of `GET …/pipeline/parameters`. */
export type PipelineParameters = ReturnType<typeof pipelineParametersEntity>;
/** One of `spec:inputs`. */
export type DeclaredInput = PipelineParameters['inputs'][number];
