import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { onOneServer } from '../start-server.ts';
import { type ClientSite, FILES, LOG, openClientSite } from './client-site.ts';
import { glab } from './installed.ts';

const run = promisify(execFile);

/** A clone of the site's project with a glab that is signed in: as its user sits before it. */
class Desk {
  readonly site: ClientSite;
  readonly #directory = mkdtempSync(join(tmpdir(), 'teaspoon-glab-'));
  readonly clone = join(this.#directory, 'clone');

  private constructor(site: ClientSite) {
    this.site = site;
  }

  static async open(site: ClientSite): Promise<Desk> {
    const desk = new Desk(site);
    const { url, token, project } = site;
    const { host } = new URL(url);
    const words = ['--api-host', host, '--api-protocol', 'http', '--git-protocol', 'http', '--token', token];
    await desk.#run(glab.command, ['auth', 'login', '--hostname', '127.0.0.1', ...words], tmpdir());
    const remote = `${url}/${project.path}.git`;
    await desk.#run('git', ['clone', '-q', remote.replace('://', `://root:${token}@`), desk.clone], tmpdir());
    await desk.#run('git', ['remote', 'set-url', 'origin', remote], desk.clone);
    return desk;
  }

  /** What glab prints; rejects when it fails. */
  async glab(...words: string[]): Promise<string> {
    return await this.#run(glab.command, words, this.clone);
  }

  close(): void {
    this.site.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #run(program: string, words: string[], cwd: string): Promise<string> {
    const { PATH = '' } = process.env;
    const env = {
      PATH,
      HOME: this.#directory,
      GITLAB_HOST: '127.0.0.1',
      GLAB_CHECK_UPDATE: 'false',
      GLAB_SEND_TELEMETRY: 'true',
      NO_PROMPT: '1',
      NO_COLOR: '1',
      GIT_CONFIG_NOSYSTEM: '1',
    };
    const { stdout, stderr } = await run(program, words, { cwd, env, timeout: 30_000 });
    assert.doesNotMatch(stderr, /telemetry/);
    return stdout + stderr;
  }
}

onOneServer('glab', (start) => {
  let opened: Promise<Desk> | undefined;
  const desk = () => {
    opened ??= start().then(openClientSite).then(Desk.open);
    return opened;
  };
  after(async () => (await opened)?.close());
  const test = (promise: string, work: (desk: Desk, names: Record<string, number>) => Promise<void>) => {
    it(promise, { skip: glab.skip }, async () => {
      const open = await desk();
      await work(open, open.site.project.names as Record<string, number>);
    });
  };

  test('is signed in and shows the project', async (at) => {
    assert.match(
      await at.glab('auth', 'status', '--hostname', '127.0.0.1'),
      /Logged in to 127.0.0.1 as root/,
    );
    assert.match(await at.glab('repo', 'view'), /conformance-/);
    assert.match(await at.glab('api', 'user'), /"username":"root"/);
  });

  test('lists pipelines and shows the state of a branch', async (at, names) => {
    const listed = await at.glab('ci', 'list');
    assert.ok(listed.includes(`#${names.pipeline}`) && listed.includes('released'), listed);
    assert.match(await at.glab('ci', 'list', '--status', 'success'), /released/);
    const status = await at.glab('ci', 'status', '--branch', 'main');
    for (const line of ['(running)', '(manual)', '(failed)', '(success)', 'broken', 'waiting']) {
      assert.ok(status.includes(line), status);
    }
  });

  test('reads one pipeline with its jobs and variables', async (at, names) => {
    const text = await at.glab('ci', 'get', '--branch', 'main', '--output', 'json', '--with-variables');
    const pipeline = JSON.parse(text.slice(text.indexOf('{'))) as {
      id: number;
      user: { username: string };
      jobs: { name: string; status: string }[];
    };
    assert.deepEqual([pipeline.id, pipeline.user.username], [names.pipeline, 'root']);
    assert.deepEqual(pipeline.jobs.map(({ name }) => name).sort(), [
      'broken',
      'build',
      'held',
      'running',
      'waiting',
    ]);
    assert.match(await at.glab('ci', 'get', '-p', String(names.pipeline), '-d'), /waiting/);
  });

  test('shows a log to its end', async (at, names) => {
    assert.ok((await at.glab('ci', 'trace', String(names.build))).includes(LOG.slice(-20)));
    const byName = await at.glab('ci', 'trace', 'build', '--pipeline-id', String(names.pipeline));
    assert.ok(byName.includes(LOG.slice(-20)), byName);
  });

  test('retries, plays and cancels jobs', async (at, names) => {
    assert.match(await at.glab('ci', 'retry', String(names.broken)), /status: pending/);
    assert.match(await at.glab('ci', 'trigger', String(names.held)), /status: pending/);
    assert.match(await at.glab('ci', 'cancel', 'job', String(names.waiting)), /canceled/);
    const again = await at.glab('ci', 'retry', 'waiting', '--pipeline-id', String(names.pipeline));
    assert.match(again, /status: pending/);
  });

  test('runs pipelines, by hand and by trigger, cancels and deletes them', async (at, names) => {
    const made = await at.glab('ci', 'run', '--branch', 'released', '--variables', 'A:b');
    const id = /id: (\d+)/.exec(made)?.[1] ?? '';
    assert.match(await at.glab('ci', 'get', '-p', id, '--with-variables'), /A[:\s]+b/);
    const { body } = await at.site.server.api<{ token: string }>(
      'POST',
      `/projects/${names.project}/triggers`,
      { body: { description: 'bot' } },
    );
    assert.match(await at.glab('ci', 'run-trig', '-t', body.token, '-b', 'released'), /id: \d+/i);
    assert.match(await at.glab('ci', 'cancel', 'pipeline', id), /canceled/);
    await at.glab('ci', 'delete', id);
    const gone = await at.site.server.api('GET', `/projects/${names.project}/pipelines/${id}`);
    assert.equal(gone.status, 404);
    await at.glab('ci', 'run', '--branch', 'released');
    await at.glab('ci', 'delete', '--status', 'pending');
    assert.doesNotMatch(await at.glab('ci', 'list', '--status', 'pending'), /released/);
  });

  test('manages schedules and their variables', async (at) => {
    const words = [
      '--ref',
      'released',
      '--cron',
      '0 1 * * *',
      '--description',
      'nightly',
      '--variable',
      'A:b',
    ];
    await at.glab('schedule', 'create', ...words);
    const id = /^(\d+)\s+nightly/m.exec(await at.glab('schedule', 'list'))?.[1] ?? '';
    const changes = ['--update-variable', 'A:c', '--create-variable', 'B:d', '--delete-variable', 'B'];
    await at.glab('schedule', 'update', id, '--description', 'weekly', ...changes.slice(0, 4));
    await at.glab('schedule', 'update', id, ...changes.slice(4));
    const path = `/projects/${at.site.project.id}/pipeline_schedules/${id}`;
    const { body } = await at.site.server.api<{ description: string; variables: { value: string }[] }>(
      'GET',
      path,
    );
    assert.deepEqual([body.description, body.variables.map(({ value }) => value)], ['weekly', ['c']]);
    assert.match(await at.glab('schedule', 'run', id), /\d/);
    await at.glab('schedule', 'delete', id);
    assert.equal((await at.site.server.api('GET', path)).status, 404);
  });

  test('unpacks the artifacts of a branch', async (at) => {
    await at.glab('job', 'artifact', 'released', 'build');
    const [path, content] = Object.entries(FILES)[1]!;
    assert.ok(existsSync(join(at.clone, path)));
    assert.equal(readFileSync(join(at.clone, path), 'utf8'), content);
  });

  test('checks and compiles a configuration', async (at) => {
    assert.match(await at.glab('ci', 'lint'), /is valid/);
    assert.match(await at.glab('ci', 'config', 'compile'), /stages:/);
  });

  test('manages variables', async (at) => {
    await at.glab('variable', 'set', 'A_KEY', 'a value');
    assert.match(await at.glab('variable', 'list'), /A_KEY/);
    await at.glab('variable', 'update', 'A_KEY', 'another');
    assert.equal((await at.glab('variable', 'get', 'A_KEY')).trim(), 'another');
    assert.match(await at.glab('variable', 'export', '--format', 'env'), /A_KEY="another"/);
    await at.glab('variable', 'delete', 'A_KEY');
    assert.doesNotMatch(await at.glab('variable', 'list'), /A_KEY/);
    await at.site.server.api('POST', '/groups', { body: { name: 'team', path: 'team' } });
    const ofGroup = ['--group', 'team'];
    await at.glab('variable', 'set', 'G_KEY', 'a value', ...ofGroup, '--type', 'file');
    await at.glab('variable', 'update', 'G_KEY', 'another', ...ofGroup);
    assert.equal((await at.glab('variable', 'get', 'G_KEY', ...ofGroup)).trim(), 'another');
    await at.glab('variable', 'delete', 'G_KEY', ...ofGroup);
    assert.doesNotMatch(await at.glab('variable', 'list', ...ofGroup), /G_KEY/);
  });

  test('follows the pages of a list', async (at, names) => {
    const text = await at.glab('api', `projects/${names.project}/jobs?per_page=2`, '--paginate');
    const ids = [...text.matchAll(/"id":(\d+),"status"/g)].map((found) => found[1]);
    assert.ok(ids.length > 4 && new Set(ids).size === ids.length, text.slice(0, 500));
  });
});
