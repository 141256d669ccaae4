import { INPUTS_NOT_HASH, INPUTS_WITHOUT_SPEC } from '../errors.ts';
import { attempt, type Outcome, refuse } from '../refusal.ts';
import type { InterpolationValues } from '../spec/access.ts';
import { type Header, readInputs } from '../spec/header.ts';
import { resolveInputs } from '../spec/inputs.ts';
import { interpolate } from '../spec/interpolate.ts';
import type { YamlMap, YamlValue } from '../yaml-value.ts';
import type { IncludeRun } from './run.ts';

/** A file's content that waits for its inputs. */
export interface UnfilledFile {
  header: Header | null;
  content: YamlMap;
  /** Inputs that `spec:include` brought. */
  sharedInputs: YamlMap;
  /** Values of `$[[ component.x ]]`; null outside components. */
  component: ReadonlyMap<string, YamlValue> | null;
}

/** Checks the inputs given to a file and fills them into its content; without a header nothing is filled (ci-yaml 3). */
export function fillInputs(file: UnfilledFile, given: YamlValue, run: IncludeRun): Outcome<YamlMap> {
  return attempt(() => {
    const inputs = givenInputs(given);
    if (file.header === null) return inputs.size === 0 ? file.content : refuse(INPUTS_WITHOUT_SPEC);
    const values = interpolationValues(file.header, file, inputs);
    return interpolate(file.content, values, run, run.budget);
  });
}

function givenInputs(given: YamlValue): YamlMap {
  if (given === null) return new Map();
  return given instanceof Map ? given : refuse(INPUTS_NOT_HASH);
}

function interpolationValues(header: Header, file: UnfilledFile, given: YamlMap): InterpolationValues {
  const own = new Set(header.inputs.map((spec) => spec.name));
  const shared = readInputs(file.sharedInputs).filter((spec) => !own.has(spec.name));
  const inputs = resolveInputs([...shared, ...header.inputs], given);
  const component = new Map<string, YamlValue>();
  for (const key of header.component) component.set(key, file.component?.get(key) ?? null);
  return new Map([
    ['inputs', inputs],
    ['component', component],
  ]);
}
