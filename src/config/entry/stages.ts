import { must } from './check.ts';
import { flatTexts, isNestedList } from './commands.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';

const EDGES = ['.pre', '.post'];
export const DEFAULT_STAGES: readonly string[] = ['.pre', 'build', 'test', 'deploy', '.post'];

const nestedStrings = must(
  (value) => isNestedList(value, (item) => typeof item === 'string'),
  'should be an array of strings or a nested array of strings up to 10 levels deep',
);

/** `stages`: flattened, without duplicates, wrapped in `.pre` and `.post`; an empty list leaves no stage (ci-yaml 6.1). */
export function readStages(entry: Entry): string[] {
  if (!checkConfig(entry, nestedStrings)) return [];
  const given = flatTexts(entry.value);
  if (given.length === 0) return [];
  return ['.pre', ...new Set(given.filter((stage) => !EDGES.includes(stage))), '.post'];
}
