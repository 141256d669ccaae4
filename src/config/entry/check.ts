import { parseDuration } from '../duration.ts';
import { isValidPattern, splitPattern } from '../expression/pattern.ts';
import { toText } from '../yaml/inspect.ts';
import { Float, type YamlValue } from '../yaml-value.ts';
import { isBlank } from './value.ts';

/** What is wrong with a value, as the end of an error text; null when nothing is (ci-yaml 1.1). */
export type Check = (value: YamlValue) => string | null;

/** A check that only asks whether `holds`. */
export function must(holds: (value: YamlValue) => boolean, message: string): Check {
  return (value) => (holds(value) ? null : message);
}

const isString = (value: YamlValue): value is string => typeof value === 'string';
const isInteger = (value: YamlValue): boolean => typeof value === 'bigint' || Number.isInteger(value);
const isStringList = (value: YamlValue): boolean => Array.isArray(value) && value.every(isString);
const isHash = (value: YamlValue): boolean => value instanceof Map;

export const aHash = must(isHash, 'should be a hash');
export const aString = must(isString, 'should be a string');
export const anArray = must(Array.isArray, 'should be an array');
export const aBoolean = must((value) => typeof value === 'boolean', 'should be a boolean value');
export const stringList = must(isStringList, 'should be an array of strings');
export const stringOrList = must(
  (value) => isString(value) || isStringList(value),
  'should be an array of strings or a string',
);
export const integerOrList = must(
  (value) => isInteger(value) || (Array.isArray(value) && value.every(isInteger)),
  'should be an array of integers or an integer',
);
export const hashOrString = must((value) => isHash(value) || isString(value), 'should be a hash or a string');
export const hashOrBoolean = must(
  (value) => isHash(value) || typeof value === 'boolean',
  'should be a hash or a boolean value',
);
export const present: Check = must((value) => !isBlank(value), "can't be blank");
export const aScalar = must(
  (value) => isString(value) || isInteger(value) || value instanceof Float || typeof value === 'boolean',
  'must be an alphanumeric string',
);

/** Whether a value is a duration (ci-yaml 12.2); only a YAML string can be one. */
export function isDuration(value: YamlValue): value is string {
  return isString(value) && parseDuration(value) !== null;
}
export const aDuration = must(isDuration, 'should be a duration');
export const anExpiry = must((value) => value === 'never' || isDuration(value), 'should be a duration');

/** A duration that `fits`; the message of an unparsable one comes from `aDuration`, this one adds its own. */
export function withinLimit(fits: (seconds: number) => boolean): Check {
  return must(
    (value) => isString(value) && fits(parseDuration(value) ?? Number.POSITIVE_INFINITY),
    'should not exceed the limit',
  );
}

/** One of a closed list: `unknown value: x`. */
export function allowed(values: readonly string[]): Check {
  return (value) => (isString(value) && values.includes(value) ? null : `unknown value: ${toText(value)}`);
}

/** One of a closed list, with a text of its own. */
export function oneOf(values: readonly string[], message = `should be one of: ${values.join(', ')}`): Check {
  return must((value) => isString(value) && values.includes(value), message);
}

/** A list whose items are all of a closed list: `contains unknown values: x`. */
export function allOf(values: readonly string[]): Check {
  return (value) => {
    const unknown = (Array.isArray(value) ? value : []).filter(
      (item) => !isString(item) || !values.includes(item),
    );
    return unknown.length === 0 ? null : `contains unknown values: ${unknown.map(toText).join(', ')}`;
  };
}

/** At most `maximum` characters. */
export function atMost(maximum: number): Check {
  return must(
    (value) => !isString(value) || [...value].length <= maximum,
    `is too long (maximum is ${maximum} characters)`,
  );
}

/** The first thing wrong that any of `checks` finds. */
export function firstOf(...checks: Check[]): Check {
  return (value) => {
    for (const check of checks) {
      const message = check(value);
      if (message !== null) return message;
    }
    return null;
  };
}

/** RE2 source of a `/pattern/flags` text, flags turned into an inline group; null when it is no valid pattern. */
export function patternSource(value: YamlValue): string | null {
  const pattern = isString(value) ? splitPattern(value) : null;
  if (pattern === null || !isValidPattern(pattern.source, pattern.flags)) return null;
  return pattern.flags === '' ? pattern.source : `(?${pattern.flags})${pattern.source}`;
}
export const aPattern = must(
  (value) => patternSource(value) !== null,
  'must be a regular expression with re2 syntax',
);
