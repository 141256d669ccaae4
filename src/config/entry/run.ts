import { aHash, aString, must } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, exactlyOneKey, requireText } from './keys.ts';
import { isBlank, toPlain } from './value.ts';

const steps = must((value) => Array.isArray(value) && !isBlank(value), 'should be an array of hashes');

/** `run`: a list of steps `{name, script or step, env, inputs}`, kept as written (ci-yaml 7). */
export function readRun(entry: Entry): unknown[] {
  if (!checkConfig(entry, steps)) return [];
  for (const step of entry.items('step', 1)) checkStep(step);
  return toPlain(entry.value) as unknown[];
}

function checkStep(entry: Entry): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, ['name', 'script', 'step', 'func', 'env', 'inputs']);
  requireText(entry, 'name');
  exactlyOneKey(entry, ['script', 'step', 'func']);
  checkAttributes(entry, { script: aString, env: aHash, inputs: aHash });
}
