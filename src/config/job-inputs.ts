import { plainRecord, toPlain } from './entry/value.ts';
import { attempt } from './refusal.ts';
import { INPUT_TYPES, type InputSpec, type InputType } from './spec/header.ts';
import { resolveInputs } from './spec/inputs.ts';
import { fromJson } from './spec/values.ts';
import type { YamlList } from './yaml-value.ts';

/** `inputs` of a job as its definition keeps them, checked when the pipeline was made. */
export type InputSpecs = Readonly<Record<string, unknown>> | null;

export type GivenInputs = { ok: true; values: Record<string, unknown> } | { ok: false; text: string };

/**
 * Checks the values that a user gives to a job's `inputs` (ci-yaml 3, jobs-api 4.9): unknown names are refused, the rest
 * becomes what its type says and must fit its options and pattern.
 */
export function checkJobInputs(specs: InputSpecs, given: Readonly<Record<string, unknown>>): GivenInputs {
  const names = Object.keys(given);
  const unknown = names.filter((name) => !Object.hasOwn(specs ?? {}, name));
  if (unknown.length > 0) {
    return { ok: false, text: `Unknown input${unknown.length > 1 ? 's' : ''}: ${unknown.join(', ')}` };
  }
  const outcome = attempt(() => {
    const values = new Map(names.map((name) => [name, fromJson(given[name])]));
    return resolveInputs(
      names.map((name) => specOf(name, specs?.[name])),
      values,
    );
  });
  if (!outcome.ok) return { ok: false, text: outcome.error.message };
  return { ok: true, values: plainRecord(outcome.value) ?? {} };
}

/** Every input of a job as a runner is told of it: what was given, or the default. */
export function jobInputs(
  specs: InputSpecs,
  given: Readonly<Record<string, unknown>>,
): { name: string; type: InputType; content: unknown }[] {
  return Object.entries(specs ?? {}).map(([name, raw]) => {
    const spec = specOf(name, raw);
    const settled = attempt(() => resolveInputs([spec], new Map()));
    const standard = settled.ok ? settled.value.get(name) : spec.default;
    const content = Object.hasOwn(given, name) ? given[name] : toPlain(standard ?? null);
    return { name, type: spec.type, content };
  });
}

function specOf(name: string, raw: unknown): InputSpec {
  const { type, default: value, options, regex } = (raw ?? {}) as Record<string, unknown>;
  return {
    name,
    type: INPUT_TYPES.find((known) => known === type) ?? 'string',
    description: null,
    default: fromJson(value),
    options: Array.isArray(options) ? (fromJson(options) as YamlList) : null,
    regex: typeof regex === 'string' ? regex : null,
    rules: null,
  };
}
