import type { BridgeConfig, JobConfig } from '../../config/compiled.ts';
import { evaluateOnlyExcept } from '../../config/evaluate-only-except.ts';
import { applyRule, firstMatchingRule, type RuledAttributes } from '../../config/evaluate-rules.ts';
import { expandText, expandVariables } from '../../config/expand-variables.ts';
import type { FileResult } from '../../config/files.ts';
import { Breath } from '../../db/breath.ts';
import type { JobVariable } from '../../project/variable.ts';
import type { DefinedVariable } from '../job-definition.ts';
import { tierOf } from '../variables/environment.ts';
import type { VariableScope } from '../variables/precedence.ts';
import { environmentVariables } from '../variables/predefined.ts';
import { publicVariable } from '../variables/variable.ts';
import { layYamlVariables, yamlJobVariable } from '../variables/yaml.ts';
import { contextOf } from './configuration.ts';
import type { Creation, PlannedJob, Step } from './creation.ts';
import { definitionOf } from './definition-of.ts';
import { fail } from './fail.ts';
import { needsErrors } from './needs.ts';
import { PipelineScopes } from './scope.ts';

/** Decides which jobs there are, and what their rules make of them (ci-yaml 10, 13.2, 21). */
export const seed: Step = async (creation) => {
  const scopes = new PipelineScopes(creation);
  const seeder = new Seeder(creation, scopes);
  const configs = creation.config!.jobs.toSorted((a, b) => a.stageIndex - b.stageIndex);
  const errors: string[] = [];
  const breath = new Breath();
  for (const config of configs) {
    const planned = await seeder.plan(config);
    if (!planned.ok) errors.push(planned.message);
    else if (planned.value !== null) creation.jobs.push(planned.value);
    await breath.take();
  }
  errors.push(...needsErrors(creation.jobs));
  if (errors.length === 0) return null;
  const messages = errors.map((message) => ({ severity: 'error' as const, message }));
  return fail(creation, 'config_error', errors.join('\n'), messages);
};

type Config = JobConfig | BridgeConfig;

/** A job's variables with given attributes, and what they make of its environment's name. */
interface JobView {
  variables: DefinedVariable[];
  scope: VariableScope;
  environment: string | null;
}

class Seeder {
  readonly #creation: Creation;
  readonly #scopes: PipelineScopes;
  /** Circular references found, by the variables that refer to others: most jobs share them. */
  readonly #cycles = new Map<string, string | null>();

  constructor(creation: Creation, scopes: PipelineScopes) {
    this.#creation = creation;
    this.#scopes = scopes;
  }

  /** The job as it will be stored, null when its rules leave it out, or why the pipeline fails. */
  async plan(config: Config): Promise<FileResult<PlannedJob | null>> {
    const before = await this.#viewOf(config, config);
    const ruled = await this.#rule(config, before.scope);
    if (!ruled.ok) return { ok: false, message: `Failed to parse rule for ${config.name}: ${ruled.message}` };
    if (ruled.value === null) return { ok: true, value: null };
    const attributes = ruled.value;
    const unchanged = attributes.variables === config.variables && attributes.when === config.when;
    const { variables, scope, environment } = unchanged ? before : await this.#viewOf(config, attributes);
    const circle = this.#circleIn(scope.list);
    if (circle !== null) return { ok: false, message: `${config.name}: ${circle}` };
    const tagList = config.type === 'build' ? config.tags.map((tag) => expand(tag, scope, 'keep')) : [];
    const group = config.resourceGroup === null ? null : expand(config.resourceGroup, scope, 'blank');
    return {
      ok: true,
      value: {
        config,
        definition: definitionOf(config, attributes, variables, tagList),
        when: attributes.when,
        allowFailure: attributes.allowFailure,
        schedulingType: attributes.needs === null ? 'stage' : 'dag',
        needs: attributes.needs ?? [],
        interruptible: attributes.interruptible ?? false,
        environment,
        resourceGroup: group || null,
      },
    };
  }

  async #rule(config: Config, scope: VariableScope): Promise<FileResult<RuledAttributes | null>> {
    const { rules, only, except } = config;
    if (rules === null && only === null && except === null) return { ok: true, value: config };
    const { files, facts } = this.#creation;
    const about = {
      get variables() {
        return scope.variables; // made only where an expression asks
      },
      expanded: scope.expanded,
      files,
      context: contextOf(this.#creation),
      ref: facts.ref,
      kind: facts.tag ? ('tag' as const) : ('branch' as const),
      source: facts.source,
      projectPath: facts.project.fullPath,
    };
    if (rules === null) {
      return { ok: true, value: (await evaluateOnlyExcept({ only, except }, about)) ? config : null };
    }
    const matched = await firstMatchingRule(rules, about);
    return matched.ok ? { ok: true, value: applyRule(config, matched.value) } : matched;
  }

  /** The environment's name is expanded without what depends on it; secrets may be for that environment only. */
  async #viewOf(config: Config, attributes: Pick<RuledAttributes, 'variables' | 'when'>): Promise<JobView> {
    const { name, stage, parallel, environment } = config;
    const root = this.#creation.rootVariables;
    const variables = layYamlVariables(root, attributes.variables, config.inheritVariables);
    const job = { name, stage, parallel, when: attributes.when };
    const yaml = variables.map(yamlJobVariable);
    const secrets = await this.#creation.secretsFor(null);
    const scope = this.#scopes.forJob(job, yaml, secrets, []);
    const place = environment === null ? '' : expand(environment.name, scope, 'blank').trim();
    if (environment === null || place === '') return { variables, scope, environment: null };
    const about = environmentVariables(place, environment.action, tierOf(environment, place));
    const scoped = await this.#creation.secretsFor(place);
    return {
      variables,
      scope: this.#scopes.forJob(job, yaml, scoped, about.map(publicVariable)),
      environment: place,
    };
  }

  #circleIn(list: readonly JobVariable[]): string | null {
    const refers = ({ raw, value }: JobVariable) => !raw && /[$%]/.test(value);
    if (!list.some(refers)) return null;
    const last = new Map(list.map((variable) => [variable.key, variable]));
    const referring = [...last.values()].filter(refers);
    const key = JSON.stringify(referring.map(({ key, value }) => [key, value]));
    let circle = this.#cycles.get(key);
    if (circle === undefined) {
      const result = expandVariables(referring, 'server');
      circle = result.ok ? null : result.message;
      this.#cycles.set(key, circle);
    }
    return circle;
  }
}

function expand(text: string, scope: VariableScope, unknown: 'keep' | 'blank'): string {
  return /[$%]/.test(text) ? expandText(text, scope.expanded(), unknown) : text;
}
