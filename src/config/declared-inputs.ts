import { toPlain } from './entry/value.ts';
import { attempt, take } from './refusal.ts';
import { type InputType, readHeader } from './spec/header.ts';
import { parseFile } from './yaml/parse.ts';

/** One of `spec:inputs`, as a form needs it: JSON data. */
export interface DeclaredInput {
  name: string;
  type: InputType;
  description: string | null;
  /** It has no default, so it must be given. */
  required: boolean;
  default: unknown;
  options: unknown[] | null;
  regex: string | null;
}

/** The inputs that a configuration's own header declares; none where the header is not valid. */
export function declaredInputs(text: string): DeclaredInput[] {
  const outcome = attempt(() => {
    const { header } = take(parseFile(text, '.gitlab-ci.yml'));
    return header === null ? [] : readHeader(header).inputs;
  });
  if (!outcome.ok) return [];
  return outcome.value.map(({ name, type, description, default: value, options, regex, rules }) => ({
    name,
    type,
    description,
    required: value === undefined && rules === null,
    default: toPlain(value ?? null),
    options: options?.map(toPlain) ?? null,
    regex,
  }));
}
