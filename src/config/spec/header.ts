import { headerExclusiveKeys, headerShouldBe, headerUnknownKeys, unknownInputType } from '../errors.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import type { YamlList, YamlMap, YamlValue } from '../yaml-value.ts';

export const INPUT_TYPES = ['array', 'boolean', 'number', 'string'] as const;
export type InputType = (typeof INPUT_TYPES)[number];

/** One of `spec:inputs:<name>:rules`: the first whose `if` holds gives options and default (ci-yaml 3). */
export interface InputRule {
  /** null: always holds. */
  if: string | null;
  options: YamlList | null;
  /** undefined: the rule gives no default, so the input is required. */
  default: YamlValue | undefined;
}

/** `spec:inputs:<name>` (ci-yaml 3). */
export interface InputSpec {
  name: string;
  type: InputType;
  description: string | null;
  /** undefined: no `default` key, so the input is required. */
  default: YamlValue | undefined;
  options: YamlList | null;
  regex: string | null;
  rules: InputRule[] | null;
}

/** A file's header document, checked. */
export interface Header {
  inputs: InputSpec[];
  /** What `spec:component` lets the content see under `$[[ component.x ]]`. */
  component: string[];
  /** Raw `spec:include`: files that hold further inputs. */
  include: YamlValue;
}

const COMPONENT_KEYS = ['name', 'sha', 'version', 'reference'];
const MAX_OPTIONS = 50;
const MAX_DESCRIPTION = 256;

/** Checks a header document. Refuses as a phase, with the first thing that is wrong (ci-yaml 3). */
export function readHeader(header: YamlMap): Header {
  checkKeys('header', header, ['spec']);
  const spec = mapping('header:spec config', header.get('spec'));
  checkKeys('header:spec', spec, ['inputs', 'include', 'component', 'description']);
  checkDescription('header:spec', spec);
  return {
    inputs: readInputs(spec.get('inputs') ?? null),
    component: componentKeys(spec.get('component') ?? null),
    include: spec.get('include') ?? null,
  };
}

/** Reads a mapping of input specifications, as `spec:inputs` and the files of `spec:include` hold it. */
export function readInputs(inputs: YamlValue): InputSpec[] {
  return [...mapping('header:spec:inputs config', inputs)].map(([name, spec]) =>
    readInput(toText(name), spec),
  );
}

function readInput(name: string, value: YamlValue): InputSpec {
  const location = `header:spec:inputs:${name}`;
  const spec = mapping(`${location} config`, value);
  checkKeys(location, spec, ['default', 'description', 'options', 'regex', 'type', 'rules']);
  checkDescription(location, spec);
  const exclusive = [...spec.keys()].filter(
    (key) => key === 'rules' || key === 'options' || key === 'default',
  );
  if (spec.has('rules') && exclusive.length > 1) refuse(headerExclusiveKeys(location, exclusive.join(', ')));
  return {
    name,
    type: inputType(name, spec.get('type') ?? 'string'),
    description: (spec.get('description') ?? null) as string | null,
    default: spec.get('default'),
    options: readOptions(location, spec.get('options')),
    regex: readRegex(location, spec.get('regex') ?? null),
    rules: spec.has('rules') ? readRules(location, spec.get('rules')) : null,
  };
}

function inputType(name: string, type: YamlValue): InputType {
  return INPUT_TYPES.find((known) => known === type) ?? refuse(unknownInputType(name));
}

function readRegex(location: string, regex: YamlValue): string | null {
  return regex === null || typeof regex === 'string'
    ? regex
    : refuse(headerShouldBe(`${location} regex`, 'a string'));
}

function readOptions(location: string, options: YamlValue | undefined): YamlList | null {
  if (options === undefined || options === null) return null;
  if (!Array.isArray(options)) refuse(headerShouldBe(`${location} options`, 'an array'));
  if (options.length > MAX_OPTIONS) {
    refuse(`${location} options has too many entries (maximum ${MAX_OPTIONS})`.toLowerCase());
  }
  if (options.includes(null)) refuse(`${location} options can't contain blank values`.toLowerCase());
  return options;
}

function readRules(location: string, rules: YamlValue | undefined): InputRule[] {
  if (!Array.isArray(rules)) refuse(headerShouldBe(`${location} rules`, 'an array of hashes'));
  return rules.map((value) => readRule(`${location}:rules:rule`, value));
}

function readRule(location: string, value: YamlValue): InputRule {
  const rule = mapping(`${location} config`, value);
  checkKeys(location, rule, ['if', 'options', 'default']);
  const condition = rule.get('if') ?? null;
  if (condition !== null && typeof condition !== 'string')
    refuse(headerShouldBe(`${location} if`, 'a string'));
  return { if: condition, options: readOptions(location, rule.get('options')), default: rule.get('default') };
}

function componentKeys(value: YamlValue): string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) refuse(headerShouldBe('header:spec:component config', 'an array of strings'));
  const unknown = value.filter((key) => typeof key !== 'string' || !COMPONENT_KEYS.includes(key));
  if (unknown.length > 0) {
    refuse(
      `header:spec:component config contains unknown values: ${unknown.map(toText).join(', ')}`.toLowerCase(),
    );
  }
  return value as string[];
}

function checkDescription(location: string, map: YamlMap): void {
  const description = map.get('description') ?? null;
  if (description === null) return;
  if (typeof description !== 'string') refuse(headerShouldBe(`${location} description`, 'a string'));
  if (location === 'header:spec' && description.length > MAX_DESCRIPTION) {
    refuse(`${location} description is too long (maximum is ${MAX_DESCRIPTION} characters)`);
  }
}

function mapping(location: string, value: YamlValue | undefined): YamlMap {
  if (value === undefined || value === null) return new Map();
  return value instanceof Map ? value : refuse(headerShouldBe(location, 'a hash'));
}

function checkKeys(location: string, map: YamlMap, known: string[]): void {
  const unknown = [...map.keys()].filter((key) => typeof key !== 'string' || !known.includes(key));
  if (unknown.length > 0) refuse(headerUnknownKeys(location, unknown.map(toText).join(', ')));
}
