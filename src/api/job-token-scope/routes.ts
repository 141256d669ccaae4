import type { Route } from '../route.ts';
import { allowGroup, disallowGroup, listAllowedGroups } from './groups.ts';
import { allowProject, disallowProject, editScope, listAllowed, showScope } from './projects.ts';

/** Which projects' job tokens are let in (rest-resources 9.1). */
export const jobTokenScopeRoutes: readonly Route[] = [
  showScope,
  editScope,
  listAllowed,
  allowProject,
  disallowProject,
  listAllowedGroups,
  allowGroup,
  disallowGroup,
];
