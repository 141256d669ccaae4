import type { JobConfig } from '../compiled.ts';
import { aHash } from './check.ts';
import { readCommands } from './commands.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig, type Readers, readChildren } from './keys.ts';

type Hooks = JobConfig['hooks'];

const HOOKS: Readers<Hooks> = new Map<string, (entry: Entry) => Partial<Hooks>>([
  ['pre_get_sources_script', (entry) => ({ preGetSourcesScript: readCommands(entry) })],
  ['post_get_sources_script', (entry) => ({ postGetSourcesScript: readCommands(entry) })],
]);

/** `hooks` (ci-yaml 7). */
export function readHooks(entry: Entry): Hooks {
  const hooks: Hooks = { preGetSourcesScript: [], postGetSourcesScript: [] };
  if (!checkConfig(entry, aHash)) return hooks;
  allowKeys(entry, [...HOOKS.keys()]);
  return entry.sound ? readChildren(entry, HOOKS, hooks) : hooks;
}
