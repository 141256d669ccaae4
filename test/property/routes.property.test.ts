import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, it } from 'node:test';
import fc from 'fast-check';
import type { Parameter } from '../../src/api/input.ts';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { CALLERS, type CallerName, openScene, type Scene } from '../conformance/access/walk.ts';
import { send } from '../conformance/jobs-api/send.ts';
import { must } from '../conformance/jobs-api/target.ts';
import { forEachServer, ROOT_TOKEN } from '../start-server.ts';

/** Requests to each route; more with `FUZZ=1000`. */
const RUNS = Number(process.env.FUZZ ?? 6);
/** No answer takes longer, milliseconds. */
const PATIENCE_MS = 20_000;

/** Routes that hold on purpose, or take away what the next requests need: a token, the project, the group. */
const LEFT_OUT = new Set([
  'GET /api/v4/events/stream',
  'DELETE /api/v4/personal_access_tokens/self',
  'POST /api/v4/personal_access_tokens/self/rotate',
  'DELETE /api/v4/personal_access_tokens/:token_id',
  'POST /api/v4/personal_access_tokens/:token_id/rotate',
  'DELETE /api/v4/projects/:id',
  'DELETE /api/v4/groups/:id',
]);
const fuzzed = routes.filter(({ method, path }) => !LEFT_OUT.has(`${method} ${path}`));

/** Members most of all. An administrator may see everything, so nothing leaks to him. */
const callers: CallerName[] = [
  ...CALLERS.filter((name) => name !== 'admin'),
  ...(['developer', 'maintainer', 'owner', 'maintainer', 'owner', 'owner'] as const),
];

interface World {
  scene: Scene;
  /** Stands in everything that the hidden project holds, and in no request. */
  marker: string;
  hiddenIds: number[];
}

async function openWorld(url: string): Promise<World> {
  const target = { url, token: ROOT_TOKEN };
  const scene = await openScene(target);
  const marker = `hidden${randomBytes(8).toString('hex')}`;
  const hidden = await must<{ id: number; path_with_namespace: string }>(target, 'POST', '/projects', {
    name: marker,
    path: marker,
    description: marker,
    visibility: 'private',
  });
  const base = `/projects/${hidden.id}`;
  await must(target, 'POST', `${base}/variables`, { key: marker, value: marker });
  const trigger = await must<{ id: number }>(target, 'POST', `${base}/triggers`, { description: marker });
  const agent = await must<{ id: number }>(target, 'POST', `${base}/cluster_agents`, { name: marker });
  const runner = await must<{ id: number }>(target, 'POST', '/user/runners', {
    runner_type: 'project_type',
    project_id: hidden.id,
    description: marker,
  });
  const config = `${marker}: {script: [echo ${marker}]}`;
  await scene.project.world.push(hidden.path_with_namespace, `refs/heads/${marker}`, {
    '.gitlab-ci.yml': config,
  });
  const [pipeline] = await must<{ id: number }[]>(target, 'GET', `${base}/pipelines`);
  const [job] = await must<{ id: number }[]>(target, 'GET', `${base}/jobs`);
  const hiddenIds = [hidden.id, trigger.id, agent.id, runner.id, pipeline!.id, job!.id];
  return { scene, marker, hiddenIds };
}

/** What a client may send for a parameter: right, nearly right, and nothing of the kind. */
function sentFor(parameter: Parameter | null, ids: readonly number[]): fc.Arbitrary<unknown> {
  const known = parameter !== null && 'values' in parameter ? (parameter.values ?? []) : [];
  const wild = fc.oneof(
    fc.constantFrom(...ids),
    fc.constantFrom(...(known.length > 0 ? known : ['main'])),
    fc.constantFrom('', '0', '-1', 'true', 'main', 'x/y', '%', '\u0000', '../x', '9'.repeat(30), '[]', null),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fc.string(), fc.integer(), fc.constantFrom(...known, 'x')), { maxLength: 4 }),
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 }),
  );
  const right = parameter === null ? wild : rightFor(parameter, ids);
  return fc.oneof({ arbitrary: right, weight: 4 }, { arbitrary: wild, weight: 1 });
}

/** Values of the parameter's own type. */
function rightFor(parameter: Parameter, ids: readonly number[]): fc.Arbitrary<unknown> {
  const known = 'values' in parameter ? (parameter.values ?? []) : [];
  const text = fc.oneof(
    fc.constantFrom('main', 'a', 'A_KEY', 'x/y', '.gitlab-ci.yml', 'a: {script: [x]}', '2999-01-01'),
    fc.string({ minLength: 1, maxLength: 20 }),
  );
  if (known.length > 0) {
    const one = fc.constantFrom(...(known as readonly unknown[]));
    return parameter.type.endsWith('list') ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
  }
  switch (parameter.type) {
    case 'integer':
      return fc.oneof(fc.constantFrom(...ids), fc.integer({ min: 0, max: 60 }));
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'time':
    case 'date':
      return fc.constantFrom('2026-12-24', '2026-12-24T00:00:00Z', '2000-01-01');
    case 'comma-list':
    case 'string-list':
      return fc.array(text, { maxLength: 3 });
    case 'object':
      return objectOf(parameter.of, ids);
    case 'object-list':
      return fc.array(objectOf(parameter.of, ids), { maxLength: 3 });
    case 'hash':
      return fc.dictionary(text, text, { maxKeys: 3 });
    case 'string':
    case 'any':
    case 'file':
      return text;
  }
}

function objectOf(shape: Route['input'], ids: readonly number[]): fc.Arbitrary<Record<string, unknown>> {
  const keys = Object.fromEntries(Object.entries(shape).map(([name, p]) => [name, sentFor(p, ids)]));
  const required = Object.entries(shape).filter(([, parameter]) => parameter.required);
  const least = required.map(([name]) => name);
  return fc.oneof(
    { arbitrary: fc.record(keys, { requiredKeys: least }), weight: 4 },
    { arbitrary: fc.record(keys, { requiredKeys: [] }), weight: 1 },
  );
}

interface Sent {
  caller: CallerName;
  path: string;
  query: [string, string][];
  body: Record<string, unknown>;
}

function requestTo(route: Route, { scene, hiddenIds }: World): fc.Arbitrary<Sent> {
  const ids = [...hiddenIds, ...Object.values(scene.values).filter((value) => typeof value === 'number')];
  const segments = [...route.path.matchAll(/[:*](\w+)/g)].map((match) => match[1]!);
  const ordinary = (name: string) => {
    const group = name === 'id' && route.path.includes('/groups/:id');
    return String(scene.values[group ? 'group_id' : name] ?? 'main');
  };
  const parts = fc.tuple(
    ...segments.map((name) =>
      fc.oneof(
        { arbitrary: fc.constant(ordinary(name)), weight: 8 },
        { arbitrary: fc.constantFrom(...ids).map(String), weight: 3 },
        { arbitrary: fc.string({ minLength: 1, unit: 'binary' }).map(encodeURIComponent), weight: 1 },
      ),
    ),
  );
  return fc.record({
    caller: fc.constantFrom(...callers),
    path: parts.map((values) => {
      let at = 0;
      return route.path.replace(/[:*]\w+/g, () => values[at++]!);
    }),
    query: fc.array(
      fc.tuple(fc.constantFrom('page', 'per_page', 'scope', 'scope[]', 'scope[0]', 'sort', 'x'), fc.string()),
      { maxLength: 1 },
    ),
    body: objectOf(
      Object.fromEntries(Object.entries(route.input).filter(([name]) => !segments.includes(name))),
      ids,
    ),
  });
}

async function ask({ scene, marker }: World, route: Route, sent: Sent): Promise<void> {
  const query = sent.query
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const reply = await Promise.race([
    send(scene.url, {
      method: route.method,
      path: query === '' ? sent.path : `${sent.path}?${query}`,
      headers: scene.headers[sent.caller],
      body: sent.body,
    }),
    new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null).unref()),
  ]);
  assert.ok(reply !== null, 'no answer');
  assert.ok(reply.status < 500, `${reply.status} ${reply.text}`);
  const said = reply.text + JSON.stringify(reply.headers);
  assert.ok(!said.includes(marker), `a project shows that ${sent.caller} must not know: ${said}`);
}

forEachServer('any request', (start) => {
  let world: Promise<World> | undefined;
  const opened = () => {
    world ??= start().then(({ url }) => openWorld(url));
    return world;
  };
  after(async () => (await world)?.scene.close());

  for (const route of fuzzed) {
    it(`to ${route.method} ${route.path} is answered, without a failure and without a word of others’ projects`, async () => {
      const known = await opened();
      await fc.assert(
        fc.asyncProperty(requestTo(route, known), (sent) => ask(known, route, sent)),
        { numRuns: RUNS },
      );
    });
  }
});
