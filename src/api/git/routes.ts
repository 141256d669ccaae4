import type { Route } from '../route.ts';
import { infoRefsRoutes } from './info-refs.ts';
import { receivePackRoutes } from './receive-pack.ts';
import { uploadPackRoutes } from './upload-pack.ts';

/** Everything of a repository that HTTP serves to git; nothing else of it is reachable (security GIT-3). */
export const gitRoutes: readonly Route[] = [...infoRefsRoutes, ...uploadPackRoutes, ...receivePackRoutes];
