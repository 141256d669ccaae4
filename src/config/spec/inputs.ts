import { RE2JS } from 're2js';
import {
  INPUT_OPTIONS_KIND,
  INPUT_REGEX_INVALID,
  INPUT_REGEX_KIND,
  INPUT_REGEX_MISMATCH,
  INPUT_REQUIRED,
  inputError,
  inputNotInOptions,
  unknownInputs,
} from '../errors.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import { Float, type YamlList, type YamlMap, type YamlValue } from '../yaml-value.ts';
import type { InputSpec, InputType } from './header.ts';
import { chooseRule } from './rules.ts';
import { fromJson } from './values.ts';

/** Errors that one answer shows (ci-yaml 3). */
const MAX_ERRORS = 3;
/** Characters of a pattern (security RE-1). */
const MAX_PATTERN = 1024;

/** An input once its rules have been settled. */
interface Settled {
  type: InputType;
  regex: string | null;
  default: YamlValue | undefined;
  options: YamlList | null;
}

/**
 * The value of every input: what was given, or its default, of the declared type. Refuses with up to three errors
 * in one text (ci-yaml 3).
 */
export function resolveInputs(specs: InputSpec[], given: YamlMap): Map<string, YamlValue> {
  const values = new Map<string, YamlValue>();
  const errors = undeclared(specs, given);
  for (const spec of specs) {
    const provided = given.get(spec.name) ?? null;
    const settled = settle(spec, values, given);
    const value = coerce(provided ?? settled.default ?? null, settled.type);
    for (const detail of problems(settled, provided)) errors.push(inputError(spec.name, detail));
    values.set(spec.name, value);
  }
  if (errors.length > 0) refuse(errors.slice(0, MAX_ERRORS).join(', '));
  return values;
}

function undeclared(specs: InputSpec[], given: YamlMap): string[] {
  const declared = new Set(specs.map((spec) => spec.name));
  const unknown = [...given.keys()].filter((name) => typeof name !== 'string' || !declared.has(name));
  return unknown.length > 0 ? [unknownInputs(unknown.map(toText))] : [];
}

function settle(spec: InputSpec, values: Map<string, YamlValue>, given: YamlMap): Settled {
  if (spec.rules === null) return spec;
  const known = new Map([...given, ...values]);
  const rule = chooseRule(spec.rules, known);
  return { ...spec, default: rule?.default, options: rule?.options ?? null };
}

function problems(spec: Settled, provided: YamlValue): string[] {
  if (provided !== null) return check(spec, coerce(provided, spec.type), 'provided');
  if (spec.default === undefined) return [INPUT_REQUIRED];
  return spec.default === null ? [] : check(spec, coerce(spec.default, spec.type), 'default');
}

function check(spec: Settled, value: YamlValue, origin: 'provided' | 'default'): string[] {
  if (!isOfType(value, spec.type)) return [`${origin} value is not ${article(spec.type)} ${spec.type}`];
  return [...checkOptions(spec, value), ...checkRegex(spec, value, origin)];
}

function checkOptions(spec: Settled, value: YamlValue): string[] {
  if (spec.options === null) return [];
  if (spec.type !== 'string' && spec.type !== 'number') return [INPUT_OPTIONS_KIND];
  const text = toText(value);
  return spec.options.some((option) => toText(option) === text) ? [] : [inputNotInOptions(text, spec.type)];
}

function checkRegex(spec: Settled, value: YamlValue, origin: string): string[] {
  if (spec.regex === null) return [];
  if (spec.type !== 'string') return [INPUT_REGEX_KIND];
  const pattern = compilePattern(spec.regex);
  if (pattern === null) return [INPUT_REGEX_INVALID];
  return pattern.matcher(toText(value)).find() ? [] : [`${origin} ${INPUT_REGEX_MISMATCH}`];
}

function compilePattern(source: string): RE2JS | null {
  if (source.length > MAX_PATTERN) return null;
  try {
    return RE2JS.compile(source);
  } catch {
    return null;
  }
}

/** A string input takes anything as text; the other types read a string as JSON first (ci-yaml 3). */
function coerce(value: YamlValue, type: InputType): YamlValue {
  if (value === null) return null;
  if (type === 'string') return toText(value);
  if (typeof value !== 'string') return value;
  try {
    return fromJson(JSON.parse(value));
  } catch {
    return value;
  }
}

function isOfType(value: YamlValue, type: InputType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
  }
}

function article(type: InputType): string {
  return type === 'array' ? 'an' : 'a';
}
