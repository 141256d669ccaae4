import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { craftZip } from '../../../test/craft-zip.ts';
import { ENGINES } from '../../../test/databases.ts';
import { JobWorld } from '../../../test/job-world.ts';
import { type Artifact, artifactsOf } from '../../artifact/artifact.ts';
import { sweepOrphans } from '../../artifact/delete.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { variablesOfJobs } from '../../pipeline/job-variables.ts';
import { changeInstanceSettings } from '../../project/instance-settings.ts';

const DAY = 24 * 3600 * 1000;
const YAML = 'one: {script: exit, artifacts: {paths: [x]}}\ntwo: {script: exit}\n';
const ZIP = craftZip([{ name: 'dist/a.txt', data: 'hello' }]);
for (const engine of ENGINES) {
  describe(`files of a job (${engine})`, () => {
    let world: JobWorld;
    before(async () => {
      world = await JobWorld.open(engine);
    });
    after(() => world.close());

    async function running(yaml = YAML): Promise<JobRow> {
      const { one } = await world.pipeline(yaml);
      await world.run(one!);
      return one!;
    }

    async function stored(
      job: JobRow,
    ): Promise<Pick<Artifact, 'type' | 'format' | 'filename' | 'size' | 'accessibility' | 'expireAt'>[]> {
      const artifacts = (await artifactsOf(world.world.db.read, [job.id])).get(job.id) ?? [];
      return artifacts.map(({ type, format, filename, size, accessibility, expireAt }) => ({
        type,
        format,
        filename,
        size,
        accessibility,
        expireAt,
      }));
    }

    async function types(job: JobRow): Promise<string[]> {
      return (await stored(job)).map(({ type }) => type);
    }

    describe('an upload', () => {
      it('of the archive is stored with its metadata and expires by default in 30 days', async () => {
        const job = await running();
        const { status } = await world.upload(job, ZIP);
        assert.equal(status, 201);
        const [archive, metadata] = await stored(job);
        const expireAt = world.now + 30 * DAY;
        assert.deepEqual(archive, {
          type: 'archive',
          format: 'zip',
          filename: 'artifacts.zip',
          size: ZIP.length,
          accessibility: 'public',
          expireAt,
        });
        assert.deepEqual(
          [metadata?.type, metadata?.format, metadata?.filename],
          ['metadata', 'gzip', 'metadata.gz'],
        );
        assert.equal((await world.job(job)).artifactsExpireAt, expireAt);
        const [row] = (await artifactsOf(world.world.db.read, [job.id])).get(job.id)!;
        assert.equal(row!.sha256, createHash('sha256').update(ZIP).digest('hex'));
      });

      const expiries: [string, number | null | 400][] = [
        ['7 days', 7 * DAY],
        ['1 week', 7 * DAY],
        ['3 mins 4 sec', 184_000],
        ['42', 42_000],
        ['never', null],
        ['0', null],
        ['soon', 400],
        ['1000000 years', 400],
      ];
      for (const [text, expected] of expiries) {
        it(`with expire_in ${text}`, async () => {
          const job = await running();
          const { status } = await world.upload(job, ZIP, `?expire_in=${encodeURIComponent(text)}`);
          if (expected === 400) {
            assert.deepEqual([status, await types(job)], [400, []]);
          } else {
            const [archive] = await stored(job);
            assert.deepEqual(
              [status, archive?.expireAt],
              [201, expected === null ? null : world.now + expected],
            );
          }
        });
      }

      it('takes what is said about the file from the form too', async () => {
        const job = await running();
        const body = [
          '--b\r\nContent-Disposition: form-data; name="artifact_type"\r\n\r\nsast\r\n',
          '--b\r\nContent-Disposition: form-data; name="file"; filename="gl.json"\r\n\r\n{}\r\n',
          '--b\r\nContent-Disposition: form-data; name="artifact_format"\r\n\r\nraw\r\n',
          '--b\r\nContent-Disposition: form-data; name="expire_in"\r\n\r\nnever\r\n--b--\r\n',
        ].join('');
        const { status } = await world.ask(`/api/v4/jobs/${job.id}/artifacts`, {
          method: 'POST',
          jobToken: world.tokenOf(job),
          headers: { 'content-type': 'multipart/form-data; boundary=b' },
          body,
        });
        assert.equal(status, 201);
        const [report] = await stored(job);
        assert.deepEqual(
          [report?.type, report?.format, report?.filename, report?.expireAt],
          ['sast', 'raw', 'gl.json', null],
        );
      });

      const filenames: [string, string | 400][] = [
        ['filename="grün 😀.zip"', 'grün 😀.zip'],
        [`filename="a\\"b.zip"`, 'a"b.zip'],
        [`filename*=UTF-8''%e2%82%ac.zip`, '€.zip'],
        ['filename="../../b.zip"', 'b.zip'],
        ['filename=""', 'artifacts.zip'],
        [`filename*=UTF-8''a%00b.zip`, 400],
      ];
      for (const [said, expected] of filenames) {
        it(`with ${said} is ${expected}`, async () => {
          const job = await running();
          const { status } = await world.ask(`/api/v4/jobs/${job.id}/artifacts`, {
            method: 'POST',
            jobToken: world.tokenOf(job),
            headers: { 'content-type': 'multipart/form-data; boundary=b' },
            body: Buffer.concat([
              Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; ${said}\r\n`),
              Buffer.from('Content-Type: application/octet-stream\r\n\r\n'),
              ZIP,
              Buffer.from('\r\n--b--\r\n'),
            ]),
          });
          const [archive] = await stored(job);
          assert.deepEqual(
            [status, archive?.filename],
            expected === 400 ? [400, undefined] : [201, expected],
          );
        });
      }

      const formats: [string, Buffer, number][] = [
        ['?artifact_type=junit&artifact_format=gzip', gzipSync('<x/>'), 201],
        ['?artifact_type=junit&artifact_format=zip', ZIP, 400],
        ['?artifact_type=junit&artifact_format=gzip', Buffer.from('no gzip'), 400],
        ['?artifact_type=archive&artifact_format=gzip', gzipSync('x'), 400],
        ['?artifact_type=archive', Buffer.from('no zip'), 400],
        ['', craftZip([{ name: 'a' }, { name: 'b', offset: 0 }]), 400],
        ['', ZIP.subarray(0, 50), 400],
        ['?artifact_type=codequality&artifact_format=raw', Buffer.from('[]'), 201],
        ['?artifact_type=trace&artifact_format=raw', Buffer.from('x'), 400],
        ['?artifact_type=metadata&artifact_format=gzip', gzipSync('x'), 400],
        ['?artifact_type=poem', ZIP, 400],
        ['?artifact_format=tarzstd', ZIP, 400],
      ];
      for (const [query, bytes, expected] of formats) {
        it(`of ${bytes.length} bytes as ${query || 'the default'} is ${expected}`, async () => {
          const job = await running();
          assert.equal((await world.upload(job, bytes, query)).status, expected);
          assert.equal((await types(job)).length, expected === 201 ? 1 : 0);
        });
      }

      it('of the same bytes again is 201 and ignored, of others 400', async () => {
        const job = await running();
        await world.upload(job, ZIP);
        assert.equal((await world.upload(job, ZIP)).status, 201);
        const other = await world.upload(job, craftZip([{ name: 'other' }]));
        assert.deepEqual(
          [other.status, other.json],
          [400, { message: 'another artifact of the same type already exists' }],
        );
        assert.deepEqual(await types(job), ['archive', 'metadata']);
      });

      it('twice at once is stored once', async () => {
        const job = await running();
        const statuses = (await Promise.all([1, 2, 3].map(() => world.upload(job, ZIP)))).map(
          ({ status }) => status,
        );
        assert.deepEqual(statuses, [201, 201, 201]);
        assert.deepEqual(await types(job), ['archive', 'metadata']);
      });

      it('without a file is 400', async () => {
        const job = await running();
        const ask = (body: string, type: string) =>
          world.ask(`/api/v4/jobs/${job.id}/artifacts`, {
            method: 'POST',
            jobToken: world.tokenOf(job),
            headers: { 'content-type': type },
            body,
          });
        assert.equal((await ask('{}', 'application/json')).status, 400);
        assert.equal(
          (
            await ask(
              '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n',
              'multipart/form-data; boundary=b',
            )
          ).status,
          400,
        );
      });

      it('is for the running job itself only: 403', async () => {
        const { one, two } = await world.pipeline(YAML);
        const token = await world.run(one!);
        await world.run(two!);
        const ask = (id: number, jobToken: string) =>
          world.ask(`/api/v4/jobs/${id}/artifacts`, {
            method: 'POST',
            jobToken,
            headers: { 'content-type': 'multipart/form-data; boundary=b' },
          });
        assert.equal((await ask(two!.id, token)).status, 403);
        assert.equal((await ask(one!.id, 'glcbt-no')).status, 403);
        await world.move(one!, { type: 'success' });
        assert.equal((await world.upload(one!, ZIP)).status, 403);
      });

      it('of a canceling job is still taken', async () => {
        const { one: job } = (await world.pipeline(YAML, { ref: 'refs/heads/canceled' })) as { one: JobRow };
        await world.run(job);
        await world.world.db.transaction(async (tx) => {
          await tx.sql.updateTable('jobs').set({ status: 'canceling' }).where('id', '=', job.id).execute();
        });
        assert.equal((await world.upload(job, ZIP)).status, 201);
      });

      it('one byte over the limit is 413 while it streams, at the limit it is taken', async () => {
        await world.world.db.transaction((tx) => changeInstanceSettings(tx, { max_artifacts_size: 1 }));
        const mib = Buffer.alloc(1024 * 1024, 'x');
        const job = await running();
        const over = await world.upload(
          job,
          Buffer.concat([mib, Buffer.from('x')]),
          '?artifact_type=sast&artifact_format=raw',
        );
        assert.deepEqual(
          [over.status, over.json],
          [413, { message: 'file size has reached maximum size limit' }],
        );
        async function* endless() {
          for (let n = 0; n < 64; n++) yield mib;
        }
        assert.equal(
          (await world.upload(job, endless(), '?artifact_type=sast&artifact_format=raw')).status,
          413,
        );
        assert.equal((await world.upload(job, mib, '?artifact_type=sast&artifact_format=raw')).status, 201);
        await world.world.db.transaction((tx) => changeInstanceSettings(tx, { max_artifacts_size: 100 }));
      });

      it('that breaks off leaves nothing', async () => {
        const job = await running();
        const url = new URL(world.api.url);
        await new Promise<void>((resolve) => {
          const request = httpRequest({
            host: url.hostname,
            port: url.port,
            path: `/api/v4/jobs/${job.id}/artifacts`,
            method: 'POST',
            headers: { 'job-token': world.tokenOf(job), 'content-type': 'multipart/form-data; boundary=b' },
          });
          request.on('error', () => resolve());
          request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n');
          request.write(ZIP, () => request.destroy());
          request.on('close', () => resolve());
        });
        assert.equal((await world.upload(job, ZIP)).status, 201);
        assert.deepEqual(await types(job), ['archive', 'metadata']);
        // Files of the past belong to somebody or are swept: nothing refused or broken off was left by any test above.
        assert.equal(await sweepOrphans(world.world.db, world.artifacts, Date.now() + DAY), 0);
      });

      it('takes its access level from the job', async () => {
        for (const [yaml, expected] of [
          ['public: false', 'private'],
          ['access: developer', 'private'],
          ['access: maintainer', 'maintainer'],
          ['access: none', 'none'],
          ['access: all', 'public'],
        ]) {
          const job = await running(`one: {script: exit, artifacts: {paths: [x], ${yaml}}}\n`);
          await world.upload(job, ZIP);
          assert.equal((await stored(job))[0]?.accessibility, expected);
        }
      });

      it('of a dotenv report gives variables to later jobs, a wrong one is 400', async () => {
        const job = await running();
        const query = '?artifact_type=dotenv&artifact_format=gzip';
        const wrong = await world.upload(job, gzipSync('no equals sign\n'), query, '.env.gz');
        assert.deepEqual([wrong.status, wrong.json], [400, { message: 'Invalid Format' }]);
        const large = await world.upload(job, gzipSync(`A=${'x'.repeat(5118)}`), query, '.env.gz');
        assert.deepEqual(
          [large.status, large.json],
          [400, { message: 'Dotenv Artifact Too Big. Maximum Allowable Size: 5120' }],
        );
        const { status } = await world.upload(job, gzipSync('A=1\nB = two = 2\n'), query, '.env.gz');
        assert.equal(status, 201);
        const variables = await variablesOfJobs(
          world.world.db.read,
          world.world.encryption,
          [job.id],
          'dotenv',
        );
        assert.deepEqual(variables.get(job.id), [
          { key: 'A', value: '1', raw: false },
          { key: 'B', value: 'two = 2', raw: false },
        ]);
      });
    });

    describe('a running job', () => {
      const dependent = async () => {
        const { one, two } = await world.pipeline(YAML);
        await world.run(one!);
        await world.upload(one!, ZIP);
        await world.move(one!, { type: 'success' });
        await world.run(two!);
        return { one: one!, two: two! };
      };
      const fetch = (job: JobRow, jobToken?: string, query = '') =>
        world.ask(`/api/v4/jobs/${job.id}/artifacts${query}`, jobToken === undefined ? {} : { jobToken });

      it('downloads the archive of another with its own token', async () => {
        const { one, two } = await dependent();
        for (const query of ['', '?direct_download=true']) {
          const { status, bytes, headers } = await fetch(one, world.tokenOf(two), query);
          assert.equal(status, 200);
          assert.ok(bytes.equals(ZIP));
          assert.equal(
            headers['content-disposition'],
            `attachment; filename="artifacts.zip"; filename*=UTF-8''artifacts.zip`,
          );
        }
      });

      it('gets 401 without a living token, 403 for an unknown job, 404 without an archive', async () => {
        const { one, two } = await dependent();
        assert.equal((await fetch(one)).status, 401);
        assert.equal((await fetch(one, world.tokenOf(one))).status, 401);
        assert.equal((await fetch({ ...one, id: 999_999 }, world.tokenOf(two))).status, 403);
        assert.equal((await fetch(two, world.tokenOf(two))).status, 404);
      });
    });
  });
}
