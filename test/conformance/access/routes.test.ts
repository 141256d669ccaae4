import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { parse } from 'yaml';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { forEachServer, ROOT_TOKEN } from '../../start-server.ts';
import { CALLERS, type CallerName, knock, openScene, type Scene } from './walk.ts';

interface Table {
  callers: CallerName[];
  bodies: Record<string, Record<string, unknown>>;
  rows: { cells: Cell[]; routes: string[] }[];
}

type Cell = number | 'yes';

const table = parse(readFileSync(new URL('routes.yml', import.meta.url), 'utf8')) as Table;
const cellsOf = new Map(table.rows.flatMap(({ cells, routes: names }) => names.map((name) => [name, cells])));
const reads = ({ method }: Route) => method === 'GET' || method === 'HEAD';
const nameOf = (route: { method: string; path: string }) => `${route.method} ${route.path}`;

it('every route has a row, and every row a route', () => {
  assert.deepEqual(table.callers, CALLERS);
  const names = routes.map(nameOf);
  const listed = table.rows.flatMap((row) => row.routes);
  assert.deepEqual(
    names.filter((name) => !cellsOf.has(name)),
    [],
    'routes without a row in routes.yml',
  );
  assert.deepEqual(
    listed.filter((name) => !names.includes(name)),
    [],
    'rows without a route',
  );
  assert.equal(new Set(listed).size, listed.length, 'a route has two rows');
});

it('no route lets in everybody without saying why', () => {
  const open = routes.filter((route) => cellsOf.get(nameOf(route))?.every((cell) => cell === 'yes'));
  const checked = new Set(['anyone', 'monitoring', 'runner', 'job', 'trigger', 'git']);
  assert.deepEqual(open.filter(({ access }) => !checked.has(access.by)).map(nameOf), []);
});

forEachServer('access', (start) => {
  let scene: Promise<Scene> | undefined;
  const opened = () => {
    scene ??= start().then(({ url }) => openScene({ url, token: ROOT_TOKEN }));
    return scene;
  };
  after(async () => (await scene)?.close());

  /** Knocks at every route where `expectedOf` says something. */
  const walk = async (caller: CallerName, expectedOf: (route: Route) => Cell | undefined) => {
    const wrong: string[] = [];
    for (const route of routes) {
      const name = nameOf(route);
      const expected = expectedOf(route);
      if (expected === undefined || (expected === 'yes' && !reads(route))) continue;
      const extra = table.bodies[name] ?? table.bodies[`${route.method} *`] ?? {};
      const got = await knock(await opened(), route, caller, extra);
      if (got !== expected) wrong.push(`${name}: ${got}, not ${expected}`);
    }
    assert.deepEqual(wrong, []);
  };
  const cellOf = (route: Route, caller: (typeof CALLERS)[number]) =>
    cellsOf.get(nameOf(route))?.[CALLERS.indexOf(caller)];

  for (const caller of CALLERS) {
    it(`${caller} is let in where the table says so, and nowhere else`, async () => {
      await walk(caller, (route) => cellOf(route, caller));
    });
  }

  /** As the developer's token, but for the one route that wants a token (rest-resources 8). */
  const sessionCell = (route: Route) =>
    nameOf(route) === 'GET /api/v4/projects/:id/ci/lint' ? 401 : cellOf(route, 'developer');

  it('a session is let in where its user is', async () => {
    await walk('developers_page', sessionCell);
  });

  it('a session that another site uses reads as its user, and writes as nobody (security SES-2)', async () => {
    await walk('other_page', (route) =>
      route.path === '/users/sign_out'
        ? undefined
        : reads(route)
          ? sessionCell(route)
          : cellOf(route, 'nobody'),
    );
  });
});
