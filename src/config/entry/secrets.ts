import { aBoolean, aHash, aString, hashOrString } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, exactlyOneKey } from './keys.ts';
import { plainRecord } from './value.ts';

const VAULTS = [
  'vault',
  'azure_key_vault',
  'gcp_secret_manager',
  'aws_secrets_manager',
  'akeyless',
  'gitlab_secrets_manager',
];

/** `secrets`: by variable name, each from one vault; kept as written (ci-yaml 7). */
export function readSecrets(entry: Entry): Record<string, unknown> | null {
  if (!checkConfig(entry, aHash) || !(entry.value instanceof Map)) return null;
  for (const name of entry.value.keys()) checkSecret(entry.child(name));
  return plainRecord(entry.value);
}

function checkSecret(entry: Entry): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, [...VAULTS, 'file', 'token']);
  exactlyOneKey(entry, VAULTS);
  checkAttributes(entry, {
    ...Object.fromEntries(VAULTS.map((vault) => [vault, hashOrString])),
    file: aBoolean,
    token: aString,
  });
}
