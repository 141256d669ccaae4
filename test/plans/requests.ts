import assert from 'node:assert/strict';
import type { Parameter } from '../../src/api/input.ts';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import type { PathValues } from './site.ts';

/** Lists of git's objects, and of the files in an archive, are not from the database. */
const ELSEWHERE = /\/repository\/(branches|tags|tree|commits$|commits\/:sha\/(refs|diff))|\/artifacts\/tree$/;

/** Every list that the API has pages of. */
export const LISTS = routes.filter(
  ({ method, path, input }) => method === 'GET' && 'page' in input && !ELSEWHERE.test(path),
);

/** A list with one of its parameters, or with none. */
export interface Request {
  route: string;
  /** `name=value`. */
  query: string;
  path: string;
}

/** Beside a text that nothing is like: what is frequent, and what only the oldest rows have. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  ref: ['main', 'old'],
  name: ['odd', 'job 1', 'production'],
  environment: ['production', 'review/2'],
  search: ['review'],
  stage: ['test'],
  username: ['ada'],
  source: ['push', 'web', 'schedule', 'parent_pipeline'],
};
/** Of parameters that not every text or number is right for. */
const ONLY: Readonly<Record<string, readonly (string | number)[]>> = {
  page: [2],
  per_page: [100],
  version_prefix: ['18.0'],
  scope: [],
  cursor: [],
  page_token: [],
  // One is refused without the other.
  extern_uid: [],
  provider: ['x&extern_uid=x'],
};
const PIPELINE_SCOPES = ['running', 'finished', 'branches', 'tags'];
/** Combinations that clients ask for: the rest of `name=value` is given as it is. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  '/api/v4/projects/:id/jobs': [
    'scope[]=canceled',
    'scope[]=success',
    'scope[]=failed&scope[]=running',
    'pagination=keyset',
    'pagination=keyset&name=nothing+like+it&scope[]=canceled',
  ],
  '/api/v4/projects/:id/pipelines': [
    ...PIPELINE_SCOPES.map((scope) => `scope=${scope}`),
    'ref=old&status=success',
    'ref=main&sort=asc',
    'status=canceled&sort=asc',
    'source=web&sort=asc',
  ],
  '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/pipelines': ['sort=desc', 'scope=finished'],
  '/api/v4/projects/:id/hooks/:hook_id/events': ['status=200', 'status=server_failure'],
  '/api/v4/projects/:id/deployments': ['status=canceled&sort=desc', 'environment=production&status=failed'],
  '/api/v4/runners/:id/jobs': ['status=canceled&sort=asc', 'pagination=keyset', 'pagination=keyset&sort=asc'],
};

/** All requests of a list that are made for one project: each value of each of its parameters, alone. */
export function requestsOf({ path: route, input }: Route, values: PathValues): Request[] {
  const inPath = new Set<string>();
  const path = route.replaceAll(/:(\w+)/g, (_, name: string) => {
    inPath.add(name);
    return encodeURIComponent(pathValue(route, name, values));
  });
  const queries = Object.entries(input).flatMap(([name, parameter]) =>
    inPath.has(name) ? [] : valuesOf(route, name, parameter).map((value) => `${name}=${value}`),
  );
  return ['', ...queries, ...(TOGETHER[route] ?? [])].map((query) => ({
    route,
    query,
    path: `${path}?${query.replaceAll(' ', '+')}`,
  }));
}

const OWNERS = { groups: 'group_id', runners: 'runner_id', users: 'user_id' } as const;

function pathValue(route: string, name: string, values: PathValues): string | number {
  const owner = route.split('/')[3] as keyof typeof OWNERS;
  const value = values[name === 'id' ? (OWNERS[owner] ?? 'id') : name];
  assert.notEqual(value, undefined, `${route}: say what stands for :${name}`);
  return value!;
}

function valuesOf(route: string, name: string, parameter: Parameter): readonly (string | number)[] {
  if (route.endsWith('/events') && name === 'status') return [];
  const only = ONLY[name];
  if (only !== undefined) return only;
  if ('values' in parameter && parameter.values !== undefined) return TEXTS[name] ?? parameter.values;
  switch (parameter.type) {
    case 'integer':
      return [1];
    case 'boolean':
      return ['true', 'false'];
    case 'time':
      return ['2000-01-01T00:00:00Z', '2023-11-14T23:00:00Z', '2099-01-01T00:00:00Z'];
    case 'date':
      return ['2000-01-01', '2099-01-01'];
    case 'string':
      return [...(TEXTS[name] ?? []), 'nothing like it'];
    case 'comma-list':
      return ['1'];
    default:
      throw new Error(`${route}: say which values of ${name} to try`);
  }
}
