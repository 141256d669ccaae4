import { RE2JS } from 're2js';

/** Which branches a hook wants to hear of. */
export interface BranchFilter {
  push_events_branch_filter: string | null;
  branch_filter_strategy: string;
}

/** Whether a push to this branch is told (rest-resources 10.1). `wildcard` matches a name with `*`. */
export function branchMatches(
  { push_events_branch_filter: filter, branch_filter_strategy: strategy }: BranchFilter,
  branch: string,
  wildcard: (pattern: string, name: string) => boolean,
): boolean {
  if (strategy === 'all_branches' || filter === null || filter === '') return true;
  return strategy === 'regex' ? RE2JS.compile(filter).matcher(branch).find() : wildcard(filter, branch);
}

/** Whether a filter can be used: a pattern that compiles, or the name of a branch with `*`. */
export function isBranchFilter({
  push_events_branch_filter: filter,
  branch_filter_strategy: strategy,
}: BranchFilter): boolean {
  if (filter === null || filter === '' || strategy === 'all_branches') return true;
  if (strategy !== 'regex') return !/[\s~^:?[\\]|\.\.|^\/|\/$|\.lock$/.test(filter);
  try {
    RE2JS.compile(filter);
    return true;
  } catch {
    return false;
  }
}
