import { gitRoutes } from './git/routes.ts';
import type { Route } from './route.ts';

/** Every route of the server, in the order of the contract: each family adds its own list here. */
export const routes: readonly Route[] = [...gitRoutes];
