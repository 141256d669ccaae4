import type { DeclaredInput } from '../config/declared-inputs.ts';
import { maskText } from '../config/mask-text.ts';
import type { Project } from '../project/project.ts';
import type { User } from '../project/user.ts';
import { build } from './create/build.ts';
import { yaml } from './create/configuration.ts';
import { configContent } from './create/content.ts';
import type { CreateDeps } from './create/creation.ts';

/** What somebody may give to a pipeline before it runs, as its configuration says it. */
export interface PipelineParameters {
  /** Root variables that have a description (ci-yaml 6.3). */
  variables: { key: string; value: string; description: string; options: string[] | null }[];
  inputs: DeclaredInput[];
  /** Why the configuration would make no pipeline. */
  errors: string[];
}

export interface ParametersRequest {
  project: Project;
  user: User;
  /** Branch or tag. */
  ref: string;
  serverUrl: string;
}

/** Stands for a required input while only the variables are looked for. */
const STAND_INS = { string: '', number: 0, boolean: false, array: [] } as const;

/** What the configuration on this ref lets one give; null where there is no such ref. Stores nothing. */
export async function pipelineParameters(
  deps: CreateDeps,
  request: ParametersRequest,
  now: number,
): Promise<PipelineParameters | null> {
  const creation = await build(deps, { ...request, source: 'web', saveOnErrors: false, dryRun: true }, now);
  if (!creation.exists.branch && !creation.exists.tag) return null;
  const missing = await configContent(creation);
  if (missing !== null) return { variables: [], inputs: [], errors: ['Missing CI config file'] };
  // It reads YAML, which a server otherwise does in its compile thread only.
  const { declaredInputs } = await import('../config/declared-inputs.ts');
  const inputs = declaredInputs(creation.content?.text ?? '');
  const standIns = inputs
    .filter(({ required }) => required)
    .map(({ name, type, options }) => [name, options?.[0] ?? STAND_INS[type]]);
  const tried = { ...creation, inputs: Object.fromEntries(standIns) };
  await yaml(tried);
  if (tried.compiled?.ok === false) {
    const secrets = (await creation.secretsFor(null)).filter(({ masked }) => masked);
    const hide = ({ message }: { message: string }) =>
      maskText(
        message,
        secrets.map(({ value }) => value),
      );
    return { variables: [], inputs, errors: tried.compiled.errors.map(hide) };
  }
  const variables = Object.entries(tried.config?.variables ?? {}).flatMap(
    ([key, { value, description, options }]) =>
      description === null ? [] : [{ key, value, description, options }],
  );
  return { variables, inputs, errors: [] };
}
