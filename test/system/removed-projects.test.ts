import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { removedProjects } from '../../src/cron/removed-projects.ts';
import type { Database } from '../../src/db/database.ts';
import { addTo, makePerson, makeProject } from '../people.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

const DAY_MS = 86_400_000;
const CONFIG = `
build: {stage: build, script: [make]}
slow: {stage: build, script: [make], retry: {max: 2, when: always}}
waits: {stage: build, script: [make], tags: [nobody]}
ship: {stage: deploy, script: [make], resource_group: site, environment: production}
`;

/** A process that is killed: its database answers so many transactions and no more. */
class Killed extends Error {}
function mortal(db: Database, transactions: number): Database {
  let left = transactions;
  const transaction: Database['transaction'] = (work) => {
    if (left-- <= 0) throw new Killed();
    return db.transaction(work);
  };
  return { ...db, transaction };
}
const causes = (error: unknown) => (error instanceof AggregateError ? error.errors : [error]);

/** A database that refuses one transaction, counted from 0. */
function stumbling(db: Database, refused: number): Database {
  let count = 0;
  const transaction: Database['transaction'] = (work) => {
    if (count++ === refused) throw new Error('no luck');
    return db.transaction(work);
  };
  return { ...db, transaction };
}

forEachServer('removed projects', (start) => {
  let server: TestServer;
  let runner: ScriptedRunner;
  const later = (days: number) => Date.now() + days * DAY_MS;
  const duty = (days: number) => removedProjects(server.rooms, later(days));
  before(async () => {
    server = await start();
    runner = await newRunner({ runner_type: 'instance_type' });
  });

  async function call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await server.api<T>(method, path, body === undefined ? {} : { body });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  const statusOf = async (path: string) => (await server.api('GET', path)).status;
  async function newRunner(body: unknown): Promise<ScriptedRunner> {
    return new ScriptedRunner(
      server.url,
      (await call<{ token: string }>('POST', '/user/runners', body)).token,
    );
  }
  async function take(from: ScriptedRunner, name: string): Promise<Held> {
    const job = await until(`job ${name}`, async () => {
      from.lastUpdate = null;
      return (await from.request()).job ?? undefined;
    });
    assert.equal(job.payload.job_info.name, name);
    return job;
  }
  function commit(id: number, content: string) {
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content }];
    const body = { branch: 'main', commit_message: 'Files', actions };
    return call('POST', `/projects/${id}/repository/commits`, body);
  }

  /** A project with something of everything: a finished job with a log and a file, a running one, one that waits. */
  async function furnished(name: string) {
    const { id } = await makeProject(server, name);
    const own = `/projects/${id}`;
    const ownRunner = await newRunner({ runner_type: 'project_type', project_id: id });
    await commit(id, CONFIG);
    const built = await take(runner, 'build');
    await runner.append(built, 'made\n');
    const file = { bytes: gzipSync('COLOUR=blue\n'), type: 'dotenv', format: 'gzip', filename: '.env.gz' };
    assert.equal((await runner.upload(built, file)).status, 201);
    await runner.succeed(built);
    const running = await take(ownRunner, 'slow');
    await ownRunner.append(running, 'half\n');
    await addTo(server, id, await makePerson(server, `friend-of-${name}`), 30);
    await call('POST', `${own}/variables`, { key: 'PLACE', value: 'here' });
    await call('POST', `${own}/protected_branches`, { name: 'release/*' });
    await call('POST', `${own}/triggers`, { description: 'from afar' });
    await call('POST', `${own}/pipeline_schedules`, {
      description: 'nightly',
      ref: 'main',
      cron: '0 1 * * *',
    });
    await call('POST', `${own}/hooks`, { url: 'http://hooks.example/', pipeline_events: true });
    const expires = new Date(later(40)).toISOString().slice(0, 10);
    const token = { name: 'robot', scopes: ['api'], access_level: 30, expires_at: expires };
    const bot = await call<{ token: string }>('POST', `${own}/access_tokens`, token);
    return { id, own, ownRunner, running, botToken: bot.token };
  }

  /** Names of the tables that still have a row of this project. */
  async function traces(id: number): Promise<string[]> {
    const { sql } = server.rooms.db.read;
    const left: string[] = [];
    for (const table of await sql.introspection.getTables()) {
      const columns = new Set(table.columns.map(({ name }) => name));
      const column = ['project_id', 'resource_id', 'source_id', 'owner_id'].find((name) => columns.has(name));
      // What happened lately is forgotten by its age, whatever becomes of the project.
      if (column === undefined || ['namespaces', 'status_events'].includes(table.name)) continue;
      const rows = await sql
        .selectFrom(table.name as 'jobs')
        .selectAll()
        .where(column as 'project_id', '=', id)
        .execute();
      const kinds = rows as unknown as { level?: string; source_type?: string; kind?: string }[];
      if (kinds.some((row) => (row.level ?? row.source_type ?? row.kind) !== 'group')) left.push(table.name);
    }
    return left;
  }
  async function rowOf(id: number): Promise<number | undefined> {
    const { sql } = server.rooms.db.read;
    const row = await sql.selectFrom('projects').select('id').where('id', '=', id).executeTakeFirst();
    return row?.id;
  }

  it('a marked project stays for the retention period, then nothing of it is left', async () => {
    const { id, own, ownRunner, running, botToken } = await furnished('doomed');
    const upstream = await makeProject(server, 'upstream');
    await commit(upstream.id, 'go: {trigger: {project: root/doomed, strategy: depend}}\n');
    const bridge = (status: string) =>
      until(`the bridge to be ${status}`, async () => {
        const [pipeline] = await call<{ id: number }[]>('GET', `/projects/${upstream.id}/pipelines`);
        if (pipeline === undefined) return undefined;
        const path = `/projects/${upstream.id}/pipelines/${pipeline.id}/bridges`;
        return (await call<{ status: string }[]>('GET', path)).find((one) => one.status === status);
      });
    await bridge('running');

    await call('DELETE', own);
    await duty(29);
    assert.equal(await statusOf(own), 200);
    assert.ok((await traces(id)).includes('jobs'));

    await duty(31);
    assert.deepEqual([await rowOf(id), await traces(id)], [undefined, []]);
    assert.equal(await statusOf(own), 404);
    assert.equal(await server.rooms.repositories.exists(id), false);
    assert.equal((await server.api('GET', '/user', { token: botToken })).status, 401);
    assert.equal((await ownRunner.verify()).status, 403);
    assert.ok([403, 404].includes((await ownRunner.succeed(running)).status));
    assert.equal((await runner.request()).status, 204);
    await bridge('failed');
    assert.equal(await statusOf(`/projects/${upstream.id}`), 200);
  });

  it('a removal that is killed again and again goes on where it was, and ends', async () => {
    const { id } = await furnished('killed');
    await call('DELETE', `/projects/${id}`);
    let kills = 0;
    for (let transactions = 0; (await rowOf(id)) !== undefined; transactions = (transactions + 1) % 4) {
      const db = mortal(server.rooms.db, transactions);
      await removedProjects({ ...server.rooms, db }, later(31)).catch((error: unknown) => {
        assert.ok(
          causes(error).every((cause) => cause instanceof Killed),
          String(error),
        );
        kills++;
      });
    }
    assert.ok(kills >= 3, `${kills} kills`);
    assert.deepEqual(await traces(id), []);
    assert.equal(await server.rooms.repositories.exists(id), false);
  });

  it('what cannot be removed now is told and keeps nothing else', async () => {
    const [stuck, free] = [await makeProject(server, 'stuck'), await makeProject(server, 'free')];
    for (const { id } of [stuck, free]) await call('DELETE', `/projects/${id}`);
    const db = stumbling(server.rooms.db, 1);
    await assert.rejects(removedProjects({ ...server.rooms, db }, later(31)), /1 could not be removed/);
    assert.deepEqual([await rowOf(stuck.id), await rowOf(free.id)], [stuck.id, undefined]);
    assert.deepEqual(await duty(31), { projects: 1, groups: 0 });
    assert.equal(await rowOf(stuck.id), undefined);
  });

  it('a project that is removed for good is gone at once, and its rows with the next round', async () => {
    const { id, own } = await furnished('at-once');
    await call('DELETE', own);
    const path = `root/at-once-deletion_scheduled-${id}`;
    await call('DELETE', `${own}?permanently_remove=true&full_path=${encodeURIComponent(path)}`);
    assert.equal(await statusOf(own), 404);
    await duty(0);
    assert.deepEqual([await rowOf(id), await traces(id)], [undefined, []]);
    assert.notEqual((await makeProject(server, 'at-once')).id, id);
  });

  it('a restored project stays', async () => {
    const { id } = await makeProject(server, 'restored');
    await call('DELETE', `/projects/${id}`);
    await call('POST', `/projects/${id}/restore`);
    await duty(31);
    assert.equal(await statusOf(`/projects/${id}`), 200);
  });

  it('the instance says how many days', async () => {
    const { id } = await makeProject(server, 'short-lived');
    await call('DELETE', `/projects/${id}`);
    await call('PUT', '/application/settings', { deletion_adjourned_period: 2 });
    await duty(1);
    assert.equal(await statusOf(`/projects/${id}`), 200);
    await duty(3);
    assert.equal(await rowOf(id), undefined);
    await call('PUT', '/application/settings', { deletion_adjourned_period: 30 });
  });

  it('a group goes with its groups, projects and runners, the one beside it stays', async () => {
    const group = (body: unknown) => call<{ id: number }>('POST', '/groups', body);
    const outer = await group({ name: 'outer', path: 'outer' });
    const inner = await group({ name: 'inner', path: 'inner', parent_id: outer.id });
    const beside = await group({ name: 'outer-space', path: 'outer-space' });
    await call('POST', `/groups/${outer.id}/variables`, { key: 'PLACE', value: 'here' });
    const groupRunner = await newRunner({ runner_type: 'group_type', group_id: outer.id });
    const within = await makeProject(server, 'within', { body: { namespace_id: inner.id } });
    const kept = await makeProject(server, 'kept', { body: { namespace_id: beside.id } });
    await call('DELETE', `/groups/${outer.id}`);
    await duty(29);
    assert.equal(await statusOf(`/projects/${within.id}`), 200);
    await duty(31);
    assert.deepEqual(
      await Promise.all(
        [`/groups/${outer.id}`, `/groups/${inner.id}`, `/projects/${within.id}`].map(statusOf),
      ),
      [404, 404, 404],
    );
    assert.equal(await server.rooms.repositories.exists(within.id), false);
    assert.equal((await groupRunner.verify()).status, 403);
    assert.deepEqual(
      await Promise.all([`/groups/${beside.id}`, `/projects/${kept.id}`].map(statusOf)),
      [200, 200],
    );
  });
});
