import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ENGINES } from '../../../test/databases.ts';
import { JobWorld } from '../../../test/job-world.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { changeInstanceSettings } from '../../project/instance-settings.ts';

const YAML = 'one: {script: exit}\ntwo: {script: exit}\n';
for (const engine of ENGINES) {
  describe(`the log of a job (${engine})`, () => {
    let world: JobWorld;
    before(async () => {
      world = await JobWorld.open(engine);
    });
    after(() => world.close());

    async function runningJob(yaml = YAML): Promise<JobRow> {
      const { one } = await world.pipeline(yaml);
      await world.run(one!);
      return one!;
    }

    describe('PATCH of a trace', () => {
      it('appends at the end: 202 with the new size, the status and the interval', async () => {
        const job = await runningJob();
        const { status, headers, text } = await world.append(job, 0, 'hello\n');
        assert.deepEqual([status, text], [202, '']);
        assert.equal(headers.range, '0-6');
        assert.equal(headers['job-status'], 'running');
        assert.equal(headers['x-gitlab-trace-update-interval'], '60');
        assert.equal((await world.append(job, 6, 'world\n')).headers.range, '0-12');
        assert.equal(
          (await world.ask(world.path(job, '/trace'), { as: 'developer' })).text,
          'hello\nworld\n',
        );
        assert.equal((await world.append(job, 12, '')).status, 202);
        assert.equal((await world.append(job, 12, 'x')).headers['x-gitlab-trace-update-interval'], '3');
      });

      it('is sent often from the start to a reader who came before the first output', async () => {
        const job = await runningJob();
        assert.equal((await world.ask(world.path(job, '/trace'), { as: 'developer' })).text, '');
        assert.equal((await world.append(job, 0, 'x')).headers['x-gitlab-trace-update-interval'], '3');
      });

      it('refuses what begins elsewhere: 416 with the stored size, nothing written', async () => {
        const job = await runningJob();
        await world.append(job, 0, 'hello\n');
        for (const start of [0, 3, 7, 99_999_999_999]) {
          const { status, headers, json } = await world.append(job, start, 'hello\n');
          assert.deepEqual([status, headers.range, headers['job-status']], [416, '0-6', 'running']);
          assert.deepEqual(json, { error: '416 Range Not Satisfiable' });
        }
      });

      it('may take its time, as behind a thin line', async (t) => {
        const job = await runningJob();
        t.mock.timers.enable({ apis: ['setTimeout'] });
        async function* slowly() {
          yield Buffer.from('hello');
          const soon = performance.now() + 200;
          while (performance.now() < soon) await new Promise((resolve) => setImmediate(resolve));
          t.mock.timers.tick(9 * 60_000);
          t.mock.timers.reset();
          yield Buffer.from(' world');
        }
        const { status, headers } = await world.ask(`/api/v4/jobs/${job.id}/trace`, {
          method: 'PATCH',
          jobToken: world.tokenOf(job),
          headers: { 'content-range': '0-10' },
          body: slowly(),
        });
        assert.deepEqual([status, headers.range], [202, '0-11']);
      });

      it('asks for Content-Range: 400', async () => {
        const job = await runningJob();
        const token = world.tokenOf(job);
        for (const headers of [{}, { 'content-range': 'lines 1-2' }]) {
          const { status } = await world.ask(`/api/v4/jobs/${job.id}/trace`, {
            method: 'PATCH',
            jobToken: token,
            headers,
            body: 'x',
          });
          assert.equal(status, 400);
        }
      });

      it('is for the job itself only, while it runs: 403, with Job-Status for a job that ended', async () => {
        const { one, two } = await world.pipeline(YAML);
        const token = await world.run(one!);
        await world.run(two!);
        const ask = (id: number, jobToken?: string) =>
          world.ask(`/api/v4/jobs/${id}/trace`, {
            method: 'PATCH',
            headers: { 'content-range': '0-0' },
            body: 'x',
            ...(jobToken === undefined ? {} : { jobToken }),
          });
        assert.deepEqual(await statusOf(ask(two!.id, token)), [403, undefined]);
        assert.deepEqual(await statusOf(ask(one!.id, 'glcbt-nonsense')), [403, undefined]);
        assert.deepEqual(await statusOf(ask(one!.id)), [403, undefined]);
        assert.deepEqual(await statusOf(ask(999_999, token)), [403, undefined]);
        assert.deepEqual(await statusOf(ask(one!.id, token)), [202, 'running']);
        await world.move(one!, { type: 'success' });
        assert.deepEqual(await statusOf(ask(one!.id, token)), [403, 'success']);
      });

      it('past the size limit fails the job: 403, and the status says so', async () => {
        const limited = (mib: number) =>
          world.world.db.transaction((tx) => changeInstanceSettings(tx, { ci_jobs_trace_size_limit: mib }));
        const mib = 'x'.repeat(1024 * 1024);
        for (const [limit, parts] of [
          [1, 1],
          [3, 3],
        ] as const) {
          await limited(limit);
          const job = await runningJob();
          for (let part = 0; part < parts; part++)
            assert.equal((await world.append(job, part * mib.length, mib)).status, 202);
          const { status, headers } = await world.append(job, parts * mib.length, 'x');
          assert.deepEqual([status, headers['job-status']], [403, 'failed']);
          assert.equal((await world.job(job)).failureReason, 'trace_size_exceeded');
          await world.traces.archive(job.id, job.projectId, world.now);
        }
        await limited(0);
        const job = await runningJob();
        for (let part = 0; part < 4; part++)
          assert.equal((await world.append(job, part * mib.length, mib)).status, 202);
        await limited(100);
      });

      it('with a body of more than 8 MiB is 413', async () => {
        const job = await runningJob();
        assert.equal((await world.append(job, 0, 'x'.repeat(8 * 1024 * 1024 + 1))).status, 413);
        assert.equal((await world.append(job, 0, 'fine')).headers.range, '0-4');
      });

      it('with debug_trace at the start shuts readers below developer out, for good', async () => {
        const job = await runningJob();
        await world.append(job, 0, 'secret', '?debug_trace=true');
        await world.append(job, 6, 'more', '?debug_trace=false');
        const seen = await Promise.all(
          ['guest', 'reporter', 'developer', 'maintainer'].map(
            async (as) => (await world.ask(world.path(job, '/trace'), { as })).status,
          ),
        );
        assert.deepEqual(seen, [403, 403, 200, 200]);
      });
    });

    describe('GET of a trace', () => {
      it('sends the bytes with exactly these headers', async () => {
        const job = await runningJob();
        await world.append(job, 0, '\u001b[0;m ü section_start:1:x\r\n');
        const { status, headers, text } = await world.ask(world.path(job, '/trace'), { as: 'reporter' });
        assert.equal(status, 200);
        assert.equal(headers['content-type'], 'text/plain');
        assert.equal(headers['content-disposition'], `infile; filename="${job.id}.log"`);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(text, '\u001b[0;m ü section_start:1:x\r\n');
      });

      it('is the same after the log was archived', async () => {
        await world.traces.archiveFinished(100, world.now); // of the jobs above
        const job = await runningJob();
        await world.append(job, 0, 'kept');
        await world.move(job, { type: 'success' });
        assert.equal(await world.traces.archiveFinished(100, world.now), 1);
        const { status, text, headers } = await world.ask(world.path(job, '/trace'), { as: 'guest' });
        assert.deepEqual([status, text, headers['content-length']], [200, 'kept', '4']);
      });

      it('is empty without a log', async () => {
        const { two } = await world.pipeline(YAML);
        const { status, text, headers } = await world.ask(world.path(two!, '/trace'), { as: 'reporter' });
        assert.deepEqual([status, text, headers['content-type']], [200, '', 'text/plain']);
      });

      it('is refused as the contract orders it', async () => {
        const job = await runningJob();
        const ask = async (path: string, as?: string) => {
          const { status, json } = await world.ask(path, as === undefined ? {} : { as });
          return [status, (json as { message: string }).message];
        };
        assert.deepEqual(await ask(world.path(job, '/trace')), [401, '401 Unauthorized']);
        assert.deepEqual(await ask(world.path(job, '/trace'), 'stranger'), [404, '404 Project Not Found']);
        assert.deepEqual(await ask(world.path({ ...job, id: 999_999 }, '/trace'), 'reporter'), [
          404,
          '404 Not found',
        ]);
        const withToken = await world.ask(world.path(job, '/trace'), { jobToken: world.tokenOf(job) });
        assert.equal(withToken.status, 401);
      });

      it('of a job whose own variables ask for debug is for developers', async () => {
        const job = await runningJob('one: {script: exit, variables: {CI_DEBUG_TRACE: "true"}}\n');
        await world.append(job, 0, 'x');
        assert.equal((await world.ask(world.path(job, '/trace'), { as: 'reporter' })).status, 403);
        assert.equal((await world.ask(world.path(job, '/trace'), { as: 'developer' })).status, 200);
      });
    });

    async function statusOf(reply: Promise<{ status: number; headers: Record<string, unknown> }>) {
      const { status, headers } = await reply;
      return [status, headers['job-status']];
    }
  });
}
