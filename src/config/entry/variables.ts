import type { RootVariable, YamlVariables } from '../compiled.ts';
import { toText } from '../yaml/inspect.ts';
import { Float, type YamlScalar, type YamlValue } from '../yaml-value.ts';
import { aBoolean, aHash, aScalar, aString, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig } from './keys.ts';
import { text, textsOrNull } from './value.ts';

const ROOT_KEYS = ['value', 'description', 'options', 'expand'];
const JOB_KEYS = ['value', 'expand'];

/** Root `variables`: scalars, or hashes that also say what the form for a new pipeline shows (ci-yaml 6.3). */
export function readRootVariables(entry: Entry): Record<string, RootVariable> {
  return readEach(entry, (variable) => readVariable(variable, ROOT_KEYS));
}

/** Job `variables`: scalars or `{value, expand}`. */
export function readJobVariables(entry: Entry): YamlVariables {
  return readEach(entry, (variable) => {
    const { value, raw } = readVariable(variable, JOB_KEYS);
    return { value, raw };
  });
}

/** Variables of a rule or a service: scalars only. */
export function readScalarVariables(entry: Entry): YamlVariables {
  return readEach(entry, (variable) => ({ value: readScalar(variable), raw: false }));
}

function readEach<T>(entry: Entry, read: (variable: Entry) => T): Record<string, T> {
  const variables: Record<string, T> = Object.create(null);
  if (!checkConfig(entry, aHash) || !(entry.value instanceof Map)) return variables;
  for (const name of entry.value.keys()) variables[toText(name)] = read(entry.child(name));
  return variables;
}

function readScalar(entry: Entry): string {
  if (isScalar(entry.value)) return toText(entry.value);
  entry.errorAsWritten('variable definition must be either a string or a hash');
  return '';
}

function isScalar(value: YamlValue): value is YamlScalar {
  return value === null || typeof value !== 'object' || value instanceof Float;
}

function readVariable(entry: Entry, keys: readonly string[]): RootVariable {
  if (!(entry.value instanceof Map)) {
    return { value: readScalar(entry), raw: false, description: null, options: null };
  }
  allowKeys(entry, keys, 'uses invalid data keys');
  checkAttribute(entry, 'value', aScalar);
  checkAttribute(entry, 'description', aString);
  checkAttribute(entry, 'options', stringList);
  checkAttribute(entry, 'expand', aBoolean);
  const value = entry.get('value');
  const options = textsOrNull(entry.get('options'));
  const variable = {
    value: isScalar(value) ? toText(value) : '',
    raw: entry.get('expand') === false,
    description: text(entry.get('description')),
    options,
  };
  if (entry.sound && options !== null && !options.includes(variable.value)) {
    entry.error('config value', 'must be present in options', 'value');
  }
  return variable;
}

/** The sub-keys of a variable are named `config <key>` in error texts. */
function checkAttribute(entry: Entry, key: string, check: (value: YamlValue) => string | null): void {
  const value = entry.get(key);
  const message = value === null ? null : check(value);
  if (message !== null) entry.error(`config ${key}`, message, key);
}
