import { STATUSES } from '../../pipeline/status.ts';
import type { InputShape } from '../input.ts';

/** `scope` of lists of a pipeline's jobs: one status or several, each of the known ones (jobs-api 4.0). */
export const SCOPE_INPUT = {
  scope: { type: 'string-list', scalar: true, values: STATUSES },
} as const satisfies InputShape;

/** `scope` of a project's jobs, which also takes `scope[0]=…`. */
export const PROJECT_SCOPE_INPUT = {
  scope: { type: 'string-list', scalar: true, hash: true, values: STATUSES },
} as const satisfies InputShape;
