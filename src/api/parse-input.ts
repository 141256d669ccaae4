import { type InputRule, type InputShape, type Parameter, UploadedFile } from './input.ts';
import { emptyFields, type Fields } from './nested-form.ts';

export type ParsedInput =
  | { ok: true; params: Record<string, unknown>; received: Record<string, unknown> }
  | { ok: false; errors: string[] };

/**
 * Coerces and checks what a client sent by a route's `input` (rest-resources 0.2, 0.4). `received` is everything that
 * came, with applied defaults; undeclared parameters never reach `params`.
 */
export function parseInput(shape: InputShape, rules: readonly InputRule[], given: Fields): ParsedInput {
  const errors: string[] = [];
  const params = parseShape(shape, given, '', errors);
  for (const rule of rules) checkRule(rule, given, errors);
  if (errors.length > 0) return { ok: false, errors };
  const received = Object.assign(emptyFields(), given);
  for (const [name, value] of Object.entries(params)) received[name] ??= value;
  for (const [name, value] of Object.entries(received))
    if (value instanceof UploadedFile) delete received[name];
  return { ok: true, params, received };
}

function parseShape(shape: InputShape, given: Fields, prefix: string, errors: string[]): Fields {
  const params = emptyFields();
  for (const [name, parameter] of Object.entries(shape)) {
    const label = prefix === '' ? name : `${prefix}[${name}]`;
    const value = parseOne(parameter, Object.hasOwn(given, name) ? given[name] : undefined, label, errors);
    if (value !== undefined) params[name] = value;
  }
  return params;
}

function parseOne(parameter: Parameter, given: unknown, label: string, errors: string[]): unknown {
  const blank = given === undefined || given === null || (given === '' && emptyIsNothing(parameter));
  if (blank) {
    if (given !== undefined && parameter.nullable) return null;
    if ('default' in parameter && parameter.default !== undefined) return parameter.default;
    if (parameter.required)
      errors.push(`${label} ${given !== undefined && mustHaveText(parameter) ? 'is empty' : 'is missing'}`);
    return undefined;
  }
  const value = coerce(parameter, given, label, errors);
  if (value === INVALID) {
    errors.push(`${label} is invalid`);
    return undefined;
  }
  if (value === undefined) return undefined;
  const refusal = refusalOf(parameter, value);
  if (refusal !== null) errors.push(`${label} ${refusal}`);
  return value;
}

function mustHaveText(parameter: Parameter): boolean {
  return 'notBlank' in parameter && parameter.notBlank === true;
}

/** An empty text is a value for texts and lists, and nothing for the other types. */
function emptyIsNothing(parameter: Parameter): boolean {
  return !['string', 'string-list', 'comma-list', 'any'].includes(parameter.type);
}

const INVALID = Symbol('invalid');

function coerce(parameter: Parameter, given: unknown, label: string, errors: string[]): unknown {
  switch (parameter.type) {
    case 'string':
      return coerceText(given);
    case 'integer':
      return coerceInteger(given);
    case 'number':
      return coerceNumber(given);
    case 'boolean':
      return coerceBoolean(given);
    case 'time':
      return coerceTime(given);
    case 'date':
      return coerceDate(given);
    case 'comma-list':
      return coerceCommaList(given);
    case 'string-list':
      return coerceStringList(parameter, given);
    case 'object':
      return isHash(given) ? parseShape(parameter.of, given, label, errors) : INVALID;
    case 'object-list':
      return coerceObjectList(parameter.of, given, label, errors);
    case 'hash':
      return isHash(given) ? given : INVALID;
    case 'any':
      return given instanceof UploadedFile ? INVALID : given;
    case 'file':
      return given instanceof UploadedFile ? given : INVALID;
  }
}

/** Scalars take no lists and no objects (security TOK-8). */
function coerceText(given: unknown): string | typeof INVALID {
  if (typeof given === 'string') return given;
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : INVALID;
}

function coerceInteger(given: unknown): number | typeof INVALID {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? given : INVALID;
  if (typeof given !== 'string' || !/^-?\d{1,18}$/.test(given)) return INVALID;
  const value = Number(given);
  return Number.isSafeInteger(value) ? value : INVALID;
}

function coerceNumber(given: unknown): number | typeof INVALID {
  if (typeof given === 'number') return given;
  if (typeof given !== 'string' || !/^-?\d{1,18}(\.\d{1,18})?$/.test(given)) return INVALID;
  return Number(given);
}

const TRUE = new Set(['true', 't', '1']);
const FALSE = new Set(['false', 'f', '0']);

function coerceBoolean(given: unknown): boolean | typeof INVALID {
  if (typeof given === 'boolean') return given;
  const text = typeof given === 'string' || typeof given === 'number' ? String(given).toLowerCase() : '';
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : INVALID;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$/;

function coerceTime(given: unknown): number | typeof INVALID {
  if (typeof given !== 'string') return INVALID;
  // A form decodes the plus sign of an offset to a blank.
  const text = given
    .trim()
    .replace(/ (\d{2}:?\d{2})$/, (whole, offset: string) => (given.length > 19 ? `+${offset}` : whole));
  if (!ISO_TIME.test(text)) return INVALID;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10)) || text.length === 10;
  const value = Date.parse(`${text.replace(' ', 'T').replace(/ (?=[+-])/, '')}${zoned ? '' : 'Z'}`);
  return Number.isNaN(value) ? INVALID : value;
}

function coerceDate(given: unknown): string | typeof INVALID {
  if (typeof given !== 'string' || coerceTime(given) === INVALID) return INVALID;
  const date = given.slice(0, 10);
  const value = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(value.getTime()) || !value.toISOString().startsWith(date) ? INVALID : date;
}

function coerceCommaList(given: unknown): string[] | typeof INVALID {
  const items = Array.isArray(given) ? given : [given];
  const texts = items.map(coerceText);
  if (texts.includes(INVALID)) return INVALID;
  return (texts as string[])
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function coerceStringList(
  parameter: { scalar?: true; hash?: true },
  given: unknown,
): string[] | typeof INVALID {
  let items: unknown[];
  if (Array.isArray(given)) items = given;
  else if (parameter.hash && isHash(given)) items = Object.values(given);
  else if (parameter.scalar && !isHash(given)) items = [given];
  else return INVALID;
  const texts = items.map(coerceText);
  return texts.includes(INVALID) ? INVALID : (texts as string[]);
}

function coerceObjectList(of: InputShape, given: unknown, label: string, errors: string[]): unknown {
  if (!Array.isArray(given) || !given.every(isHash)) return INVALID;
  return given.map((item, index) => parseShape(of, item, `${label}[${index}]`, errors));
}

function isHash(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof UploadedFile)
  );
}

const NO_VALID_VALUE = 'does not have a valid value';

/** What is wrong with a value of the right type, or null. */
function refusalOf(parameter: Parameter, value: unknown): string | null {
  switch (parameter.type) {
    case 'string':
      return refusalOfText(parameter, value as string);
    case 'integer':
      return refusalOfInteger(parameter, value as number);
    case 'comma-list':
    case 'string-list': {
      const { values } = parameter;
      const known = values === undefined || (value as string[]).every((text) => values.includes(text));
      return known ? null : NO_VALID_VALUE;
    }
    default:
      return null;
  }
}

function refusalOfText(parameter: Parameter & { type: 'string' }, text: string): string | null {
  if (parameter.notBlank && text.trim() === '') return 'is empty';
  if (parameter.values !== undefined && !parameter.values.includes(text)) return NO_VALID_VALUE;
  if (parameter.pattern !== undefined && !parameter.pattern.test(text)) return 'is invalid';
  if (parameter.maxLength !== undefined && [...text].length > parameter.maxLength) {
    return `is expected to have length less than or equal to ${parameter.maxLength}`;
  }
  return null;
}

function refusalOfInteger(parameter: Parameter & { type: 'integer' }, value: number): string | null {
  if (parameter.excluded?.includes(value)) return 'has a value not allowed';
  if (parameter.values !== undefined && !parameter.values.includes(value)) return NO_VALID_VALUE;
  const outside = value < (parameter.min ?? -Infinity) || value > (parameter.max ?? Infinity);
  return outside ? NO_VALID_VALUE : null;
}

function checkRule(rule: InputRule, given: Fields, errors: string[]): void {
  const present = (names: readonly string[]) => names.filter((name) => Object.hasOwn(given, name));
  if ('atLeastOneOf' in rule) {
    if (present(rule.atLeastOneOf).length === 0) {
      errors.push(`${rule.atLeastOneOf.join(', ')} are missing, at least one parameter must be provided`);
    }
  } else if ('exclusive' in rule) {
    const both = present(rule.exclusive);
    if (both.length > 1) errors.push(`${both.join(', ')} ${rule.text ?? 'are mutually exclusive'}`);
  } else {
    const some = present(rule.allOrNone);
    if (some.length > 0 && some.length < rule.allOrNone.length) {
      errors.push(`${rule.allOrNone.join(', ')} provide all or none of parameters`);
    }
  }
}
