import { functionError, functionNeedsString, MASKED_VARIABLE, noSuchFunction } from '../errors.ts';
import { expandText, referencesOf } from '../expand-variables.ts';
import type { YamlValue } from '../yaml-value.ts';
import type { Interpolated } from './access.ts';

/** Variables that `expand_vars` may use, and the names among them whose values must not appear. */
export interface VariableAccess {
  variables: ReadonlyMap<string, string>;
  masked: ReadonlySet<string>;
}

interface InterpolationFunction {
  name: string;
  pattern: RegExp;
  apply: (text: string, match: RegExpExecArray, access: VariableAccess) => Interpolated;
}

const FUNCTIONS: InterpolationFunction[] = [
  { name: 'expand_vars', pattern: /^expand_vars$/, apply: (text, _, access) => expandVars(text, access) },
  {
    name: 'truncate',
    pattern: /^truncate\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\)$/,
    apply: (text, match) => done(truncate(text, Number(match[1]), Number(match[2]))),
  },
  { name: 'posix_escape', pattern: /^posix_escape$/, apply: (text) => done(posixEscape(text)) },
];

/** Applies one function of an interpolation block, written as `source`, to `value` (ci-yaml 3). */
export function applyFunction(source: string, value: YamlValue, access: VariableAccess): Interpolated {
  for (const { name, pattern, apply } of FUNCTIONS) {
    const match = pattern.exec(source);
    if (match === null) continue;
    if (typeof value !== 'string') return failed(functionError(name, functionNeedsString(name)));
    const result = apply(value, match, access);
    return result.ok ? result : failed(functionError(name, result.message));
  }
  return failed(noSuchFunction(source));
}

function expandVars(text: string, { variables, masked }: VariableAccess): Interpolated {
  if (referencesOf(text).some((name) => masked.has(name))) return failed(MASKED_VARIABLE);
  return done(expandText(text, variables, 'keep'));
}

function truncate(text: string, offset: number, length: number): string {
  return [...text].slice(offset, offset + length).join('');
}

/** Makes `text` one word of a POSIX shell. */
function posixEscape(text: string): string {
  if (text === '') return "''";
  return text.replace(/[^\w\-.,:+/@\n]/gu, '\\$&').replace(/\n/g, "'\n'");
}

function done(value: string): Interpolated {
  return { ok: true, value };
}

function failed(message: string): Interpolated {
  return { ok: false, message };
}
