import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, it } from 'node:test';
import { onOneServer } from '../start-server.ts';
import { until } from '../until.ts';
import { type ClientSite, FILES, LOG, openClientSite } from './client-site.ts';
import { gitlabMcp } from './installed.ts';

interface Reply {
  id?: number;
  result?: { content?: { text: string }[]; isError?: boolean };
  error?: { message: string };
}

/** The MCP server for GitLab, spoken to as an assistant does: one JSON object a line over stdio. */
class Assistant {
  readonly directory = mkdtempSync(join(tmpdir(), 'teaspoon-mcp-'));
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 1;

  private constructor({ url, token }: ClientSite) {
    const { PATH = '' } = process.env;
    this.#child = spawn(process.execPath, [gitlabMcp.command], {
      cwd: this.directory,
      env: {
        PATH,
        HOME: this.directory,
        GITLAB_API_URL: `${url}/api/v4`,
        GITLAB_PERSONAL_ACCESS_TOKEN: token,
        GITLAB_DISABLE_VERSION_CHECK: 'true',
        USE_PIPELINE: 'true',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      this.#waiting.get(reply.id ?? 0)?.(reply);
    });
  }

  static async open(site: ClientSite): Promise<Assistant> {
    const assistant = new Assistant(site);
    const clientInfo = { name: 'test', version: '1' };
    await assistant.#ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo });
    assistant.#say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return assistant;
  }

  /** What a tool answers, parsed where it is JSON. Rejects with what went wrong. */
  async call<T = Record<string, unknown>>(name: string, given: Record<string, unknown> = {}): Promise<T> {
    const { result, error } = await this.#ask('tools/call', { name, arguments: given });
    const text = result?.content?.[0]?.text ?? error?.message ?? '';
    if (result === undefined || result.isError === true) throw new Error(`${name}: ${text}`);
    return (/^(\[[\]{\n ]|\{)/.test(text) ? JSON.parse(text) : text) as T;
  }

  close(): void {
    this.#child.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #ask(method: string, params: unknown): Promise<Reply> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#say({ jsonrpc: '2.0', id, method, params });
    });
  }

  #say(message: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
  }
}

interface Shown {
  id: number;
  name: string;
  status: string;
  path: string;
}

onOneServer('@zereight/mcp-gitlab', (start) => {
  let opened: Promise<{ site: ClientSite; assistant: Assistant }> | undefined;
  const open = () => {
    opened ??= start().then(async (server) => {
      const site = await openClientSite(server);
      return { site, assistant: await Assistant.open(site) };
    });
    return opened;
  };
  after(async () => {
    const open = await opened;
    open?.assistant.close();
    open?.site.close();
  });
  const test = (
    promise: string,
    work: (ask: Assistant, project_id: string, names: Record<string, number>) => Promise<void>,
  ) => {
    it(promise, { skip: gitlabMcp.skip, timeout: 60_000 }, async () => {
      const { site, assistant } = await open();
      await work(assistant, site.project.path, site.project.names as Record<string, number>);
    });
  };

  test('is healthy', async (ask) => {
    const health = JSON.stringify(await ask.call('health_check'));
    assert.match(health, /root|ok|healthy/i);
  });

  test('lists jobs, bridges and artifacts, and reads one job with its log', async (ask, project_id, names) => {
    const of = { project_id, pipeline_id: names.pipeline };
    const jobs = await ask.call<Shown[]>('list_pipeline_jobs', { ...of, include_retried: true });
    assert.ok(jobs.some(({ name }) => name === 'build'));
    const failed = await ask.call<Shown[]>('list_pipeline_jobs', { ...of, scope: 'failed' });
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['broken'],
    );
    const bridges = await ask.call<Shown[]>('list_pipeline_trigger_jobs', of);
    assert.deepEqual(
      bridges.map(({ name }) => name),
      ['down'],
    );
    const job_id = names.build;
    const job = await ask.call<Shown>('get_pipeline_job', { project_id, job_id });
    assert.deepEqual([job.name, job.status], ['build', 'success']);
    assert.ok(
      (await ask.call<string>('get_pipeline_job_output', { project_id, job_id })).includes('building'),
    );
    assert.ok(LOG.includes('building'));
    const tree = await ask.call<Shown[]>('list_job_artifacts', { project_id, job_id });
    assert.deepEqual(
      tree.map(({ path }) => path),
      ['dist/'],
    );
    const artifact_path = 'dist/notes.txt';
    const file = await ask.call<string>('get_job_artifact_file', { project_id, job_id, artifact_path });
    assert.equal(file, FILES[artifact_path]);
    const saved = await ask.call<{ file_path: string }>('download_job_artifacts', {
      project_id,
      job_id,
      local_path: '.',
    });
    assert.equal(readFileSync(resolve(ask.directory, saved.file_path)).subarray(0, 2).toString(), 'PK');
    assert.equal(
      (await ask.call<Shown>('wait_for_job', { project_id, job_id, timeout_seconds: 5 })).status,
      'success',
    );
  });

  test('cancels, retries, plays and erases jobs', async (ask, project_id, names) => {
    assert.match(
      await ask.call<string>('cancel_pipeline_job', { project_id, job_id: names.waiting }),
      /canceled/i,
    );
    assert.match(
      await ask.call<string>('retry_pipeline_job', { project_id, job_id: names.broken }),
      /pending/,
    );
    assert.match(await ask.call<string>('play_pipeline_job', { project_id, job_id: names.held }), /pending/);
    const erased = await ask.call<{ artifacts: unknown[] }>('erase_pipeline_job', {
      project_id,
      job_id: names.build,
    });
    assert.deepEqual(erased.artifacts, []);
    await assert.rejects(
      ask.call('retry_pipeline_job', { project_id, job_id: names.broken }),
      /Job is not retryable/,
    );
  });

  test('makes, reads, names, cancels, retries and deletes pipelines', async (ask, project_id, names) => {
    const all = await ask.call<Shown[]>('list_pipelines', { project_id, ref: 'main' });
    assert.deepEqual(
      all.map(({ id }) => String(id)),
      [String(names.pipeline)],
    );
    const variables = [{ key: 'A', value: 'b' }];
    const made = await ask.call<string>('create_pipeline', { project_id, ref: 'released', variables });
    const pipeline_id = /#(\d+)/.exec(made)?.[1] ?? '';
    const read = await ask.call<Shown>('get_pipeline', { project_id, pipeline_id });
    assert.equal(String(read.id), pipeline_id);
    const given = await ask.call<{ key: string }[]>('get_pipeline_variables', { project_id, pipeline_id });
    assert.deepEqual(
      given.map(({ key }) => key),
      ['A'],
    );
    const report = await ask.call<{ total_count: number }>('get_pipeline_test_report', {
      project_id,
      pipeline_id,
    });
    assert.equal(report.total_count, 0);
    const summary = await ask.call<{ total: { count: number } }>('get_pipeline_test_report_summary', {
      project_id,
      pipeline_id,
    });
    assert.equal(summary.total.count, 0);
    await ask.call('update_pipeline_metadata', { project_id, pipeline_id, name: 'nightly' });
    assert.match(await ask.call<string>('cancel_pipeline', { project_id, pipeline_id }), /cancel/i);
    assert.match(await ask.call<string>('retry_pipeline', { project_id, pipeline_id }), /pending|running/);
    await ask.call('delete_pipeline', { project_id, pipeline_id });
    await assert.rejects(ask.call('get_pipeline', { project_id, pipeline_id }));
  });

  test('manages triggers and variables, and lints', async (ask, project_id) => {
    const made = await ask.call<{ id: number; token: string }>('create_pipeline_trigger', {
      project_id,
      description: 'bot',
    });
    const run = await ask.call<Shown>('trigger_pipeline', {
      project_id,
      token: made.token,
      ref: 'released',
      variables: { A: 'b' },
    });
    assert.ok(run.id > 0);
    await ask.call('update_pipeline_trigger', { project_id, trigger_id: made.id, description: 'robot' });
    const trigger = await ask.call<{ description: string }>('get_pipeline_trigger', {
      project_id,
      trigger_id: made.id,
    });
    assert.equal(trigger.description, 'robot');
    await ask.call('delete_pipeline_trigger', { project_id, trigger_id: made.id });
    assert.deepEqual(await ask.call('list_pipeline_triggers', { project_id }), []);
    await ask.call('create_project_variable', { project_id, key: 'A_KEY', value: 'a value' });
    const variable = await ask.call<{ value: string }>('get_project_variable', { project_id, key: 'A_KEY' });
    assert.equal(variable.value, 'a value');
    await ask.call('update_project_variable', {
      project_id,
      key: 'A_KEY',
      value: 'another',
      protected: true,
    });
    const variables = await ask.call<{ value: string; protected: boolean }[]>('list_project_variables', {
      project_id,
    });
    assert.deepEqual(
      variables.map((one) => [one.value, one.protected]),
      [['another', true]],
    );
    await ask.call('delete_project_variable', { project_id, key: 'A_KEY' });
    const lint = await ask.call<{ valid: boolean }>('validate_ci_lint', {
      project_id,
      content: 'a: {script: [x]}',
    });
    assert.equal(lint.valid, true);
    const own = await ask.call<{ valid: boolean; jobs: unknown[] }>('validate_project_ci_lint', {
      project_id,
      content_ref: 'released',
      include_jobs: true,
    });
    assert.deepEqual([own.valid, own.jobs.length], [true, 1]);
  });

  test('manages variables of a group', async (ask) => {
    const { site } = await open();
    await site.server.api('POST', '/groups', { body: { name: 'team', path: 'team' } });
    const of = { group_id: 'team', key: 'A_KEY' };
    await ask.call('create_group_variable', { ...of, value: 'a value' });
    await ask.call('update_group_variable', { ...of, value: 'another' });
    assert.equal((await ask.call<{ value: string }>('get_group_variable', of)).value, 'another');
    await ask.call('delete_group_variable', of);
    assert.deepEqual(await ask.call('list_group_variables', { group_id: 'team' }), []);
  });

  test('manages schedules and their variables', async (ask, project_id) => {
    const given = { project_id, description: 'nightly', ref: 'released', cron: '0 1 * * *' };
    const made = await ask.call<string>('create_pipeline_schedule', given);
    const of = { project_id, pipeline_schedule_id: /#(\d+)/.exec(made)?.[1] ?? '' };
    await ask.call('create_pipeline_schedule_variable', { ...of, key: 'A', value: 'b' });
    await ask.call('update_pipeline_schedule_variable', { ...of, key: 'A', value: 'c' });
    const variable = await ask.call<{ value: string }>('get_pipeline_schedule_variable', { ...of, key: 'A' });
    assert.equal(variable.value, 'c');
    await ask.call('update_pipeline_schedule', { ...of, description: 'weekly', active: false });
    const shown = await ask.call<{ description: string; active: boolean; variables: unknown[] }>(
      'get_pipeline_schedule',
      of,
    );
    assert.deepEqual([shown.description, shown.active, shown.variables.length], ['weekly', false, 1]);
    await ask.call('delete_pipeline_schedule_variable', { ...of, key: 'A' });
    await ask.call('take_ownership_pipeline_schedule', of);
    await ask.call('play_pipeline_schedule', of);
    const started = await ask.call<Shown[]>('list_pipeline_schedule_pipelines', { ...of, sort: 'desc' });
    assert.equal(started.length, 1);
    const pipeline_id = started[0]!.id;
    await ask.call('cancel_pipeline', { project_id, pipeline_id });
    const ended = await ask.call<Shown>('wait_for_pipeline', { project_id, pipeline_id, timeout_seconds: 5 });
    assert.equal(ended.status, 'canceled');
    const schedules = await ask.call<unknown[]>('list_pipeline_schedules', { project_id, scope: 'inactive' });
    assert.equal(schedules.length, 1);
    await ask.call('delete_pipeline_schedule', of);
  });

  test('plays several manual jobs one after the other', async (ask, project_id) => {
    const { site } = await open();
    const made = await ask.call<string>('create_pipeline', { project_id, ref: 'main' });
    const pipeline_id = /#(\d+)/.exec(made)?.[1] ?? '';
    const jobs = await ask.call<Shown[]>('list_pipeline_jobs', { project_id, pipeline_id, scope: 'manual' });
    const played = ask.call<string>('play_pipeline_jobs', {
      project_id,
      job_ids: jobs.map(({ id }) => String(id)),
      job_variables_attributes: [{ key: 'COLOUR', value: 'red' }],
      timeout_seconds: 20,
      poll_interval_seconds: 1,
    });
    await until('the job is pending', async () => {
      const path = `/projects/${site.project.id}/jobs/${jobs[0]!.id}`;
      return (await site.server.api<Shown>('GET', path)).body.status === 'pending';
    });
    await ask.call('cancel_pipeline_job', { project_id, job_id: String(jobs[0]!.id), force: false });
    assert.match(JSON.stringify(await played.catch(String)), /canceled/);
    await ask.call('cancel_pipeline', { project_id, pipeline_id });
  });
});
