import type { Route } from '../route.ts';
import { lintProject } from './lint-project.ts';
import { lintText } from './lint-text.ts';

/** CI lint (rest-resources 8). */
export const lintRoutes: readonly Route[] = [lintProject, lintText];
