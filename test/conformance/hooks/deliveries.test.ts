import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { hookById } from '../../../src/pipeline/hook.ts';
import { sendTrial } from '../../../src/pipeline/hook-delivery.ts';
import { type HookReceiver, openHookReceiver, type Told } from '../../hook-receiver.ts';
import { makeProject } from '../../people.ts';
import { ScriptedRunner } from '../../scripted-runner.ts';
import { forEachServer, type TestServer } from '../../start-server.ts';
import { until } from '../../until.ts';

interface HookAnswer {
  id: number;
  alert_status: string;
  disabled_until: string | null;
}
interface LogEntry {
  id: number;
  trigger: string;
  response_status: string;
  request_headers: Record<string, string>;
  request_data: Record<string, unknown>;
  response_body: string;
  url: string;
}

const CONFIG = 'one: {script: [x]}\ntwo: {script: [x], stage: deploy}\n';

forEachServer('webhooks tell', (start) => {
  let server: TestServer;
  let receiver: HookReceiver;
  let project: number;
  let runner: ScriptedRunner;
  let names = 0;

  before(async () => {
    server = await start();
    receiver = await openHookReceiver();
    const body = { allow_local_requests_from_web_hooks_and_services: true };
    assert.equal((await server.api('PUT', '/application/settings', { body })).status, 200);
  });
  after(() => receiver.close());
  beforeEach(async () => {
    receiver.status = 200;
    receiver.told = [];
    project = (await makeProject(server, `app-${++names}`)).id;
    const made = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'project_type', project_id: project, run_untagged: true },
    });
    runner = new ScriptedRunner(server.url, made.body.token);
  });

  const addHook = async (body: Record<string, unknown>) => {
    const made = await server.api<HookAnswer>('POST', `/projects/${project}/hooks`, {
      body: { url: `${receiver.url}/hook`, push_events: false, ...body },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body;
  };
  const commit = async (branch = 'main') => {
    const made = await server.api('POST', `/projects/${project}/repository/files/.gitlab-ci.yml`, {
      body: { branch, content: CONFIG, commit_message: 'A change' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  };
  const told = (count: number) =>
    until(`${count} requests`, async () => (receiver.told.length >= count ? receiver.told : undefined));
  const statuses = (requests: readonly Told[], name: string) =>
    requests.filter(({ json }) => json.build_name === name).map(({ json }) => json.build_status);
  const log = async (hook: number, query = '') =>
    (await server.api<LogEntry[]>('GET', `/projects/${project}/hooks/${hook}/events${query}`)).body;

  it('of every status of a job, from its creation, in order, each once', async () => {
    await addHook({ job_events: true, token: 's3cret', custom_headers: [{ key: 'X-Own', value: 'mine' }] });
    await commit();
    const job = await runner.take();
    await runner.succeed(job);
    await runner.fail(await runner.take(), 'script_failure');
    const requests = await told(8);
    assert.deepEqual(statuses(requests, 'one'), ['created', 'pending', 'running', 'success']);
    assert.deepEqual(statuses(requests, 'two'), ['created', 'pending', 'running', 'failed']);
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    assert.equal(new Set(keys).size, 8);
    const sequence = requests.map(({ headers }) => Number(headers['x-teaspoon-sequence']));
    assert.deepEqual(
      sequence,
      [...sequence].sort((a, b) => a - b),
    );
    const last = requests.at(-1)!;
    assert.equal(last.json.build_failure_reason, 'script_failure');
    assert.equal(last.headers['x-gitlab-event'], 'Job Hook');
    assert.equal(last.headers['x-gitlab-token'], 's3cret');
    assert.equal(last.headers['x-own'], 'mine');
    assert.equal(last.headers['content-type'], 'application/json');
    assert.equal(receiver.told.length, 8);
  });

  it('of every status of a pipeline, with all its builds', async () => {
    await addHook({ pipeline_events: true });
    await commit();
    for (const name of ['one', 'two']) {
      const job = await runner.take();
      assert.equal(job.payload.job_info.name, name);
      await runner.succeed(job);
    }
    const attributes = (await until('success', async () => {
      const seen = receiver.told.map(({ json }) => json.object_attributes as Record<string, unknown>);
      return seen.some(({ status }) => status === 'success') ? seen : undefined;
    })) as Record<string, unknown>[];
    assert.deepEqual(
      attributes.map(({ status }) => status),
      ['pending', 'running', 'success'],
    );
    const last = receiver.told.at(-1)!;
    assert.equal(last.headers['x-gitlab-event'], 'Pipeline Hook');
    assert.equal(attributes.at(-1)!.detailed_status, 'passed');
    const builds = last.json.builds as { name: string; status: string; runner: { id: number } }[];
    assert.deepEqual(
      builds.map(({ name, status }) => [name, status]),
      [
        ['one', 'success'],
        ['two', 'success'],
      ],
    );
  });

  it('of a retry as a new attempt', async () => {
    await commit();
    const first = await runner.take();
    await runner.fail(first, 'script_failure');
    await addHook({ job_events: true });
    const retried = await server.api<{ id: number }>('POST', `/projects/${project}/jobs/${first.id}/retry`);
    assert.equal(retried.status, 201);
    const requests = (await told(3)).filter(({ json }) => json.build_id === retried.body.id);
    assert.deepEqual(
      requests.map(({ json }) => [json.build_status, json.retries_count]),
      [
        ['created', 1],
        ['pending', 1],
      ],
    );
  });

  it('of pushes to the branches that the hook wants', async () => {
    await addHook({ push_events: true, push_events_branch_filter: 'ma*' });
    await commit();
    await server.api('POST', `/projects/${project}/repository/branches?branch=other&ref=main`);
    await server.api('POST', `/projects/${project}/repository/branches?branch=make&ref=main`);
    const requests = await told(2);
    assert.deepEqual(
      requests.map(({ json }) => [json.object_kind, json.ref, json.before]),
      [
        ['push', 'refs/heads/main', '0'.repeat(40)],
        ['push', 'refs/heads/make', '0'.repeat(40)],
      ],
    );
    assert.equal(requests[0]!.headers['x-gitlab-event'], 'Push Hook');
    assert.equal((requests[0]!.json.commits as unknown[]).length, 1);
  });

  it('nothing to a project without a hook, and write nothing down', async () => {
    await commit();
    await runner.succeed(await runner.take());
    const rows = await server.rooms.db.read.sql
      .selectFrom('web_hook_events')
      .select('id')
      .where('project_id', '=', project)
      .execute();
    assert.deepEqual(rows, []);
  });

  it('a log without secrets, from which an event is sent again with its key', async () => {
    const hook = await addHook({
      url: `${receiver.url.replace('://', '://me:password@')}/hook`,
      job_events: true,
      token: 's3cret',
      custom_headers: [{ key: 'X-Own', value: 'mine' }],
    });
    await commit();
    const [first] = await told(3);
    assert.equal(first!.headers.authorization, `Basic ${Buffer.from('me:password').toString('base64')}`);
    const entries = await until('three entries', async () => {
      const listed = await log(hook.id);
      return listed.length === 3 ? listed : undefined;
    });
    const text = JSON.stringify(entries);
    for (const secret of ['s3cret', 'mine', 'password']) assert.equal(text.includes(secret), false, secret);
    const oldest = entries.at(-1)!;
    assert.equal(oldest.trigger, 'job_hooks');
    assert.equal(oldest.response_status, '200');
    assert.equal(oldest.response_body, 'heard');
    assert.deepEqual(oldest.request_data, first!.json);
    const path = `/projects/${project}/hooks/${hook.id}/events/${oldest.id}/resend`;
    const again = await server.api('POST', path);
    assert.deepEqual([again.status, again.body], [201, { response_status: 200 }]);
    const resent = receiver.told.at(-1)!;
    assert.equal(resent.text, first!.text);
    assert.equal(resent.headers['idempotency-key'], first!.headers['idempotency-key']);
    assert.notEqual(resent.headers['x-gitlab-webhook-uuid'], first!.headers['x-gitlab-webhook-uuid']);
    assert.equal(resent.headers['x-gitlab-token'], 's3cret');
    assert.equal((await log(hook.id, '?status=successful,404')).length, 4);
    assert.deepEqual(await log(hook.id, '?status=server_failure'), []);
  });

  it('a dead receiver no more after the fourth failure, until a trial succeeds', async () => {
    const hook = await addHook({ job_events: true });
    receiver.status = 500;
    await commit(); // created twice, pending
    await runner.succeed(await runner.take()); // running, success, and the next one pending
    const path = `/projects/${project}/hooks/${hook.id}`;
    const disabled = await until('the hook to be disabled', async () => {
      const { body } = await server.api<HookAnswer>('GET', path);
      return body.alert_status === 'temporarily_disabled' ? body : undefined;
    });
    assert.notEqual(disabled.disabled_until, null);
    await until('the queue to be empty', async () => {
      const { sql } = server.rooms.db.read;
      const waiting = sql.selectFrom('web_hook_events').select('id').where('hook_id', '=', hook.id);
      const rows = await waiting.where('delivered_at', 'is', null).execute();
      return rows.length === 0 || undefined;
    });
    assert.equal(receiver.told.length, 4);
    assert.equal((await log(hook.id, '?status=500')).length, 4);
    receiver.status = 204;
    const trial = await server.api('POST', `${path}/test/job_events`);
    assert.deepEqual([trial.status, trial.body], [201, { message: '201 Created' }]);
    const { body } = await server.api<HookAnswer>('GET', path);
    assert.deepEqual([body.alert_status, body.disabled_until], ['executable', null]);
    await runner.succeed(await runner.take());
    await until('more requests', async () => (receiver.told.length >= 7 ? true : undefined));
  });

  it('a hook that an edit has enabled again', async () => {
    const hook = await addHook({ job_events: true });
    const path = `/projects/${project}/hooks/${hook.id}`;
    await commit();
    await told(3);
    receiver.status = 0;
    for (let failure = 1; failure <= 4; failure++) {
      const trial = await server.api('POST', `${path}/test/job_events`);
      assert.deepEqual([trial.status, trial.body], [422, { message: 'The URL cannot be reached' }]);
    }
    const before = await server.api<HookAnswer>('GET', path);
    assert.equal(before.body.alert_status, 'temporarily_disabled');
    const edited = await server.api<HookAnswer>('PUT', path, { body: { name: 'n' } });
    assert.equal(edited.body.alert_status, 'executable');
  });

  it('a redirect is a success and is not followed', async () => {
    const hook = await addHook({ job_events: true });
    await commit();
    await told(3);
    receiver.status = 302;
    const trial = await server.api('POST', `/projects/${project}/hooks/${hook.id}/test/pipeline_events`);
    assert.equal(trial.status, 201);
    assert.equal(receiver.told.at(-1)!.path, '/hook');
  });

  it('in the words of a template', async () => {
    await addHook({
      job_events: true,
      custom_webhook_template: '{"text": "{{build_name}} is {{build_status}}", "at": {{project.id}}}',
    });
    await commit();
    const [first] = await told(3);
    assert.deepEqual(first!.json, { text: 'one is created', at: project });
  });

  it('nothing to a new URL of what was secret for the old one', async () => {
    const hook = await addHook({
      job_events: true,
      token: 's3cret',
      custom_headers: [{ key: 'X-Own', value: 'a' }],
    });
    const path = `/projects/${project}/hooks/${hook.id}`;
    await server.api('PUT', path, { body: { url: `${receiver.url}/hook?other` } });
    await commit();
    const [first] = await told(3);
    assert.equal(first!.path, '/hook?other');
    assert.deepEqual([first!.headers['x-gitlab-token'], first!.headers['x-own']], [undefined, undefined]);
  });

  it('a hook that leads to a pipeline of the same project once, not for ever', async () => {
    const trigger = await server.api<{ token: string }>('POST', `/projects/${project}/triggers`, {
      body: { description: 'loop' },
    });
    const hook = await addHook({ job_events: true });
    await commit();
    const [first] = await told(3);
    const chain = String(first!.headers['x-gitlab-event-uuid']);
    const before = receiver.told.length;
    const made = await server.api('POST', `/projects/${project}/trigger/pipeline`, {
      token: null,
      body: { ref: 'main', token: trigger.body.token },
      headers: { 'x-gitlab-event': 'Job Hook', 'x-gitlab-event-uuid': chain },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const rows = await server.rooms.db.read.sql
      .selectFrom('web_hook_events')
      .select('id')
      .where('hook_id', '=', hook.id)
      .where('pipeline_id', '=', (made.body as { id: number }).id)
      .execute();
    assert.deepEqual(rows, []);
    assert.equal(receiver.told.length, before);
  });

  it('nothing that would reach a private address once that is forbidden', async () => {
    const { id } = await addHook({ job_events: true });
    await commit();
    await told(3);
    const { db, encryption, repositories } = server.rooms;
    const forbid = (value: boolean) =>
      server.api('PUT', '/application/settings', {
        body: { allow_local_requests_from_web_hooks_and_services: value },
      });
    await forbid(false);
    const hook = (await hookById(db.read, encryption, id))!;
    const deps = { db, encryption, repositories, serverUrl: server.url, clock: Date.now };
    const outcome = await sendTrial(deps, hook, 'job_events', null);
    await forbid(true);
    assert.deepEqual(outcome, {
      status: null,
      failure: 'The URL is blocked: requests to this address are not allowed',
    });
  });
});
