import type { BridgeConfig, JobConfig } from '../../config/compiled.ts';
import type { RuledAttributes } from '../../config/evaluate-rules.ts';
import type { DefinedVariable, JobDefinition } from '../job-definition.ts';

/** What of a job does not change with its state, after its rules. */
export function definitionOf(
  config: JobConfig | BridgeConfig,
  attributes: RuledAttributes,
  variables: DefinedVariable[],
  tagList: string[],
): JobDefinition {
  const common = {
    stage: config.stage,
    variables,
    startInSeconds: attributes.startInSeconds,
    allowFailureExitCodes: attributes.allowFailureExitCodes,
    manualConfirmation: config.manualConfirmation,
    crossNeeds: config.crossNeeds,
    environment: config.environment,
    parallel: config.parallel,
  };
  if (config.type === 'bridge') return { type: 'bridge', ...common, trigger: config.trigger };
  return {
    type: 'build',
    ...common,
    tagList: [...new Set(tagList)],
    beforeScript: config.beforeScript,
    script: config.script,
    afterScript: config.afterScript,
    hooks: config.hooks,
    run: config.run,
    image: config.image,
    services: config.services,
    artifacts: config.artifacts,
    cache: config.cache,
    dependencies: config.dependencies,
    retry: config.retry,
    timeoutSeconds: config.timeoutSeconds,
    coverage: config.coverage,
    release: config.release,
    idTokens: config.idTokens,
    secrets: config.secrets,
    pages: config.pages,
    inputs: config.inputs,
    identity: config.identity,
    dastConfiguration: config.dastConfiguration,
  };
}
