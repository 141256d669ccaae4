import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { ROOT_TOKEN } from '../start-server.ts';
import { until } from '../until.ts';
import { unzip } from '../unzip.ts';
import { forEachMake } from './runner-makes.ts';
import type { RunnerSite } from './runner-site.ts';

const CONFIG = readFileSync(new URL('./every-part/.gitlab-ci.yml', import.meta.url), 'utf8');
const MASKED = 'M4sk3d-Value_of-a-Project';

/** What the job of that name uploads, by the format that each type has (runner-api 5). */
const REPORTS = {
  gzip: ['junit', 'dotenv', 'cobertura', 'metrics', 'cyclonedx', 'annotations', 'repository_xray'],
  zip: ['lsif'],
  raw: [
    'codequality',
    'sast',
    'secret_detection',
    'dependency_scanning',
    'container_scanning',
    'cluster_image_scanning',
    'dast',
    'performance',
    'browser_performance',
    'load_performance',
    'license_scanning',
    'terraform',
    'accessibility',
    'coverage_fuzzing',
    'api_fuzzing',
    'requirements',
    'requirements_v2',
    'sarif',
  ],
};

forEachMake('and what it is given', ({ site, test }) => {
  test('runs a pipeline with every part of the payload', async () => {
    const here = await site();
    await pushEveryPart(here);
    const runner = await here.start({ concurrent: 4 });
    const pipeline = await here.pipeline('every');
    const jobs = await here.jobs('every');
    const bad: string[] = [];
    for (const job of jobs.values()) {
      if (job.status !== 'success') bad.push(`${job.name}: ${job.status} ${job.failure_reason}`);
    }
    const logs = await Promise.all(
      [...jobs.values()].filter((job) => job.status === 'failed').map((job) => here.log('every', job.id)),
    );
    assert.deepEqual(
      bad.sort(),
      ['exit code allowed: failed script_failure', 'too long: failed job_execution_timeout'],
      logs.join('\n-----\n'),
    );
    assert.equal(pipeline.status, 'success');
    await runner.stop();
  });

  test('shows what scripts and hooks said, in order', async () => {
    const here = await site();
    const { id } = await here.job('every', 'steps', 'success');
    const log = await here.log('every', id);
    const order = [
      'hook of steps',
      '\nbefore',
      '\nscript',
      'after: success, nothing from before',
      'Job succeeded',
    ];
    const places = order.map((text) => log.indexOf(text));
    assert.ok(
      places.every((place, at) => place > (places[at - 1] ?? 0)),
      `${places} in ${log}`,
    );
  });

  test('never shows a masked value or a job token', async () => {
    const here = await site();
    const { id } = await here.job('every', 'variables:of all kinds', 'success');
    const log = await here.log('every', id);
    assert.match(log, /masked \[\[MASKED\]\] \[\[MASKED\]\[MASKED\]\]/);
    assert.match(log, /\n\[MASKED\]\r?\n/);
    assert.match(log, /token \[MASKED\]/);
    assert.match(log, /protected \[on main\]/);
    for (const job of (await here.jobs('every')).values()) {
      const text = await here.log('every', job.id);
      assert.ok(!text.includes(MASKED) && !/glcbt-\w{12}/.test(text), job.name);
    }
  });

  test('hands over archive and reports as they were made', async () => {
    const here = await site();
    const job = await here.job('every', 'archive', 'success');
    assert.deepEqual(job.artifacts.map(({ file_type, filename }) => [file_type, filename]).sort(), [
      ['archive', 'of-main.zip'],
      ['dotenv', '.env.gz'],
      ['junit', 'junit.xml.gz'],
      ['metadata', 'metadata.gz'],
      ['sast', 'gl-sast-report.json'],
      ['trace', 'job.log'],
    ]);
    const left = Date.parse(job.artifacts_expire_at!) - Date.parse(job.finished_at!);
    assert.ok(Math.abs(left - 2 * 86_400_000) < 60_000, String(left));
    const archive = await here.server.api('GET', `/projects/root%2Fevery/jobs/${job.id}/artifacts`);
    const files = await unzip(archive.bytes);
    assert.deepEqual(files.get('out/deep/bytes'), Buffer.from([0, 255]));
    assert.ok(files.has('untracked.txt') && !files.has('out/left.log'));
    const pipeline = await here.pipeline('every');
    const report = await here.server.api<{ total_count: number; failed_count: number }>(
      'GET',
      `/projects/root%2Fevery/pipelines/${pipeline.id}/test_report`,
    );
    assert.deepEqual([report.body.total_count, report.body.failed_count], [2, 1]);
  });

  test('prints a coverage that is read from the beginning of its line', async () => {
    const here = await site();
    const { id } = await here.job('every', 'covered', 'success');
    const job = await here.server.api<{ coverage: number }>('GET', `/projects/root%2Fevery/jobs/${id}`);
    assert.equal(job.body.coverage, 85);
  });

  test('hands over every kind of report in its format', async () => {
    const here = await site();
    const uploads = async (name: string) =>
      (await here.job('every', name, 'success')).artifacts
        .filter(({ file_type }) => file_type !== 'trace')
        .map(({ file_type, file_format }) => [file_type, file_format]);
    assert.deepEqual(
      Object.fromEntries(await uploads('every kind of report')),
      Object.fromEntries(
        Object.entries(REPORTS).flatMap(([format, types]) => types.map((type) => [type, format])),
      ),
    );
    // A job has one format of coverage.
    assert.deepEqual(await uploads('coverage of another kind'), [['jacoco', 'gzip']]);
  });

  test('gets the commit of its pipeline though the branch has moved on, or is gone', async () => {
    const here = await site();
    const config = (text: string, depth = 20) => `
      workflow: {auto_cancel: {on_new_commit: none}}
      job:
        variables: {GIT_DEPTH: "${depth}"}
        script: ['echo "$(cat file), ${text}"', '[ ! -e ran ]']`;
    const git = await here.push('moved', { '.gitlab-ci.yml': config('first'), file: 'one' });
    const url = here.server.gitUrl('root/moved');
    const odd = "main:refs/heads/x';touch${IFS}ran;'";
    await git.ok('push', '-q', url, 'main:topic', odd);
    await git.ok('checkout', '-q', '--orphan', 'other');
    await git.commit({ '.gitlab-ci.yml': config('second'), file: 'two' }, 'Nothing in common');
    await git.ok('push', '-q', '--force', url, 'other:topic');
    // Of a branch by its name nothing can be fetched when it is gone; with all branches comes the pipeline's own ref.
    await git.commit({ '.gitlab-ci.yml': config('third', 0) }, 'Whole history');
    await git.ok('push', '-q', url, 'other:gone');
    await git.ok('push', '-q', url, ':gone');
    const runner = await here.start({ concurrent: 3 });
    const { body } = await until(
      'all jobs to end',
      async () => {
        const path = '/projects/root%2Fmoved/jobs';
        const jobs = await here.server.api<{ id: number; status: string }[]>('GET', path);
        const over = jobs.body.every(({ status }) => status === 'success' || status === 'failed');
        return jobs.body.length === 5 && over ? jobs : undefined;
      },
      { limitMs: 120_000 },
    );
    const logs = await Promise.all(body.map(({ id }) => here.log('moved', id)));
    const said = logs.map((log) => /\n(one|two), (first|second|third)\r?\n/.exec(log)?.slice(1).join(', '));
    const expected = ['one, first', 'one, first', 'one, first', 'two, second', 'two, third'];
    assert.deepEqual(said.sort(), expected, logs.join('\n-----\n'));
    assert.ok(
      body.every(({ status }) => status === 'success'),
      logs.join('\n-----\n'),
    );
    await runner.stop();
  });

  test('gives each job clean sources, whatever the ones before did to them', async () => {
    const here = await site();
    const clean = 'test -z "$(git status --porcelain --ignored)" -a ! -e empty -a "$(cat kept)" = kept';
    const scripts = [
      [clean],
      [clean],
      [clean, 'echo lost > kept', 'mkdir -p empty/deep', 'touch new ignored'],
      [clean, 'git add -f .gitignore ignored 2>/dev/null || rm kept'],
      [clean, 'touch -r kept stamp', 'echo lost > kept', 'touch -r stamp kept', 'rm stamp'],
      [clean],
    ];
    const jobs = scripts.map((script, n) => [
      `job ${n}`,
      { script, ...(n === 0 ? {} : { needs: [`job ${n - 1}`] }) },
    ]);
    const config = JSON.stringify(Object.fromEntries(jobs));
    await here.push('clean', { '.gitlab-ci.yml': config, kept: 'kept\n', '.gitignore': 'ignored\n' });
    const runner = await here.start({ concurrent: 1 });
    for (const n of scripts.keys()) await here.job('clean', `job ${n}`, 'success');
    await runner.stop();
  });

  test('retries by exit code, and a matrix tells its jobs apart', async () => {
    const here = await site();
    const { body } = await here.server.api<{ name: string; status: string }[]>(
      'GET',
      '/projects/root%2Fevery/jobs?per_page=100',
    );
    const attempts = body.filter(({ name }) => name === 'retried').map(({ status }) => status);
    assert.deepEqual(attempts, ['success', 'failed']);
    for (const kind of ['small', 'big']) {
      const { id } = await here.job('every', `matrix: [${kind}, left]`, 'success');
      assert.match(await here.log('every', id), new RegExp(`\\n${kind} left \\d/2`));
    }
    assert.equal((await here.job('every', 'exit code allowed', 'failed')).allow_failure, true);
  });

  test('sends its log each second to who follows it, and seldom to nobody', async () => {
    const here = await site();
    const script = 'for n in $(seq 16); do echo "at $(date +%s%3N)"; sleep 0.5; done';
    const job = { variables: { GIT_STRATEGY: 'none' }, script };
    await here.push('looked', { '.gitlab-ci.yml': JSON.stringify({ watched: job, unwatched: job }) });
    const ids = [...(await here.jobs('looked')).values()].map(({ id }) => id);
    const [watched] = ids;
    const runner = await here.start({ concurrent: 2 });
    const lags: number[] = [];
    const path = `/api/v4/projects/root%2Flooked/jobs/${watched}/trace/stream`;
    const stream = await fetch(here.server.url + path, { headers: { 'PRIVATE-TOKEN': ROOT_TOKEN } });
    for await (const line of createInterface({ input: Readable.from(stream.body!) })) {
      for (const [, at] of line.matchAll(/at (\d{13})/g)) lags.push(Date.now() - Number(at));
    }
    await here.job('looked', 'unwatched', 'success');
    await runner.stop();
    // A runner begins with its own pace.
    const median = lags.slice(8).sort((a, b) => a - b)[4]!;
    assert.ok(lags.length === 16 && median < 2000, `lags of ${lags} ms`);
    const arrivals = await Promise.all(
      ids.map(async (id) => {
        const path = `/projects/root%2Flooked/jobs/${id}/trace/index`;
        return (await here.server.api<{ times: unknown[] }>('GET', path)).body.times.length;
      }),
    );
    assert.ok(arrivals[0]! > arrivals[1]! + 2, `${arrivals} parts`);
  });

  test('runs twenty jobs at once, each once', async () => {
    const here = await site();
    const config =
      'many: {parallel: 20, variables: {GIT_STRATEGY: none}, script: ["echo job $CI_NODE_INDEX", "sleep 6"]}';
    await here.push('many', { '.gitlab-ci.yml': config });
    const runner = await here.start({ concurrent: 20 });
    let most = 0;
    await until('the pipeline to end', async () => {
      const jobs = [...(await here.jobs('many')).values()];
      most = Math.max(most, jobs.filter((job) => job.status === 'running').length);
      return jobs.every((job) => job.status === 'success') || undefined;
    });
    await runner.stop();
    const jobs = [...(await here.jobs('many')).values()];
    assert.equal(jobs.length, 20);
    for (const job of jobs) {
      const log = await here.log('many', job.id);
      assert.equal(log.match(/\njob \d+\r?\n/g)?.length, 1, log);
    }
    assert.ok(most >= 10, `${most} at once`);
  });
});

/** The project with its variables, and the project of its submodule, which lets its job tokens in. */
async function pushEveryPart(here: RunnerSite): Promise<void> {
  const { api } = here.server;
  const made = await api<{ id: number }>('POST', '/projects', { body: { name: 'every' } });
  const part = await here.push('part', { 'part.txt': 'a part\n' });
  const scope = await api('POST', '/projects/root%2Fpart/job_token_scope/allowlist', {
    body: { target_project_id: made.body.id },
  });
  assert.equal(scope.status, 201);
  const variables = [
    { key: 'A_FILE', value: 'content of a file', variable_type: 'file' },
    { key: 'EXPANDED_SECRET', value: '$GREETING secret' },
    { key: 'RAW_SECRET', value: '$GREETING secret', raw: true },
    { key: 'MASKED_SECRET', value: MASKED, masked: true },
    { key: 'PROTECTED_SECRET', value: 'on main', protected: true },
  ];
  for (const body of variables) {
    assert.equal((await api('POST', '/projects/root%2Fevery/variables', { body })).status, 201);
  }
  const git = await here.prepare({ 'one.txt': '1' }, { 'two.txt': '2' });
  await git.ok('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', part.directory, 'part');
  await git.ok('config', '-f', '.gitmodules', 'submodule.part.url', '../part.git');
  await git.commit({ '.gitlab-ci.yml': CONFIG }, 'Every part');
  await git.ok('push', '-q', here.server.gitUrl('root/every'), 'main');
}
