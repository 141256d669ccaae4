import { integerOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes } from './keys.ts';
import { integers } from './value.ts';

interface AllowFailure {
  allowFailure: boolean;
  allowFailureExitCodes: number[];
}

/** `allow_failure`: a boolean, or `{exit_codes}`, which means false but for those codes (ci-yaml 7). */
export function readAllowFailure(entry: Entry): AllowFailure {
  if (!(entry.value instanceof Map)) return { allowFailure: entry.value === true, allowFailureExitCodes: [] };
  allowKeys(entry, ['exit_codes']);
  checkAttributes(entry, { exit_codes: integerOrList });
  return { allowFailure: false, allowFailureExitCodes: integers(entry.get('exit_codes')) };
}
