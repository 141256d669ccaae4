import { aHash, allowed, aString } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { plainRecord, text } from './value.ts';

/** `identity`: only one provider is known (ci-yaml 7). */
export function readIdentity(entry: Entry): string | null {
  checkConfig(entry, allowed(['google_cloud']));
  return text(entry.value);
}

/** `dast_configuration`, kept as written (ci-yaml 7). */
export function readDastConfiguration(entry: Entry): Record<string, unknown> | null {
  if (!checkConfig(entry, aHash)) return null;
  const keys = { site_profile: aString, scanner_profile: aString };
  allowKeys(entry, Object.keys(keys));
  checkAttributes(entry, keys);
  return plainRecord(entry.value);
}
