import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CaseProject, World } from '../../../test/conformance/jobs-api/world.ts';
import { EventReader } from '../../../test/event-reader.ts';
import { forEachServer, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';
import { until } from '../../../test/until.ts';
import { forgetStatusEvents } from '../../pipeline/status-events.ts';

const CONFIG = `
build: {stage: build, script: [x]}
test: {stage: test, script: [x]}
ask: {stage: test, script: [x], when: manual}
`;

forEachServer('the event stream', (start, engine) => {
  let server: TestServer;
  let world: World;
  let project: CaseProject;
  const readers: EventReader[] = [];
  let branches = 0;

  const watch = async (
    who: string | null,
    options: { projectId?: number; lastId?: string; url?: string } = {},
  ) => {
    const token = who === null ? undefined : world.tokens.get(who)!;
    const headers: Record<string, string> = token === undefined ? {} : { 'private-token': token };
    const reader = await EventReader.open(options.url ?? server.url, headers, options);
    readers.push(reader);
    return reader;
  };
  /** Runs the project's configuration to its end; gives the pipeline's id. */
  const run = async (on: CaseProject) => {
    await on.pipeline(CONFIG, `branch-${++branches}`);
    for (const name of ['build', 'test']) await on.runner.succeed(await on.take(name));
    return Number(on.names.pipeline);
  };
  const isEnd =
    (pipelineId: number) => (event: { event: string; data: { pipeline_id: number; status: string } }) =>
      event.event === 'pipeline' && event.data.pipeline_id === pipelineId && event.data.status === 'success';

  before(async () => {
    server = await start();
    world = await World.open({ url: server.url, token: ROOT_TOKEN });
    project = await world.addProject({ visibility: 'private' });
  });
  after(() => {
    for (const reader of readers) reader.close();
    world.close();
  });

  it('tells of a pipeline, its jobs and the queue, from the beginning to the end', async () => {
    const reader = await watch('developer');
    const id = await run(project);
    await reader.until('the end', isEnd(id));
    const mine = reader.events.filter(({ data }) => data.pipeline_id === id);
    const statuses = (event: string, jobId?: number) =>
      mine.filter((one) => one.event === event && one.data.job_id === jobId).map(({ data }) => data.status);
    assert.equal(statuses('pipeline').at(-1), 'success');
    assert.ok(statuses('queue').length > 0);
    for (const name of ['build', 'test']) {
      const told = statuses('job', Number(project.names[name]));
      assert.equal(told.at(-1), 'success');
      const order = ['pending', 'running', 'success'];
      assert.deepEqual(
        told,
        order.filter((status) => told.includes(status)),
        name,
      );
    }
    assert.deepEqual(statuses('job', Number(project.names.ask)), ['manual']);
    assert.ok(mine.every(({ data }) => data.project_id === project.id));
  });

  it('tells nobody of a project that he may not see, and the anonymous of no job', async () => {
    const open = await world.addProject({ visibility: 'public' });
    const closed = await world.addProject({ visibility: 'private', public_jobs: false });
    const expected: Record<string, [private_: boolean, open: string, closed: boolean]> = {
      anonymous: [false, 'pipeline', false],
      stranger: [false, 'job pipeline queue', false],
      guest: [true, 'job pipeline queue', false],
      reporter: [true, 'job pipeline queue', true],
      owner: [true, 'job pipeline queue', true],
      admin: [true, 'job pipeline queue', true],
    };
    const seeing = await Promise.all(
      Object.keys(expected).map(async (name) => ({
        name,
        reader: await watch(name === 'anonymous' ? null : name),
      })),
    );
    await run(project);
    await run(closed);
    const last = await run(open);
    for (const { name, reader } of seeing) {
      await reader.until(`the end, for ${name}`, isEnd(last));
      const of = ({ id }: CaseProject) => reader.events.filter(({ data }) => data.project_id === id);
      const kinds = [...new Set(of(open).map(({ event }) => event))].sort().join(' ');
      assert.deepEqual([of(project).length > 0, kinds, of(closed).length > 0], expected[name], name);
      assert.ok(
        reader.events.every(({ data }) => [project.id, open.id, closed.id].includes(data.project_id)),
      );
    }
  });

  it('can be kept to one project, if the reader may see it', async () => {
    const other = await world.addProject({ visibility: 'private' });
    const reader = await watch('developer', { projectId: other.id });
    await run(project);
    const id = await run(other);
    await reader.until('the end', isEnd(id));
    assert.ok(reader.events.every(({ data }) => data.project_id === other.id));
    const refused = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/api/v4/events/stream?project_id=${other.id}`, { headers })).status;
    assert.equal(await refused({ 'private-token': world.tokens.get('stranger')! }), 404);
    assert.equal(await refused({}), 404);
    assert.equal(await refused({ 'private-token': 'glpat-of-nobody' }), 401);
  });

  it('goes on where it was cut, without missing anything', async () => {
    let reader = await watch('developer');
    const told = [reader.events];
    await project.pipeline(CONFIG, 'cut');
    const id = Number(project.names.pipeline);
    await reader.until('the beginning', ({ data }) => data.pipeline_id === id);
    reader.close();
    await project.runner.succeed(await project.take('build'));
    reader = await watch('developer', { lastId: reader.lastId });
    told.push(reader.events);
    await project.runner.succeed(await project.take('test'));
    await reader.until('the end', isEnd(id));
    const newest = new Map<string, string>();
    for (const { event, data } of told.flat()) {
      assert.notEqual(event, 'reset');
      if (data.pipeline_id !== id || event === 'queue') continue;
      newest.set(event === 'job' ? `job ${data.job_id}` : event, data.status);
    }
    const { names } = project;
    const expected = {
      [`job ${names.ask}`]: 'manual',
      [`job ${names.build}`]: 'success',
      [`job ${names.test}`]: 'success',
      pipeline: 'success',
    };
    assert.deepEqual(Object.fromEntries([...newest].sort()), expected);
  });

  it('says so when it no longer knows what was missed', async () => {
    const reader = await watch('developer');
    await run(project);
    await until('an id', async () => reader.lastId || undefined);
    const old = reader.lastId;
    await run(project);
    assert.ok(
      (await server.rooms.db.transaction((tx) => forgetStatusEvents(tx, Date.now() + 3_600_000))) > 0,
    );
    for (const lastId of [old, 'nonsense', '1-999999999']) {
      const resumed = await watch('developer', { lastId });
      await resumed.until('reset', ({ event }) => event === 'reset');
    }
  });

  it('ends when the token is revoked, and tells nothing more to who is no member any more', async () => {
    const made = await server.api<{ id: number; token: string }>(
      'POST',
      `/users/${world.userId('reporter')}/personal_access_tokens`,
      { body: { name: 'watch', scopes: ['read_api'] } },
    );
    const own = await world.addProject({ visibility: 'private' });
    const revoked = await EventReader.open(server.url, { 'private-token': made.body.token });
    const removed = await watch('guest', { projectId: own.id });
    readers.push(revoked);
    await server.api('DELETE', `/personal_access_tokens/${made.body.id}`);
    await server.api('DELETE', `/projects/${own.id}/members/${world.userId('guest')}`);
    const witness = await watch('developer', { projectId: own.id });
    const id = await run(own);
    await witness.until('the end', isEnd(id));
    await until('the revoked stream to end', async () => revoked.ended || undefined);
    const told = [...revoked.events, ...removed.events].filter(({ data }) => data.pipeline_id === id);
    assert.deepEqual(told, []);
  });

  it('bounds the streams of one user', async () => {
    const mine: EventReader[] = [];
    for (let count = 0; count < 30; count++) mine.push(await watch('planner'));
    const headers = { 'private-token': world.tokens.get('planner')! };
    assert.equal((await fetch(`${server.url}/api/v4/events/stream`, { headers })).status, 429);
    for (const reader of mine) reader.close();
    await until('room again', async () => {
      const answer = await fetch(`${server.url}/api/v4/events/stream`, { headers });
      await answer.body?.cancel();
      return answer.status === 200 || undefined;
    });
  });

  if (engine === 'postgres') {
    describe('of another process on the same database', () => {
      it('tells the same, and goes on where this one was cut', async () => {
        const other = await start({
          'database-url': server.rooms.settings.databaseUrl!,
          data: server.dataDirectory,
        });
        const here = await watch('developer');
        const there = await watch('developer', { url: other.url });
        const id = await run(project);
        await here.until('the end here', isEnd(id));
        await there.until('the end there', isEnd(id));
        here.close();
        const next = await run(project);
        const resumed = await watch('developer', { url: other.url, lastId: here.lastId });
        await resumed.until('the end after the cut', isEnd(next));
        assert.ok(resumed.events.every(({ event }) => event !== 'reset'));
      });
    });
  }

  it('ends when the server does, at once', async () => {
    const closing = await start();
    const reader = await EventReader.open(closing.url, { 'private-token': ROOT_TOKEN });
    const startedAt = performance.now();
    await closing.close();
    await until('the stream to end', async () => reader.ended || undefined);
    assert.ok(performance.now() - startedAt < 2500, `${performance.now() - startedAt} ms`);
  });
});
