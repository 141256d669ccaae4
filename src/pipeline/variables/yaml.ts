import type { YamlVariable, YamlVariables } from '../../config/compiled.ts';
import type { JobVariable } from '../../project/variable.ts';
import type { DefinedVariable } from '../job-definition.ts';

/**
 * YAML variables of a job, one for each key: of the root those that it inherits, over them its own
 * (ci-yaml 5.3 and 13.1). `root` includes what a workflow rule set, `own` what the job's rule set.
 */
export function layYamlVariables(
  root: Readonly<Record<string, YamlVariable>>,
  own: YamlVariables,
  inherit: boolean | readonly string[],
): DefinedVariable[] {
  const inherited = Object.entries(root).filter(([key]) =>
    typeof inherit === 'boolean' ? inherit : inherit.includes(key),
  );
  const layers = new Map([...inherited, ...Object.entries(own)]);
  return [...layers].map(([key, { value, raw }]) => ({ key, value, raw }));
}

/** A YAML variable on its way to a job: everybody may read it in the repository. */
export function yamlJobVariable({ key, value, raw }: DefinedVariable): JobVariable {
  return { key, value, public: true, masked: false, file: false, raw };
}
