import assert from 'node:assert/strict';
import type { InputShape, Parameter } from '../../../src/api/input.ts';
import type { Route } from '../../../src/api/route.ts';
import { Browser } from '../../browser.ts';
import { ScriptedRunner } from '../../scripted-runner.ts';
import { type Reply, send } from '../jobs-api/send.ts';
import { must, type Target } from '../jobs-api/target.ts';
import { type CaseProject, World } from '../jobs-api/world.ts';

/** Columns of the table, from those who may least. */
export const CALLERS = [
  'nobody',
  'runner',
  'own_job',
  'other_job',
  'stranger',
  'guest',
  'reporter',
  'developer',
  'maintainer',
  'owner',
  'admin',
] as const;

/** The developer in a browser: on a page of ours, and on somebody else's, whose requests carry the cookie and no CSRF token. */
export type CallerName = (typeof CALLERS)[number] | 'developers_page' | 'other_page';

/**
 * A private project in a group, with a member of every role in both, one finished job with all that a job can leave, one
 * that runs and one that waits for a user; and a running job of a stranger's project.
 */
export interface Scene {
  url: string;
  project: CaseProject;
  /** What stands for `:name` in paths, and for required parameters. */
  values: Record<string, string | number>;
  headers: Record<CallerName, Record<string, string>>;
  close(): void;
}

const CONFIG = `
done: {script: [x], artifacts: {paths: [x]}}
running: {script: [x]}
manual: {script: [x], when: manual}
`;

export async function openScene(target: Target): Promise<Scene> {
  const world = await World.open(target);
  const group = await must<{ id: number }>(target, 'POST', '/groups', {
    name: 'scene',
    path: `scene-${world.run}`,
  });
  for (const [name, level] of ROLES) {
    const body = { user_id: world.userId(name), access_level: level };
    await must(target, 'POST', `/groups/${group.id}/members`, body);
  }
  const project = await world.addProject({ namespace_id: group.id, visibility: 'private' });
  await project.pipeline(CONFIG, 'main');
  await runAs(project, 'developer');
  const done = await project.take('done');
  await project.runner.append(done, 'a line\n');
  await project.runner.succeed(done);
  const own = await project.take('running');
  const other = await strangersJob(world);
  const runner = project.names.runner as string;
  const browser = await developersBrowser(world);
  const privateToken = (name: string) => ({ 'private-token': world.tokens.get(name)! });
  return {
    url: target.url,
    project,
    values: {
      id: project.id,
      group_id: group.id,
      target_group_id: group.id,
      target_project_id: project.id,
      user_id: world.userId('guest'),
      job_id: project.names.done!,
      pipeline_id: project.names.pipeline!,
      own_job_id: project.names.running!,
      sha: project.names.sha!,
      path: encodeURIComponent(project.path),
      file_path: '.gitlab-ci.yml',
      badge: 'main/pipeline.svg',
    },
    headers: {
      nobody: {},
      runner: { 'private-token': runner },
      own_job: { 'job-token': own.token },
      other_job: { 'job-token': other },
      stranger: privateToken('stranger'),
      guest: privateToken('guest'),
      reporter: privateToken('reporter'),
      developer: privateToken('developer'),
      maintainer: privateToken('maintainer'),
      owner: privateToken('owner'),
      admin: privateToken('admin'),
      developers_page: browser.headers,
      other_page: { cookie: browser.cookie },
    },
    close: () => world.close(),
  };
}

async function developersBrowser(world: World): Promise<Browser> {
  const password = 'a password for the walk';
  await must(world.target, 'PUT', `/users/${world.userId('developer')}`, { password });
  const { username } = await must<{ username: string }>(
    world.target,
    'GET',
    `/users/${world.userId('developer')}`,
  );
  return await new Browser(world.target.url).signIn(username, password, 'a password of their own');
}

const ROLES = [
  ['guest', 10],
  ['reporter', 20],
  ['developer', 30],
  ['maintainer', 40],
  ['owner', 50],
] as const;

/** A second pipeline on the same branch, whose jobs are this user's; its ids take the place of the first one's. */
async function runAs(project: CaseProject, name: string): Promise<void> {
  const { target } = project.world;
  for (const id of [project.names.done, project.names.running]) {
    await must(target, 'POST', `/projects/${project.id}/jobs/${id}/cancel`);
  }
  const user = { url: target.url, token: project.world.tokens.get(name)! };
  await must(target, 'POST', `/projects/${project.id}/protected_branches`, {
    name: 'main',
    push_access_level: 30,
    merge_access_level: 30,
  }).catch(() => undefined);
  const made = await must<{ id: number }>(user, 'POST', `/projects/${project.id}/pipeline`, { ref: 'main' });
  project.names.pipeline = made.id;
  await project.nameJobs();
}

async function strangersJob(world: World): Promise<string> {
  const stranger = { url: world.target.url, token: world.tokens.get('stranger')! };
  const name = `elsewhere-${world.run}`;
  const made = await must<{ id: number; path_with_namespace: string }>(stranger, 'POST', '/projects', {
    name,
    path: name,
  });
  await world.push(made.path_with_namespace, 'refs/heads/main', { '.gitlab-ci.yml': 'a: {script: [x]}' });
  const again = await must<{ id: number }>(stranger, 'POST', `/projects/${made.id}/pipeline`, {
    ref: 'main',
  });
  const runner = await must<{ token: string }>(stranger, 'POST', '/user/runners', {
    runner_type: 'project_type',
    project_id: made.id,
  });
  const scripted = new ScriptedRunner(world.target.url, runner.token);
  const [job] = await must<{ id: number }[]>(
    stranger,
    'GET',
    `/projects/${made.id}/pipelines/${again.id}/jobs`,
  );
  for (;;) {
    const held = await scripted.take();
    if (held.id === job?.id) return held.token;
    await scripted.succeed(held);
  }
}

/** The cell of the table: a refusal's status, or `yes` for whatever comes once the caller is let in. */
export async function knock(
  scene: Scene,
  route: Route,
  caller: CallerName,
  extra: Record<string, unknown> = {},
): Promise<number | 'yes'> {
  const reply = await send(scene.url, requestFor(scene, route, caller, extra));
  assert.ok(reply.status < 500, `${route.method} ${route.path} as ${caller}: ${reply.status} ${reply.text}`);
  return isRefusal(route, reply) ? reply.status : 'yes';
}

/** Refusals that come as 400 (rest-resources 2.5). */
const WORDED = /does not have permission|Failed to revoke token/;
/** Of the API, and of a page. */
const UNKNOWN = /^(\{"message":"404 (Project|Group) Not Found"\}|404 Not Found\n)$/;

function isRefusal(route: Route, { status, text }: Reply): boolean {
  if (status === 401 || status === 403) return true;
  if (status === 400) return WORDED.test(text);
  // HEAD has no body to tell one absence from another; the walk asks it for things that are there.
  return status === 404 && (route.method === 'HEAD' || UNKNOWN.test(text));
}

function requestFor(scene: Scene, route: Route, caller: CallerName, extra: Record<string, unknown>) {
  const values = { ...scene.values };
  if (route.path.startsWith('/api/v4/groups/')) values.id = values.group_id!;
  if (route.path.startsWith('/api/v4/users/')) values.id = values.user_id!;
  if (route.path.startsWith('/api/v4/jobs/')) values.id = values.own_job_id!;
  const path = route.path
    .replace(/\*project/, decodeURIComponent(String(values.path)))
    .replace(/[:*](\w+)/g, (_, name: string) => String(values[name] ?? placeholder(route.input[name], name)));
  const given = Object.fromEntries(
    required(route.input, route.path).map(([name, parameter]) => [name, values[name] ?? sample(parameter)]),
  );
  Object.assign(given, extra);
  const reads = route.method === 'GET' || route.method === 'HEAD';
  const pairs = Object.entries(given).map(([name, value]) => `${name}=${String(value)}`);
  const query = reads && pairs.length > 0 ? `?${pairs.join('&')}` : '';
  const body = reads ? undefined : given;
  return { method: route.method, path: path + query, headers: { ...scene.headers[caller] }, body };
}

function required(shape: InputShape, path: string): [string, Parameter][] {
  return Object.entries(shape).filter(
    ([name, parameter]) => parameter.required && !new RegExp(`[:*]${name}\\b`).test(path),
  );
}

/** Something for `:name` that the validator accepts and that names nothing. */
function placeholder(parameter: Parameter | undefined, name: string): unknown {
  if (parameter !== undefined && 'values' in parameter && parameter.values) return parameter.values[0];
  return name.endsWith('_id') ? 999_999_999 : 'main';
}

/** Some value that the validator accepts. */
function sample(parameter: Parameter): unknown {
  switch (parameter.type) {
    case 'string':
      return parameter.values?.[0] ?? 'main';
    case 'integer':
      return parameter.values?.[0] ?? 999_999_999;
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'time':
    case 'date':
      return '2026-01-01';
    case 'comma-list':
    case 'string-list':
      return [parameter.values?.[0] ?? 'x'];
    case 'object-list':
      return [];
    case 'object':
    case 'hash':
      return {};
    case 'any':
    case 'file':
      return 'x';
  }
}
