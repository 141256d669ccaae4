import type { Route } from '../route.ts';
import { listStatuses } from './list.ts';
import { report } from './report.ts';

/** What other systems say of commits (rest-resources 12.2). */
export const commitStatusRoutes: readonly Route[] = [listStatuses, report];
