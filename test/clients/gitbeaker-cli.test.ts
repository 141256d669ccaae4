import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { onOneServer } from '../start-server.ts';
import { type ClientSite, LOG, openClientSite } from './client-site.ts';
import { gitbeakerCli } from './installed.ts';

const run = promisify(execFile);

interface Shown {
  id: number;
  name: string;
  status: string;
  source: string;
}

onOneServer('@gitbeaker/cli', (start) => {
  let opened: Promise<ClientSite> | undefined;
  const site = () => {
    opened ??= start().then(openClientSite);
    return opened;
  };
  after(async () => (await opened)?.close());

  /** What a command prints, parsed. */
  async function gb<T>(...words: (string | number)[]): Promise<T> {
    const { url, token } = await site();
    const { PATH = '' } = process.env;
    const env = { PATH, GITBEAKER_HOST: url, GITBEAKER_TOKEN: token };
    const all = [gitbeakerCli.command, ...words.map(String)];
    const { stdout } = await run(process.execPath, all, { env, timeout: 60_000 });
    return JSON.parse(stdout) as T;
  }
  const test = (promise: string, work: (id: number, names: Record<string, number>) => Promise<void>) => {
    it(promise, { skip: gitbeakerCli.skip, timeout: 120_000 }, async () => {
      const { project } = await site();
      await work(project.id, project.names as Record<string, number>);
    });
  };

  test('lists and shows jobs, bridges and logs', async (id, names) => {
    const [jobs, one, bridges, log] = await Promise.all([
      gb<Shown[]>('jobs', 'all', '--project-id', id, '--scope', 'failed'),
      gb<Shown>('jobs', 'show', '--project-id', id, '--job-id', names.build!),
      gb<Shown[]>('jobs', 'all-pipeline-bridges', '--project-id', id, '--pipeline-id', names.pipeline!),
      gb<string>('jobs', 'show-log', '--project-id', id, '--job-id', names.build!),
    ]);
    assert.deepEqual(
      jobs.map(({ name }) => name),
      ['broken'],
    );
    assert.deepEqual([one.name, one.status], ['build', 'success']);
    assert.deepEqual(
      bridges.map(({ name }) => name),
      ['down'],
    );
    assert.equal(log, LOG);
  });

  test('cancels, retries, plays, keeps, erases and removes', async (id, names) => {
    const of = (verb: string, job: number) => gb<Shown>('jobs', verb, '--project-id', id, '--job-id', job);
    const [canceled, retried, played] = await Promise.all([
      of('cancel', names.waiting!),
      of('retry', names.broken!),
      of('play', names.held!),
    ]);
    assert.deepEqual([canceled.status, retried.status, played.status], ['canceled', 'pending', 'pending']);
    const kept = await gb<Shown>('job-artifacts', 'keep', '--project-id', id, '--job-id', names.build!);
    assert.equal(kept.id, names.build);
    assert.equal((await of('erase', names.build!)).id, names.build);
    await gb('job-artifacts', 'remove', '--project-id', id, '--job-id', names.build!);
  });

  test('makes, shows, cancels, retries and removes pipelines', async (id) => {
    const of = <T = Shown>(verb: string, ...words: (string | number)[]) =>
      gb<T>('pipelines', verb, '--project-id', id, ...words);
    const made = await of('create', '--ref', 'released');
    assert.equal(made.source, 'api');
    const [all, latest, report, summary] = await Promise.all([
      of<Shown[]>('all', '--ref', 'released'),
      of('show-latest', '--ref', 'released'),
      of<{ total_count: number }>('show-test-report', '--pipeline-id', made.id),
      of<{ total: { count: number } }>('show-test-report-summary', '--pipeline-id', made.id),
    ]);
    assert.ok(all.some((pipeline) => pipeline.id === made.id));
    assert.equal(latest.id, made.id);
    assert.deepEqual([report.total_count, summary.total.count], [0, 0]);
    assert.equal((await of('cancel', '--pipeline-id', made.id)).status, 'canceled');
    assert.equal((await of('retry', '--pipeline-id', made.id)).id, made.id);
    const [shown, variables] = await Promise.all([
      of('show', '--pipeline-id', made.id),
      of<unknown[]>('all-variables', '--pipeline-id', made.id),
    ]);
    assert.deepEqual([shown.id, shown.source, variables], [made.id, 'api', []]);
    await of('remove', '--pipeline-id', made.id);
    await assert.rejects(of('show', '--pipeline-id', made.id));
  });

  test('manages trigger tokens, schedules and their variables', async (id) => {
    const of = <T = Shown>(family: string, verb: string, ...words: (string | number)[]) =>
      gb<T>(family, verb, '--project-id', id, ...words);
    const [trigger, schedule] = await Promise.all([
      of<{ id: number; token: string }>('pipeline-trigger-tokens', 'create', '--description', 'bot'),
      of(
        'pipeline-schedules',
        'create',
        '--description',
        'nightly',
        '--ref',
        'released',
        '--cron',
        '0 1 * * *',
      ),
    ]);
    const aTrigger = ['--trigger-id', trigger.id];
    const aSchedule = ['--pipeline-schedule-id', schedule.id];
    const aVariable = [...aSchedule, '--key', 'A', '--value'];
    const [edited, made, weekly] = await Promise.all([
      of<{ description: string }>('pipeline-trigger-tokens', 'edit', ...aTrigger, '--description', 'robot'),
      of<{ key: string }>('pipeline-schedule-variables', 'create', ...aVariable, 'b'),
      of<{ active: boolean }>('pipeline-schedules', 'edit', ...aSchedule, '--active', 'false'),
    ]);
    assert.deepEqual([edited.description, made.key, weekly.active], ['robot', 'A', false]);
    const [triggers, one, changed, schedules, taken] = await Promise.all([
      of<Shown[]>('pipeline-trigger-tokens', 'all'),
      of('pipeline-trigger-tokens', 'show', ...aTrigger),
      of<{ value: string }>('pipeline-schedule-variables', 'edit', ...aVariable, 'c'),
      of<Shown[]>('pipeline-schedules', 'all'),
      of('pipeline-schedules', 'take-ownership', ...aSchedule),
      of('pipeline-schedules', 'run', ...aSchedule),
    ]);
    assert.deepEqual([triggers.length, one.id, changed.value], [1, trigger.id, 'c']);
    assert.deepEqual([schedules.length, taken.id], [1, schedule.id]);
    const [shown, started] = await Promise.all([
      of<{ variables: { value: string }[] }>('pipeline-schedules', 'show', ...aSchedule),
      of<Shown[]>('pipeline-schedules', 'all-triggered-pipelines', ...aSchedule),
      of('pipeline-trigger-tokens', 'remove', ...aTrigger),
    ]);
    assert.deepEqual([shown.variables[0]?.value, started[0]?.source], ['c', 'schedule']);
    await of('pipeline-schedules', 'remove', ...aSchedule);
  });

  test('shows and changes runners, and checks a configuration', async (id) => {
    const [runner] = await gb<Shown[]>('runners', 'all', '--project-id', id);
    const aRunner = ['--runner-id', runner!.id];
    const [shown, jobs, lint] = await Promise.all([
      gb<Shown>('runners', 'show', ...aRunner),
      gb<Shown[]>('runners', 'all-jobs', ...aRunner, '--status', 'success'),
      gb<{ valid: boolean }>('lint', 'lint', '--project-id', id, '--content', 'a: {script: [x]}'),
    ]);
    assert.deepEqual([shown.status, lint.valid], ['online', true]);
    assert.ok(jobs.every(({ name }) => name === 'build'));
    const edited = await gb<{ description: string }>('runners', 'edit', ...aRunner, '--description', 'mine');
    assert.equal(edited.description, 'mine');
  });
});
