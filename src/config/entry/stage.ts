import { aString } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';
import { text } from './value.ts';

/** `stage` of a job; whether it exists is a logical check (ci-yaml 6.1). */
export function readStage(entry: Entry): string {
  checkConfig(entry, aString);
  return text(entry.value) ?? '';
}
