import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pushDeps } from '../../src/api/git/push-deps.ts';
import { duties } from '../../src/cron/duties.ts';
import { ENGINES } from '../databases.ts';
import type { Ran } from './explained.ts';
import { PIPELINES } from './history.ts';
import { LISTS, type Request, requestsOf } from './requests.ts';
import { openSite, type PathValues, type Site } from './site.ts';

/** Rows that a statement may look at, beside those that it counts; the history is many times as long. */
const BOUND = 500;

/** Lists of what people did, of which there is no more with more pipelines. */
const OF_ACTS = /\/(audit_events|(personal_|impersonation_|)(access_)?tokens)$/;

/** What has no index in whose order it is, and reads all that its project, runner or hook has; by name, of the newest 10,000. */
const WHOLE: readonly (readonly [route: string, query: RegExp])[] = [
  ['/api/v4/projects/:id/pipelines', /^(created|updated)_(after|before)=/],
  ['/api/v4/projects/:id/pipelines', /^order_by=updated_at/],
  ['/api/v4/projects/:id/pipelines', /^scope=branches/],
  ['/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/pipelines', /^(scope|status)=/],
  ['/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/pipelines', /^(created|updated)_/],
  ['/api/v4/projects/:id/deployments', /^(updated|finished)_(after|before)=/],
  ['/api/v4/projects/:id/deployments', /^order_by=(created_at|updated_at|finished_at|ref)/],
  ['/api/v4/projects/:id/environments', /^search=/],
  ['/api/v4/projects/:id/hooks/:hook_id/events', /^status=/],
  ['/api/v4/projects/:id/jobs', /^pagination=keyset&name=/],
  ['/api/v4/runners/:id/jobs', /^system_id=/],
];

const skip = ENGINES.includes('postgres') ? false : 'only PostgreSQL plans for the rows that there are';

describe('lists, planned by PostgreSQL once for all values', { skip }, () => {
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it('read no more of a long history than they show or count', async () => {
    const { excessive, refused } = await ask(site, site.busy, ({ route }) => !OF_ACTS.test(route));
    assert.deepEqual(refused, []);
    const known = (request: Request) => WHOLE.find((one) => is(request, one));
    assert.deepEqual(excessive.filter(({ request }) => !known(request)).map(told), []);
    const needed = new Set(excessive.map(({ request }) => known(request)));
    assert.deepEqual(
      WHOLE.filter((one) => !needed.has(one)),
      [],
      'these have become better',
    );
  });

  it('of a small project read nothing of the history of others, whatever is asked for', async () => {
    const { excessive, refused } = await ask(site, site.small, ({ route }) =>
      route.includes('/projects/:id/'),
    );
    assert.deepEqual(refused, []);
    assert.deepEqual(excessive.map(told), []);
  });

  it('are not read by what the server does by itself: duties read what is due, not what was', async () => {
    const { rooms, url } = site.api;
    const deps = {
      ...rooms,
      pushes: pushDeps(rooms, url, Date.now),
      bridges: { ...rooms, serverUrl: url },
      hooks: { wake: () => {} },
    };
    const read: [duty: string, ran: Ran[]][] = [];
    for (const duty of duties(deps)) {
      await duty.run(Date.now());
      read.push([duty.name, await site.explained.taken()]);
    }
    assert.ok(
      read.filter(([, ran]) => ran.length > 0).length > 10,
      'duties read past the explained database',
    );
    const excessive = read.flatMap(([name, ran]) =>
      ran.filter(isExcessive).map((one) => [name, one.text, one.read]),
    );
    assert.deepEqual(excessive, []);
  });

  const planted: [what: string, text: string, values: (site: Site) => unknown[]][] = [
    [
      'by primary key, past everybody else',
      'select * from pipelines where project_id = $1 order by id desc limit $2',
      ({ small }) => [small.id, 20],
    ],
    [
      'of a rare status',
      'select * from pipelines where project_id = $1 and status = $2 order by id desc limit $3',
      ({ busy }) => [busy.id, 'canceled', 20],
    ],
    [
      'of a partial index that a value keeps it from',
      'select job_id from traces where archived = $1 order by job_id limit $2',
      () => [0, 50],
    ],
    [
      'that are sorted',
      'select * from deployments where project_id = $1 order by created_at limit $2',
      ({ busy }) => [busy.id, 20],
    ],
    ['that are all counted', 'select count(*) from jobs where project_id = $1', ({ busy }) => [busy.id]],
  ];
  for (const [what, text, values] of planted) {
    it(`rows ${what}, are noticed`, async () => {
      assert.ok(isExcessive(await site.explained.explain(text, values(site))));
    });
  }
});

interface Excessive {
  request: Request;
  ran: Ran;
}

async function ask(site: Site, values: PathValues, wanted: (request: Request) => boolean) {
  const excessive: Excessive[] = [];
  const refused: string[] = [];
  for (const request of LISTS.flatMap((route) => requestsOf(route, values)).filter(wanted)) {
    const { status, text } = await site.get(request.path);
    if (status !== 200) refused.push(`${request.path}: ${status} ${text}`);
    const ran = (await site.explained.taken()).filter(isExcessive);
    excessive.push(...ran.map((one) => ({ request, ran: one })));
  }
  return { excessive, refused };
}

function isExcessive({ read, counted, limited }: Ran): boolean {
  return read > BOUND + 2 * (limited ? (counted ?? 0) : 0);
}

function is({ route, query }: Request, [known, pattern]: (typeof WHOLE)[number]): boolean {
  return route === known && pattern.test(query);
}

function told({ request, ran }: Excessive): string {
  return `${request.path}: ${ran.read} rows of ${PIPELINES} and more by ${ran.text.replaceAll(/\s+/g, ' ')}`;
}
