import { aHash, aString, type Check, must, oneOf } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { plainRecord } from './value.ts';

const MAX_INPUTS = 50;
const ATTRIBUTES: Record<string, Check> = {
  description: aString,
  options: must(Array.isArray, 'should be an array'),
  regex: aString,
  type: oneOf(['string', 'number', 'boolean', 'array']),
};

/** Job-level `inputs`: specs that must each have a default, kept as written (ci-yaml 3). */
export function readInputs(entry: Entry): Record<string, unknown> | null {
  if (!checkConfig(entry, aHash) || !(entry.value instanceof Map)) return null;
  for (const name of entry.value.keys()) checkInput(entry.child(name));
  return plainRecord(entry.value);
}

/** The limit on how many inputs a job has; an error of the job, not of `inputs`. */
export const inputCount = must(
  (value) => !(value instanceof Map) || value.size <= MAX_INPUTS,
  `has too many entries (maximum ${MAX_INPUTS})`,
);

function checkInput(entry: Entry): void {
  if (entry.value === null || !entry.has('default')) {
    if (entry.value === null || checkConfig(entry, aHash)) {
      entry.errorAsWritten(`${entry.location} must have a default value`.toLowerCase());
    }
    return;
  }
  allowKeys(entry, ['default', ...Object.keys(ATTRIBUTES)]);
  checkAttributes(entry, ATTRIBUTES);
}
