import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ENGINES, type Engine } from '../databases.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { freePort, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';
import { countedLines, countingScript, expectedLines } from './counted-log.ts';
import { CuttableProxy } from './cuttable-proxy.ts';
import { forEachMake, MAKES, type Make, testOf } from './runner-makes.ts';
import { RunnerSite } from './runner-site.ts';

/** How long the network is away, milliseconds; for the program that every run of the tests has, a shorter time. */
const cutMs = ({ name }: Make) =>
  Number(process.env.CUT_SECONDS ?? (name === 'the built-in runner' ? 6 : 20)) * 1000;
/** Size of the big log, MB. */
const BIG_LOG_MB = Number(process.env.BIG_LOG_MB ?? 50);

/** A script that goes on for 40 s; one that said nothing would hear of its end after the runner's 30 s of silence only. */
const TALKING = 'for n in $(seq 40); do echo "still here $n"; sleep 1; done';

/** A configuration with one job that says so many lines. */
function counting(lines: number, pauseSeconds: number): string {
  const script = [countingScript(lines, pauseSeconds), 'echo counted'];
  return JSON.stringify({ job: { variables: { GIT_STRATEGY: 'none' }, script } });
}

forEachMake('in trouble', ({ make, site, test }) => {
  test('a cancelled job stops its script and is canceled', async () => {
    const here = await site();
    const runner = await here.start();
    const config = {
      long: {
        variables: { GIT_STRATEGY: 'none' },
        script: ['echo begun', TALKING, 'echo not reached'],
        after_script: ['echo "after: $CI_JOB_STATUS"'],
      },
    };
    await here.push('cancel', { '.gitlab-ci.yml': JSON.stringify(config) });
    const { id } = await here.job('cancel', 'long', 'running');
    await here.logHas('cancel', id, '\nbegun');
    const path = `/projects/root%2Fcancel/jobs/${id}/cancel`;
    const { body } = await here.server.api<{ status: string }>('POST', path);
    const graceful = body.status === 'canceling';
    const begun = Date.now();
    await here.job('cancel', 'long', 'canceled');
    // The runner learns of it when it sends the next part of the log, and is free long before the script would have ended.
    await here.push('after-cancel', {
      '.gitlab-ci.yml': 'next: {variables: {GIT_STRATEGY: none}, script: echo free}',
    });
    await here.job('after-cancel', 'next', 'success');
    assert.ok(Date.now() - begun < 25_000);
    const log = await here.log('cancel', id);
    assert.ok(!log.includes('\nnot reached'), log);
    assert.equal(/after: canceled/.test(log), graceful, log);
    await runner.stop();
  });

  test('a job that is cancelled while it cleans up is canceled when that is done', async () => {
    const here = await site();
    const runner = await here.start();
    const config = {
      tidy: {
        variables: { GIT_STRATEGY: 'none' },
        script: ['echo done'],
        after_script: [
          'echo tidying',
          'for n in 1 2 3 4 5 6 7 8; do echo "tidying $n"; sleep 1; done',
          'echo tidy',
        ],
      },
    };
    await here.push('tidy', { '.gitlab-ci.yml': JSON.stringify(config) });
    const { id } = await here.job('tidy', 'tidy', 'running');
    await here.logHas('tidy', id, '\ntidying 1');
    const { body } = await here.server.api<{ status: string }>(
      'POST',
      `/projects/root%2Ftidy/jobs/${id}/cancel`,
    );
    assert.equal(body.status, 'canceling');
    await here.job('tidy', 'tidy', 'canceled');
    await runner.stop();
  });

  test('a job whose end is forced is given up by its runner', async () => {
    const here = await site();
    const runner = await here.start();
    const config = {
      long: {
        variables: { GIT_STRATEGY: 'none' },
        script: ['echo begun', TALKING],
        after_script: ['sleep 30'],
      },
    };
    await here.push('force', { '.gitlab-ci.yml': JSON.stringify(config) });
    const { id } = await here.job('force', 'long', 'running');
    await here.logHas('force', id, '\nbegun');
    const path = `/projects/root%2Fforce/jobs/${id}/cancel`;
    await here.server.api('POST', path);
    await here.server.api('POST', path, { body: { force: true } });
    assert.equal((await here.jobs('force')).get('long')?.status, 'canceled');
    const begun = Date.now();
    await here.push('after-force', {
      '.gitlab-ci.yml': 'next: {variables: {GIT_STRATEGY: none}, script: echo free}',
    });
    await here.job('after-force', 'next', 'success');
    assert.ok(Date.now() - begun < 25_000);
    await runner.stop();
  });

  test('a runner that was killed leaves its job silent, and works on when it is back', async () => {
    const here = await site();
    const runner = await here.start();
    // The script goes with its runner, so that nothing is left of the test.
    const config = {
      silent: {
        variables: { GIT_STRATEGY: 'none' },
        script: ['echo begun', 'while [ "$(ps -o ppid= -p $$)" -ne 1 ]; do sleep 0.2; done'],
      },
    };
    await here.push('killed', { '.gitlab-ci.yml': JSON.stringify(config) });
    const { id } = await here.job('killed', 'silent', 'running');
    await here.logHas('killed', id, '\nbegun');
    await runner.stop('SIGKILL');
    await runner.start();
    await here.push('after-kill', {
      '.gitlab-ci.yml': 'next: {variables: {GIT_STRATEGY: none}, script: echo back}',
    });
    await here.job('after-kill', 'next', 'success');
    // Nobody else gets the silent job; until the clock takes it back, a user may end it.
    assert.equal((await here.jobs('killed')).get('silent')?.status, 'running');
    const path = `/projects/root%2Fkilled/jobs/${id}/cancel`;
    await here.server.api('POST', path);
    await here.server.api('POST', path, { body: { force: true } });
    assert.equal((await here.jobs('killed')).get('silent')?.status, 'canceled');
    const again = await here.server.api<{ id: number }>('POST', `/projects/root%2Fkilled/jobs/${id}/retry`);
    assert.equal(again.status, 201);
    await here.logHas('killed', again.body.id, '\nbegun');
    await here.server.api('POST', `/projects/root%2Fkilled/jobs/${again.body.id}/cancel`);
    await runner.stop();
  });

  test(`a network that is away for ${cutMs(make) / 1000} s loses and doubles no byte of a log`, async () => {
    const here = await site();
    const proxy = await CuttableProxy.open(Number(new URL(here.server.url).port));
    const runner = await here.start({ url: proxy.url });
    await here.push('cut', { '.gitlab-ci.yml': counting(300, 0.08) });
    const { id } = await here.job('cut', 'job', 'running');
    await here.logHas('cut', id, '\nline 5 ');
    proxy.cut();
    await pause(cutMs(make));
    proxy.mend();
    await here.job('cut', 'job', 'success');
    assert.deepEqual(countedLines(await here.log('cut', id)), expectedLines(300));
    await runner.stop();
    await proxy.close();
  });

  const bigLog = async (mb: number) => {
    const here = await site();
    const runner = await here.start({ outputLimitKib: 1024 * 1024 });
    const config = {
      big: { variables: { GIT_STRATEGY: 'none' }, script: [`seq -f %049.0f 1 ${mb * 20_000}`] },
    };
    const name = `big-${mb}`;
    await here.push(name, { '.gitlab-ci.yml': JSON.stringify(config) });
    const job = await here.job(name, 'big', 'success', 'failed');
    await runner.stop();
    const numbers = (await here.log(name, job.id)).match(/^0\d{48}(?=\r?$)/gm) ?? [];
    assert.ok(numbers.every((number, index) => Number(number) === index + 1));
    return { job, lines: numbers.length };
  };
  const limitLogs = async (mb: number) => {
    const body = { ci_jobs_trace_size_limit: mb };
    assert.equal((await (await site()).server.api('PUT', '/application/settings', { body })).status, 200);
  };

  test(`a log of ${BIG_LOG_MB} MB arrives whole`, async () => {
    await limitLogs(BIG_LOG_MB * 2);
    const { job, lines } = await bigLog(BIG_LOG_MB);
    assert.deepEqual([job.status, lines], ['success', BIG_LOG_MB * 20_000]);
  }, 240_000);

  test('a log beyond the limit ends its job', async () => {
    await limitLogs(2);
    const { job, lines } = await bigLog(5);
    assert.deepEqual([job.status, job.failure_reason], ['failed', 'trace_size_exceeded']);
    assert.ok(lines > 0 && lines < (2 * 1024 * 1024) / 50, String(lines));
    await limitLogs(100);
  });
});

for (const make of MAKES) {
  for (const engine of ENGINES) {
    describe(`${make.name} and a server that is killed (${engine})`, () => {
      testOf(make)('and started again during a job gets its log whole', () => killTheServer(make, engine));
    });
  }
}

async function killTheServer({ make }: Make, engine: Engine): Promise<void> {
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment = database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const options = { data: temporaryDirectory(), port: await freePort(), environment };
  let server = await spawnServer(options);
  const here = new RunnerSite(server, make);
  try {
    await here.start();
    await here.push('kill', { '.gitlab-ci.yml': counting(300, 0.05) });
    const { id } = await here.job('kill', 'job', 'running');
    for (const line of [5, 100, 200]) {
      await here.logHas('kill', id, `\nline ${line} `);
      await server.end('SIGKILL');
      await pause(2000);
      server = await spawnServer(options);
      await until(
        'the server to answer',
        async () => (await server.api('GET', '/version')).status === 200 || undefined,
      );
    }
    await here.job('kill', 'job', 'success');
    assert.deepEqual(countedLines(await here.log('kill', id)), expectedLines(300));
  } finally {
    await here.leave();
    await server.end('SIGKILL');
    await database?.drop();
    rmSync(options.data, { recursive: true });
  }
}
