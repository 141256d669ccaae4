import { aBoolean } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';
import { flag } from './value.ts';

/** `interruptible` (ci-yaml 7). */
export function readInterruptible(entry: Entry): boolean | null {
  checkConfig(entry, aBoolean);
  return flag(entry.value);
}
