import type { Route } from '../route.ts';
import { createRoute, deleteRoute, listRoute, showRoute } from './agents.ts';
import { createToken, listTokens, revokeToken, showToken } from './tokens.ts';

/** Agents of clusters, as far as `/job/allowed_agents` needs them (rest-resources 9.2). */
export const clusterAgentRoutes: readonly Route[] = [
  listRoute,
  showRoute,
  createRoute,
  deleteRoute,
  listTokens,
  showToken,
  createToken,
  revokeToken,
];
