import { compileAside } from '../../config/compile-in-worker.ts';
import { evaluateWorkflow } from '../../config/evaluate-rules.ts';
import { type Creation, refuse, type Step } from './creation.ts';
import { fail } from './fail.ts';
import { PipelineScopes } from './scope.ts';

/** Compiles the configuration; the first error is the pipeline's (ci-yaml 1, 21). */
export const yaml: Step = async (creation) => {
  const { request, files, settings } = creation;
  const { text, path } = creation.content!;
  const secrets = await creation.secretsFor(null);
  const result = await compileAside(text, {
    files,
    path,
    context: contextOf(creation),
    variables: new PipelineScopes(creation).forIncludes(secrets).expanded(),
    masked: new Set(secrets.filter(({ masked }) => masked).map(({ key }) => key)),
    inputs: { ...creation.inputs, ...request.inputs },
    maxIncludes: settings.ci_max_includes,
  });
  creation.compiled = result;
  if (!result.ok) {
    const [first] = result.errors;
    return fail(creation, 'config_error', first?.message ?? 'Invalid configuration', result.errors);
  }
  creation.config = result.config;
  creation.rootVariables = result.config.variables;
  creation.autoCancel = result.config.workflow.autoCancel;
  return null;
};

/** Whether there is a pipeline at all, and the variables and auto_cancel of the rule that says so (ci-yaml 6.2). */
export const workflowRules: Step = async (creation) => {
  const config = creation.config!;
  const scope = new PipelineScopes(creation).forWorkflow(config.variables, await creation.secretsFor(null));
  const outcome = await evaluateWorkflow(config.workflow, {
    variables: scope.variables,
    expanded: scope.expanded,
    files: creation.files,
    context: contextOf(creation),
  });
  if (!outcome.ok)
    return fail(creation, 'config_error', `Failed to parse rule for workflow: ${outcome.message}`);
  if (!outcome.value.run) {
    return refuse(
      'filtered_by_workflow_rules',
      'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
    );
  }
  creation.rootVariables = { ...config.variables, ...outcome.value.variables };
  creation.autoCancel = outcome.value.autoCancel;
  return null;
};

/** The tree in which the pipeline's own files are looked up. */
export function contextOf({ request, facts }: Creation): { project: string; sha: string } {
  return { project: request.project.fullPath, sha: facts.sha };
}
