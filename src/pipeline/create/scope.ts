import type { YamlVariables } from '../../config/compiled.ts';
import type { JobVariable } from '../../project/variable.ts';
import { inPrecedence, VariableScope } from '../variables/precedence.ts';
import {
  type JobFacts,
  jobFactVariables,
  pipelineVariables,
  projectVariables,
  userVariables,
} from '../variables/predefined.ts';
import { serverVariables } from '../variables/server.ts';
import { publicVariable } from '../variables/variable.ts';
import { yamlJobVariable } from '../variables/yaml.ts';
import type { Creation } from './creation.ts';

/** Variables as a pipeline in the making sees them: nothing that needs an id, a token or a runner (ci-yaml 13.2). */
export class PipelineScopes {
  readonly #predefined: JobVariable[];
  readonly #user: JobVariable[];
  readonly #given: JobVariable[];

  constructor({ facts, request, variables }: Creation) {
    this.#predefined = [
      ...serverVariables(facts.serverUrl),
      ...projectVariables(facts),
      ...pipelineVariables(facts),
    ].map(publicVariable);
    this.#user = userVariables(request.user).map(publicVariable);
    this.#given = variables.map(givenJobVariable);
  }

  /** For include and its rules: no YAML variables. */
  forIncludes(secrets: readonly JobVariable[]): VariableScope {
    return this.#scope({ secrets });
  }

  /** For workflow rules and name: root variables, nothing of a job. */
  forWorkflow(root: YamlVariables, secrets: readonly JobVariable[]): VariableScope {
    const yaml = Object.entries(root).map(([key, { value, raw }]) => yamlJobVariable({ key, value, raw }));
    return this.#scope({ yaml, secrets });
  }

  /** For a job's rules and what is expanded on the server; `yaml` one for each key. */
  forJob(
    job: JobFacts,
    yaml: readonly JobVariable[],
    secrets: readonly JobVariable[],
    environment: readonly JobVariable[],
  ): VariableScope {
    return this.#scope({ job: jobFactVariables(job).map(publicVariable), yaml, secrets, environment });
  }

  #scope({
    job = [],
    ...groups
  }: {
    job?: readonly JobVariable[];
    yaml?: readonly JobVariable[];
    secrets: readonly JobVariable[];
    environment?: readonly JobVariable[];
  }): VariableScope {
    const predefined = [...this.#predefined, ...job];
    return new VariableScope(inPrecedence({ predefined, user: this.#user, given: this.#given, ...groups }));
  }
}

function givenJobVariable({
  key,
  value,
  file = false,
  raw = false,
}: Creation['variables'][number]): JobVariable {
  return { key, value, public: false, masked: false, file, raw };
}
