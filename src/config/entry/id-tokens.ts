import type { JobConfig } from '../compiled.ts';
import { toText } from '../yaml/inspect.ts';
import { aHash, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireKeys } from './keys.ts';
import { text, texts } from './value.ts';

type IdTokens = JobConfig['idTokens'];

/** `id_tokens`: by variable name, each with its audience (ci-yaml 7). */
export function readIdTokens(entry: Entry): IdTokens {
  const tokens: IdTokens = Object.create(null);
  if (!checkConfig(entry, aHash) || !(entry.value instanceof Map)) return tokens;
  for (const name of entry.value.keys()) tokens[toText(name)] = readIdToken(entry.child(name));
  return tokens;
}

function readIdToken(entry: Entry): IdTokens[string] {
  if (checkConfig(entry, aHash)) {
    allowKeys(entry, ['aud']);
    requireKeys(entry, ['aud']);
    checkAttributes(entry, { aud: stringOrList });
  }
  const aud = entry.get('aud');
  return { aud: text(aud) ?? texts(aud) };
}
